/**
 * The ephemeralOwner field says whose a node is, and by special values that it is nobody's but not plain either. Nodes
 * with a time to live exist only where `zookeeper.extendedTypesEnabled` is set. Mirrors
 * org.apache.zookeeper.server.EphemeralType.
 */
export type OwnerKind = 'none' | 'session' | 'container' | 'ttl';

/** Long.MIN_VALUE. */
export const CONTAINER_OWNER = -(1n << 63n);
const TTL_MASK = 0xffn << 56n;
const TTL_VALUE_MASK = 0xffffffffffn;
export const MAX_TTL_MS = TTL_VALUE_MASK;

export function ownerKind(owner: bigint, extendedTypes: boolean): OwnerKind {
  if (owner === 0n) return 'none';
  if (owner === CONTAINER_OWNER) return 'container';
  if (extendedTypes && (BigInt.asUintN(64, owner) & TTL_MASK) === TTL_MASK) return 'ttl';
  return 'session';
}

/** `ttlMs` in 1..MAX_TTL_MS. */
export function ttlOwner(ttlMs: bigint): bigint {
  return BigInt.asIntN(64, TTL_MASK | ttlMs);
}

export function ttlOf(owner: bigint): bigint {
  return owner & TTL_VALUE_MASK;
}
