/**
 * The tree of nodes: what committed transactions make of it, and what reads see of it. Knows no clients (watchers are
 * an interface), no log and no clock: two trees that apply the same transactions are equal. Mirrors
 * org.apache.zookeeper.server.DataTree.
 *
 * The root's path is '' inside (see path.ts). Every change goes through #before and #after, so that the digest stays
 * right.
 */
import { LabError } from '../../base/errors.js';
import { WatchEventType } from '../../wire/zookeeper/client/modes.js';
import type { Acl, Id } from '../../wire/zookeeper/data/acl.js';
import { READ_ACL_UNSAFE } from '../../wire/zookeeper/data/acl.js';
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { TxnHeader } from '../../wire/zookeeper/txn/header.js';
import type { MultiTxn } from '../../wire/zookeeper/txn/multi-txn.js';
import type { TxnRecord } from '../../wire/zookeeper/txn/txn.js';
import { readMultiParts } from '../../wire/zookeeper/txn/txn.js';
import { isPermitted } from './access.js';
import { AclCache, OPEN_ACL_ID } from './acl-cache.js';
import { DataNode, newStat } from './data-node.js';
import { nodeDigest } from './digest.js';
import { CONTAINER_OWNER, ttlOwner } from './ephemeral-owner.js';
import { OwnedNodes } from './owned-nodes.js';
import type { EphemeralListener } from './owned-nodes.js';
import { CONFIG_PATH, PROC_PATH, canonical, nameOf, parentOf } from './path.js';
import { QUOTA_PATH, Quotas } from './quota.js';
import { result } from './txn-result.js';
import type { TxnResult } from './txn-result.js';
import { WatchTable } from './watches.js';

export interface DataTreeOptions {
  /** `zookeeper.extendedTypesEnabled`: nodes with a time to live exist. */
  readonly extendedTypes: boolean;
  /** `zookeeper.skipACL`: everybody may do everything. */
  readonly skipAcl?: boolean;
  readonly onEphemeral?: EphemeralListener | undefined;
}

export class DataTree {
  readonly options: DataTreeOptions;
  readonly nodes = new Map<string, DataNode>();
  readonly acls = new AclCache();
  readonly dataWatches = new WatchTable();
  readonly childWatches = new WatchTable();
  readonly #owned: OwnedNodes;
  readonly quotas = new Quotas(this.nodes, (node, data) => this.#replaceData(node, data));
  #digest = 0;
  #dataSize = 0;

  constructor(options: DataTreeOptions) {
    this.options = options;
    this.#owned = new OwnedNodes(options.extendedTypes, options.onEphemeral);
    this.clear();
  }

  /** Paths by owning session, in order of creation. */
  get ephemerals(): ReadonlyMap<bigint, ReadonlySet<string>> {
    return this.#owned.ephemerals;
  }

  get containers(): ReadonlySet<string> {
    return this.#owned.containers;
  }

  /** Nodes with a time to live. */
  get ttls(): ReadonlySet<string> {
    return this.#owned.ttls;
  }

  /** As of zxid 0: the root and ZooKeeper's own nodes. Watches stay. */
  clear(): void {
    this.#empty();
    const root = this.#place('', new DataNode(Buffer.alloc(0), OPEN_ACL_ID, newStat(0n, 0n, 0n)));
    root.children = new Set(['zookeeper']);
    const proc = this.#place(PROC_PATH, new DataNode(Buffer.alloc(0), OPEN_ACL_ID, newStat(0n, 0n, 0n)));
    proc.children = new Set(['quota', 'config']);
    this.#place(QUOTA_PATH, new DataNode(Buffer.alloc(0), OPEN_ACL_ID, newStat(0n, 0n, 0n)));
    const config = this.#place(
      CONFIG_PATH,
      new DataNode(Buffer.alloc(0), this.acls.use(READ_ACL_UNSAFE), newStat(0n, 0n, 0n)),
    );
    config.stat.aversion = -1;
  }

