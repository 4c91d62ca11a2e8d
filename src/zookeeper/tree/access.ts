/**
 * Who may do what: ACL checks and the identities behind them, for the schemes world, ip, digest, auth (expanded when an
 * ACL is set) and super. Mirrors ZooKeeperServer.checkACL, PrepRequestProcessor.fixupACL and the providers in
 * org.apache.zookeeper.server.auth.
 */
import { createHash } from 'node:crypto';
import type { Acl, Id } from '../../wire/zookeeper/data/acl.js';

/** True if one of `identities` has one of the permissions `perms` (bits of Perms). An empty ACL lets everyone in. */
export function isPermitted(acls: readonly Acl[], perms: number, identities: readonly Id[]): boolean {
  if (acls.length === 0) return true;
  for (const acl of acls) {
    if ((acl.perms & perms) !== 0 && acl.id.scheme === 'world' && acl.id.id === 'anyone') return true;
  }
  for (const identity of identities) {
    if (identity.scheme === 'super') return true;
    for (const acl of acls) {
      if ((acl.perms & perms) === 0 || acl.id.scheme !== identity.scheme) continue;
      if (identity.scheme === 'digest' && acl.id.id === identity.id) return true;
      if (identity.scheme === 'ip' && ipMatches(identity.id, acl.id.id)) return true;
    }
  }
  return false;
}

/**
 * The ACL as it will be stored: duplicates gone, `auth` replaced by the requester's own identities. Undefined if it is
 * not valid: empty, of an unknown scheme, malformed for its scheme, or `auth` from someone who has not authenticated.
 */
export function resolveAcl(acls: readonly Acl[], identities: readonly Id[]): Acl[] | undefined {
  const resolved: Acl[] = [];
  const seen: Acl[] = [];
  for (const acl of acls) {
    if (seen.some((other) => same(other, acl))) continue;
    seen.push(acl);
    const { scheme, id } = acl.id;
    if (scheme === 'world' && id === 'anyone') {
      resolved.push(acl);
    } else if (scheme === 'auth') {
      const own = identities.filter((identity) => identity.scheme === 'digest');
      if (own.length === 0) return undefined;
      for (const identity of own) resolved.push({ perms: acl.perms, id: identity });
    } else if ((scheme === 'digest' && id.split(':').length === 2) || (scheme === 'ip' && parseIp(id) !== undefined)) {
      resolved.push(acl);
    } else {
      return undefined;
    }
  }
  return resolved.length === 0 ? undefined : resolved;
}

/** `user:password` -> `user:base64(sha1(user:password))`, the id of the digest scheme. */
export function digestIdentity(userPassword: string): string {
  const user = userPassword.split(':', 1)[0]!;
  return `${user}:${createHash('sha1').update(userPassword, 'utf8').digest('base64')}`;
}

function same(a: Acl, b: Acl): boolean {
  return a.perms === b.perms && a.id.scheme === b.id.scheme && a.id.id === b.id.id;
}

/** `a.b.c.d` or `a.b.c.d/bits`; undefined if it is neither. */
function parseIp(text: string): { address: number; bits: number } | undefined {
  const [host, bitsText, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const parts = host!.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^[+]?\d{1,10}$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  if (bitsText === undefined) return { address, bits: 32 };
  if (!/^\d{1,3}$/.test(bitsText) || Number(bitsText) > 32) return undefined;
  return { address, bits: Number(bitsText) };
}

function ipMatches(address: string, expression: string): boolean {
  const wanted = parseIp(expression);
  const given = parseIp(address);
  if (wanted === undefined || given === undefined) return false;
  const size = 2 ** (32 - wanted.bits);
  return Math.floor(wanted.address / size) === Math.floor(given.address / size);
}
