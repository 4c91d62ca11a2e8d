/**
 * The tree as it will be once everything that is on its way has been applied: the changes of prepared transactions laid
 * over the tree, and its digest after them. Mirrors outstandingChanges and outstandingChangesForPath of
 * org.apache.zookeeper.server.ZooKeeperServer, and rollbackPendingChanges of PrepRequestProcessor.
 */
import type { Acl } from '../../wire/zookeeper/data/acl.js';
import type { StatPersisted } from '../../wire/zookeeper/data/stat.js';
import type { DataTree } from './data-tree.js';
import { canonical } from './path.js';

/** A node as it will be. */
export interface Change {
  readonly zxid: bigint;
  readonly path: string;
  /** null: deleted. */
  readonly stat: StatPersisted | null;
  readonly childCount: number;
  readonly acl: readonly Acl[];
  readonly data: Buffer | null;
  readonly digest: number;
}

export type Live = Change & { readonly stat: StatPersisted };

export class OutstandingChanges {
  readonly #tree: DataTree;
  /** In order of zxid; those before #first are applied. */
  #queue: Change[] = [];
  #first = 0;
  readonly #latest = new Map<string, Change>();
  #digest = 0;
  /** What the changes of the multi at hand replaced, to be put back if it fails. */
  #undo: { readonly mark: number; readonly digest: number; replaced: [string, Change | undefined][] } | undefined;

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#queue.length - this.#first;
  }

  /** Of the tree after all changes. */
  get digest(): number {
    return this.#digest;
  }

  /** A transaction is about to be prepared. */
  begin(): void {
    if (this.size === 0) this.#digest = this.#tree.digest;
  }

  /** The tree has applied everything up to `zxid`. */
  applied(zxid: bigint): void {
    const queue = this.#queue;
    while (this.#first < queue.length && queue[this.#first]!.zxid <= zxid) {
      const change = queue[this.#first++]!;
      if (this.#latest.get(change.path) === change) this.#latest.delete(change.path);
    }
    if (this.#first === queue.length) {
      if (queue.length > 0) this.#queue = [];
      this.#first = 0;
    } else if (this.#first > 4096) {
      this.#queue = queue.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#queue = [];
    this.#first = 0;
    this.#latest.clear();
    this.#undo = undefined;
  }

  add(change: Change, previousDigest: number): void {
    this.#undo?.replaced.push([change.path, this.#latest.get(change.path)]);
    this.#queue.push(change);
    this.#latest.set(change.path, change);
    this.#digest += change.digest - previousDigest;
  }

  /** From here on changes can be taken back, until `endMulti`. */
  beginMulti(): void {
    this.#undo = { mark: this.#queue.length, digest: this.#digest, replaced: [] };
  }

  endMulti(): void {
    this.#undo = undefined;
  }

  /** Takes back every change since `beginMulti`. */
  rollback(): void {
    const { mark, digest, replaced } = this.#undo!;
    this.#queue.length = mark;
    for (let i = replaced.length - 1; i >= 0; i--) {
      const [path, previous] = replaced[i]!;
      if (previous === undefined) this.#latest.delete(path);
      else this.#latest.set(path, previous);
    }
    this.#digest = digest;
    this.beginMulti();
  }

  /** The node as it will be. */
  find(path: string): Live | undefined {
    const at = canonical(path);
    const change = this.#latest.get(at);
    if (change !== undefined) return change.stat === null ? undefined : (change as Live);
    const node = this.#tree.nodes.get(at);
    if (node === undefined) return undefined;
    return {
      zxid: -1n,
      path: at,
      // A copy: the tree changes its own in place, and what is outstanding must not follow.
      stat: { ...node.stat },
      childCount: node.childCount,
      acl: this.#tree.aclOf(node),
      data: node.data,
      digest: this.#tree.digestOf(at, node),
    };
  }

  /** The ephemeral nodes that the session will have. */
  ephemeralsOf(sessionId: bigint): Set<string> {
    const paths = new Set(this.#tree.ephemerals.get(sessionId));
    for (let i = this.#first; i < this.#queue.length; i++) {
      const change = this.#queue[i]!;
      if (change.stat === null) paths.delete(change.path);
      else if (change.stat.ephemeralOwner === sessionId) paths.add(change.path);
    }
    return paths;
  }
}