  /** Removes every node, even the root: only for whoever fills it again (see snapshot.ts). */
  #empty(): void {
    this.nodes.clear();
    this.acls.clear();
    this.#owned.clear();
    this.quotas.clear();
    this.#digest = 0;
    this.#dataSize = 0;
  }

  /** Starts a restore: `place` each node of the snapshot, parents first, then `placed`. */
  beginRestore(): void {
    this.#empty();
  }

  /** Puts in a node of a snapshot. Its ACL must be in the table. Throws LabError MALFORMED if its parent is missing. */
  place(path: string, node: DataNode): void {
    if (this.nodes.has(path)) throw new LabError('MALFORMED', `malformed snapshot: ${path} is there twice`);
    if (path !== '') {
      const parent = this.nodes.get(parentOf(path) ?? '?');
      if (parent === undefined) throw new LabError('MALFORMED', `malformed snapshot: the parent of ${path} is missing`);
      (parent.children ??= new Set()).add(nameOf(path));
      this.#owned.add(path, node.stat.ephemeralOwner);
    }
    this.acls.useAgain(node.acl);
    this.#place(path, node);
  }

  /** Ends a restore. */
  placed(): void {
    if (!this.nodes.has('')) throw new LabError('MALFORMED', 'malformed snapshot: there is no root');
    this.acls.purgeUnused();
    this.quotas.restore();
  }

  /** Takes `/` and ''. */
  node(path: string): DataNode | undefined {
    return this.nodes.get(canonical(path));
  }

  aclOf(node: DataNode): readonly Acl[] {
    return this.acls.get(node.acl);
  }

  /** The ACL as far as watchers are held to it. */
  #guard(acl: readonly Acl[]): readonly Acl[] | undefined {
    return this.options.skipAcl === true ? undefined : acl;
  }

  /** True if one of `identities` has one of the permissions `perms` (bits of Perms). */
  permits(acl: readonly Acl[], perms: number, identities: readonly Id[]): boolean {
    return this.options.skipAcl === true || isPermitted(acl, perms, identities);
  }

  statOf(node: DataNode): Stat {
    return node.clientStat(this.options.extendedTypes);
  }

  /** Sum of all nodes' digests. */
  get digest(): number {
    return this.#digest;
  }

  digestOf(path: string, node: DataNode): number {
    if (node.digest === -1) node.digest = nodeDigest(path, node.data, node.stat);
    return node.digest;
  }

  /** As ZooKeeper counts: the root twice. */
  get nodeCount(): number {
    return this.nodes.size + 1;
  }

  /** Bytes of paths and data, the root's twice. */
  get approximateDataSize(): number {
    return this.#dataSize + 1 + (this.nodes.get('')?.data?.length ?? 0);
  }

  get ephemeralCount(): number {
    let count = 0;
    for (const paths of this.ephemerals.values()) count += paths.size;
    return count;
  }

  /** All nodes below `path`. */
  countBelow(path: string): number {
    if (path === '/') return this.nodes.size - 1;
    // Not a path, but answered by every server: the root is counted below itself.
    if (path === '') return this.nodes.size;
    const prefix = `${path}/`;
    let count = 0;
    for (const other of this.nodes.keys()) if (other.startsWith(prefix)) count++;
    return count;
  }

  /**
   * Applies a committed transaction. Errors of the tree come back in the result: they are the same on every server, and
   * harmless when a transaction is applied over a snapshot that has it already.
   */
  apply(header: TxnHeader, record: TxnRecord): TxnResult {
    switch (record.kind) {
      case 'create': {
        const { path, data, acl, ephemeral, parentCVersion } = record.txn;
        const owner = ephemeral ? header.clientId : 0n;
        return this.#create(header, path, data, acl, owner, parentCVersion);
      }
      case 'createContainer': {
        const { path, data, acl, parentCVersion } = record.txn;
        return this.#create(header, path, data, acl, CONTAINER_OWNER, parentCVersion);
      }
      case 'createTTL': {
        const { path, data, acl, parentCVersion, ttl } = record.txn;
        return this.#create(header, path, data, acl, ttlOwner(ttl), parentCVersion);
      }
      case 'delete': {
        const { path } = record.txn;
        return result(header.type, this.#delete(path, header.zxid), path);
      }
      case 'setData': {
        const { path, data, version } = record.txn;
        return this.#setData(header, path, data, version);
      }
      case 'setACL': {
        const { path, acl, version } = record.txn;
        return this.#setAcl(header.type, path, acl, version);
      }
      case 'check':
        return result(header.type, ErrorCode.OK, record.txn.path);
      case 'multi':
        return this.#multi(header, record.txn);
      case 'createSession':
        return result(header.type, ErrorCode.OK, '');
      case 'closeSession':
        this.#closeSession(header, record.txn?.paths2Delete ?? []);
        return result(header.type, ErrorCode.OK, '');
      case 'error':
        return result(Op.error, record.txn.err, '');
    }
  }

  /** The configuration node is each server's own affair (no transaction): what `server.N` lines it runs with. */
  setConfig(text: string, time: bigint): void {
    const node = this.nodes.get(CONFIG_PATH);
    if (node === undefined) return;
    this.#replaceData(node, Buffer.from(text));
    node.stat.version = -1;
    node.stat.mtime = time;
  }

  #create(
    header: TxnHeader,
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    owner: bigint,
    parentCVersion: number,
  ): TxnResult {
    const { type, zxid, time } = header;
    const parentPath = parentOf(path);
    const parent = parentPath === undefined ? undefined : this.nodes.get(parentPath);
    if (parentPath === undefined || parent === undefined) return result(type, ErrorCode.NONODE, path);
    const counted = parentCVersion === -1 ? parent.stat.cversion + 1 : parentCVersion;
    const exists = this.nodes.has(path);
    // Over a snapshot that is ahead, a parent may already know better. Also if the node is there: it may have been
    // another session's.
    if (counted > parent.stat.cversion) {
      this.#before(parentPath, parent);
      parent.stat.cversion = counted;
      parent.stat.pzxid = zxid;
      this.#after(parentPath, parent);
    }
    if (exists) return result(type, ErrorCode.NODEEXISTS, path);
    const name = path.slice(parentPath.length + 1);
    (parent.children ??= new Set()).add(name);
    const node = this.#place(path, new DataNode(data, this.acls.use(acl), newStat(zxid, time, owner)));
    this.#owned.add(path, owner, zxid);
    // As it was created, before a quota counts anything into it. `create` answers with the path alone.
    const stat = type === Op.create ? undefined : this.statOf(node);
    this.quotas.created(path, data);
    this.dataWatches.trigger(path, WatchEventType.NodeCreated, this.#guard(acl));
    this.childWatches.trigger(
      parentPath === '' ? '/' : parentPath,
      WatchEventType.NodeChildrenChanged,
      this.#guard(this.aclOf(parent)),
    );
    return result(type, ErrorCode.OK, path, stat);
  }

  #delete(path: string, zxid: bigint): number {
    const parentPath = parentOf(path);
    const parent = parentPath === undefined ? undefined : this.nodes.get(parentPath);
    if (parentPath === undefined || parent === undefined) return ErrorCode.NONODE;
    // Also if the node is gone already: over a snapshot that is ahead the parent's pzxid must still come out right.
    parent.children?.delete(nameOf(path));
    if (zxid > parent.stat.pzxid) {
      this.#before(parentPath, parent);
      parent.stat.pzxid = zxid;
      this.#after(parentPath, parent);
    }
    const node = this.nodes.get(path);
    if (node === undefined || path === '') return ErrorCode.NONODE;
    this.#before(path, node);
    this.nodes.delete(path);
    this.#dataSize -= path.length + (node.data?.length ?? 0);
    const acl = this.#guard(this.aclOf(node));
    this.acls.release(node.acl);
    this.#owned.remove(path, node.stat.ephemeralOwner, zxid);
    this.quotas.deleted(path, node.data);
    const told = this.dataWatches.trigger(path, WatchEventType.NodeDeleted, acl);
    this.childWatches.trigger(path, WatchEventType.NodeDeleted, acl, told);
    this.childWatches.trigger(
      parentPath === '' ? '/' : parentPath,
      WatchEventType.NodeChildrenChanged,
      this.#guard(this.aclOf(parent)),
    );
    return ErrorCode.OK;
  }

  #setData(header: TxnHeader, path: string, data: Buffer | null, version: number): TxnResult {
    const at = canonical(path);
    const node = this.nodes.get(at);
    if (node === undefined) return result(header.type, ErrorCode.NONODE, path);
    const grown = (data?.length ?? 0) - (node.data?.length ?? 0);
    this.#before(at, node);
    node.data = data;
    node.stat.mtime = header.time;
    node.stat.mzxid = header.zxid;
    node.stat.version = version;
    this.#after(at, node);
    this.#dataSize += grown;
    const stat = this.statOf(node);
    this.quotas.changed(path, grown, 0);
    this.dataWatches.trigger(path, WatchEventType.NodeDataChanged, this.#guard(this.aclOf(node)));
    return result(header.type, ErrorCode.OK, path, stat);
  }

  #setAcl(type: number, path: string, acl: readonly Acl[], version: number): TxnResult {
    const at = canonical(path);
    const node = this.nodes.get(at);
    if (node === undefined) return result(type, ErrorCode.NONODE, path);
    this.#before(at, node);
    const previous = node.acl;
    node.acl = this.acls.use(acl);
    this.acls.release(previous);
    node.stat.aversion = version;
    this.#after(at, node);
    return result(type, ErrorCode.OK, path, this.statOf(node));
  }

  #multi(header: TxnHeader, multi: MultiTxn): TxnResult {
    const records = readMultiParts(multi);
    const failed = records.some((record) => record.kind === 'error');
    const parts: TxnResult[] = [];
    let past = false;
    let err: number = ErrorCode.OK;
    for (const [i, record] of records.entries()) {
      let part: TxnResult;
      if (record.kind === 'error') {
        past = true;
        part = result(Op.error, record.txn.err, '');
      } else if (failed) {
        part = result(Op.error, past ? ErrorCode.RUNTIMEINCONSISTENCY : ErrorCode.OK, '');
      } else {
        part = this.apply({ ...header, type: multi.txns[i]!.type }, record);
      }
      parts.push(part);
      if (err === ErrorCode.OK) err = part.err;
    }
    return { type: header.type, err, path: '', stat: undefined, parts };
  }

  #closeSession(header: TxnHeader, listed: readonly string[]): void {
    const session = header.clientId;
    const own = this.ephemerals.get(session);
    // The leader's list first, as every server does it; what it does not name goes too: nothing outlives its session.
    for (const path of listed) this.#delete(path, header.zxid);
    if (own !== undefined) for (const path of [...own]) this.#delete(path, header.zxid);
    this.#owned.ephemerals.delete(session);
  }

  #place(path: string, node: DataNode): DataNode {
    this.nodes.set(path, node);
    this.#digest += this.digestOf(path, node);
    this.#dataSize += path.length + (node.data?.length ?? 0);
    return node;
  }

  #before(path: string, node: DataNode): void {
    this.#digest -= this.digestOf(path, node);
  }

  #after(path: string, node: DataNode): void {
    node.digest = -1;
    this.#digest += this.digestOf(path, node);
  }

  #replaceData(node: DataNode, data: Buffer): void {
    this.#dataSize += data.length - (node.data?.length ?? 0);
    node.data = data;
  }
}
