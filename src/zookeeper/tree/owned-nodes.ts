/**
 * Which nodes are not plain ones: ephemeral nodes by their session, containers, and nodes with a time to live. Mirrors
 * the fields ephemerals, containers and ttls of org.apache.zookeeper.server.DataTree.
 */
import { ownerKind } from './ephemeral-owner.js';

/** Told of every ephemeral node that comes or goes; for the simulator's checks. */
export type EphemeralListener = (change: 'created' | 'deleted', path: string, session: bigint, zxid: bigint) => void;

export class OwnedNodes {
  /** Paths by owning session, in order of creation. */
  readonly ephemerals = new Map<bigint, Set<string>>();
  readonly containers = new Set<string>();
  readonly ttls = new Set<string>();
  readonly #extendedTypes: boolean;
  readonly #onEphemeral: EphemeralListener | undefined;

  constructor(extendedTypes: boolean, onEphemeral: EphemeralListener | undefined) {
    this.#extendedTypes = extendedTypes;
    this.#onEphemeral = onEphemeral;
  }

  clear(): void {
    this.ephemerals.clear();
    this.containers.clear();
    this.ttls.clear();
  }

  /** `owner`: a node's ephemeralOwner; without `zxid` nobody is told. */
  add(path: string, owner: bigint, zxid?: bigint): void {
    switch (ownerKind(owner, this.#extendedTypes)) {
      case 'none':
        return;
      case 'container':
        this.containers.add(path);
        return;
      case 'ttl':
        this.ttls.add(path);
        return;
      case 'session': {
        let paths = this.ephemerals.get(owner);
        if (paths === undefined) {
          paths = new Set();
          this.ephemerals.set(owner, paths);
        }
        paths.add(path);
        if (zxid !== undefined) this.#onEphemeral?.('created', path, owner, zxid);
        return;
      }
    }
  }

  remove(path: string, owner: bigint, zxid: bigint): void {
    switch (ownerKind(owner, this.#extendedTypes)) {
      case 'none':
        return;
      case 'container':
        this.containers.delete(path);
        return;
      case 'ttl':
        this.ttls.delete(path);
        return;
      case 'session': {
        const paths = this.ephemerals.get(owner);
        paths?.delete(path);
        if (paths?.size === 0) this.ephemerals.delete(owner);
        this.#onEphemeral?.('deleted', path, owner, zxid);
        return;
      }
    }
  }
}
