/**
 * Turns a client's request into a transaction, on the leader: checks it against the tree as it will be once everything
 * that is already on its way has been applied (the outstanding changes), and decides on versions, sequential names and
 * errors. A refused request becomes an error transaction. Mirrors org.apache.zookeeper.server.PrepRequestProcessor.
 *
 * Calling order: prepare(zxid n), prepare(n + 1), ...; applied(n) after the tree has applied n; clear() when leadership
 * ends.
 */
import { ByteReader, ByteWriter } from '../../base/bytes.js';
import { hasCode } from '../../base/errors.js';
import type { CreateTtlRequest } from '../../wire/zookeeper/client/create-ttl.js';
import { readCreateTtlRequest } from '../../wire/zookeeper/client/create-ttl.js';
import type { CreateRequest } from '../../wire/zookeeper/client/create.js';
import { readCreateRequest } from '../../wire/zookeeper/client/create.js';
import type { CheckVersionRequest } from '../../wire/zookeeper/client/check-version.js';
import type { DeleteRequest } from '../../wire/zookeeper/client/delete.js';
import { readDeleteRequest } from '../../wire/zookeeper/client/delete.js';
import { CreateMode } from '../../wire/zookeeper/client/modes.js';
import { readMultiRequest } from '../../wire/zookeeper/client/multi.js';
import { readReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import type { SetAclRequest } from '../../wire/zookeeper/client/set-acl.js';
import { readSetAclRequest } from '../../wire/zookeeper/client/set-acl.js';
import type { SetDataRequest } from '../../wire/zookeeper/client/set-data.js';
import { readSetDataRequest } from '../../wire/zookeeper/client/set-data.js';
import { Perms } from '../../wire/zookeeper/data/acl.js';
import type { StatPersisted } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { TxnHeader } from '../../wire/zookeeper/txn/header.js';
import type { SubTxn } from '../../wire/zookeeper/txn/multi-txn.js';
import type { TxnDigest } from '../../wire/zookeeper/txn/txn-digest.js';
import type { TxnRecord } from '../../wire/zookeeper/txn/txn.js';
import { writeTxnRecord } from '../../wire/zookeeper/txn/txn.js';
import type { Request } from '../contract.js';
import { resolveAcl } from './access.js';
import { newStat } from './data-node.js';
import type { DataTree } from './data-tree.js';
import { DIGEST_VERSION, nodeDigest } from './digest.js';
import { CONTAINER_OWNER, MAX_TTL_MS, ownerKind, ttlOwner } from './ephemeral-owner.js';
import { OutstandingChanges } from './outstanding-changes.js';
import type { Live } from './outstanding-changes.js';
import { isSpecialPath, isValidPath, parentOf } from './path.js';

/** What preparing needs to know of sessions, and tells about them. */
export interface SessionAuthority {
  /** OK, SESSIONEXPIRED or SESSIONMOVED: whether `origin` may speak for the session. */
  check(sessionId: bigint, origin: number): number;
  /** A session is being opened through `origin`. */
  open(sessionId: bigint, timeoutMs: number, origin: number): void;
  /** A session is being closed: nothing more is accepted from it. */
  closing(sessionId: bigint): void;
}

export interface PreparedTxn {
  readonly header: TxnHeader;
  readonly record: TxnRecord;
  readonly digest: TxnDigest | undefined;
}

/** Not an Error: refusals are daily business and need no stack. */
class Refusal {
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }
}

export class RequestPreparer {
  readonly #tree: DataTree;
  readonly #sessions: SessionAuthority;
  readonly #extendedTypes: boolean;
  readonly #onExceeded: ((message: string) => void) | undefined;
  readonly #changes: OutstandingChanges;

  /** `onExceeded`: quotas are enforced, and this is told of what exceeds a soft or a hard one. */
  constructor(tree: DataTree, sessions: SessionAuthority, onExceeded?: (message: string) => void) {
    this.#tree = tree;
    this.#onExceeded = onExceeded;
    this.#changes = new OutstandingChanges(tree);
    this.#sessions = sessions;
    this.#extendedTypes = tree.options.extendedTypes;
  }

  get outstanding(): number {
    return this.#changes.size;
  }

  /** `time`: milliseconds since 1970. Never throws for what a client sent. */
  prepare(request: Request, zxid: bigint, time: bigint): PreparedTxn {
    this.#changes.begin();
    const header: TxnHeader = { clientId: request.sessionId, cxid: request.cxid, zxid, time, type: request.op };
    try {
      return this.#done(header, this.#dispatch(header, request));
    } catch (error) {
      let code: number;
      if (error instanceof Refusal) code = error.code;
      else if (hasCode(error, 'MALFORMED')) code = ErrorCode.MARSHALLINGERROR;
      else throw error;
      // Nothing changes, and Apache sends no digest with it either.
      return {
        header: { ...header, type: Op.error },
        record: { kind: 'error', txn: { err: code } },
        digest: undefined,
      };
    }
  }

  /** The tree has applied everything up to `zxid`. */
  applied(zxid: bigint): void {
    this.#changes.applied(zxid);
  }

  clear(): void {
    this.#changes.clear();
  }

  #done(header: TxnHeader, record: TxnRecord): PreparedTxn {
    return { header, record, digest: { version: DIGEST_VERSION, treeDigest: BigInt(this.#changes.digest) } };
  }

  #dispatch(header: TxnHeader, request: Request): TxnRecord {
    const r = new ByteReader(request.body);
    switch (request.op) {
      case Op.create:
      case Op.create2:
      case Op.createContainer:
        return this.#create(header, request, readCreateRequest(r));
      case Op.createTTL:
        return this.#create(header, request, readCreateTtlRequest(r));
      case Op.delete:
        this.#checkSession(request);
        return this.#delete(header, request, readDeleteRequest(r));
      case Op.deleteContainer:
        // Only servers ask for it, in nobody's name.
        if (request.sessionId !== 0n) throw new Refusal(ErrorCode.BADARGUMENTS);
        return this.#deleteContainer(header, request.body.toString('utf8'));
      case Op.setData:
        this.#checkSession(request);
        return this.#setData(header, request, readSetDataRequest(r));
      case Op.setACL:
        this.#checkSession(request);
        return this.#setAcl(header, request, readSetAclRequest(r));
      case Op.multi:
        return this.#multi(header, request);
      case Op.createSession: {
        const timeOut = r.i32();
        this.#sessions.open(request.sessionId, timeOut, request.origin);
        return { kind: 'createSession', txn: { timeOut } };
      }
      case Op.closeSession:
        return this.#closeSession(header, request.sessionId);
      case Op.reconfig:
        readReconfigRequest(r);
        throw new Refusal(ErrorCode.RECONFIGDISABLED);
      default:
        throw new Refusal(ErrorCode.UNIMPLEMENTED);
    }
  }

  #create(header: TxnHeader, request: Request, asked: CreateRequest | CreateTtlRequest): TxnRecord {
    const { type } = header;
    const mode = asked.flags;
    if (mode < CreateMode.PERSISTENT || mode > CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL)
      throw new Refusal(ErrorCode.BADARGUMENTS);
    const ttlMode = mode === CreateMode.PERSISTENT_WITH_TTL || mode === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
    const ttl = 'ttl' in asked ? asked.ttl : -1n;
    if (ttlMode && !this.#extendedTypes) throw new Refusal(ErrorCode.UNIMPLEMENTED);
    if (ttlMode ? ttl <= 0n || ttl > MAX_TTL_MS : ttl >= 0n) throw new Refusal(ErrorCode.BADARGUMENTS);
    this.#checkSession(request);
    let path = asked.path;
    const parentPath = parentOf(path);
    if (parentPath === undefined || path.includes('\0')) throw new Refusal(ErrorCode.BADARGUMENTS);
    const acl = resolveAcl(asked.acl, request.authInfo);
    if (acl === undefined) throw new Refusal(ErrorCode.INVALIDACL);
    const parent = this.#get(parentPath);
    this.#checkAccess(parent, Perms.CREATE, request);
    const cversion = parent.stat.cversion;
    if (
      mode === CreateMode.PERSISTENT_SEQUENTIAL ||
      mode === CreateMode.EPHEMERAL_SEQUENTIAL ||
      mode === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
    ) {
      path += sequenceText(cversion);
    }
    this.#checkPath(path);
    if (this.#changes.find(path) !== undefined) throw new Refusal(ErrorCode.NODEEXISTS);
    if (ownerKind(parent.stat.ephemeralOwner, this.#extendedTypes) === 'session') {
      throw new Refusal(ErrorCode.NOCHILDRENFOREPHEMERALS);
    }
    const { data } = asked;
    this.#checkQuota(path, data?.length ?? 0, 1);
    const parentCVersion = (cversion + 1) | 0;
    let record: TxnRecord;
    let owner = 0n;
    if (type === Op.createContainer) {
      record = { kind: 'createContainer', txn: { path, data, acl, parentCVersion } };
      owner = CONTAINER_OWNER;
    } else if (type === Op.createTTL) {
      if (!ttlMode) throw new Refusal(ErrorCode.BADARGUMENTS);
      record = { kind: 'createTTL', txn: { path, data, acl, parentCVersion, ttl } };
      owner = ttlOwner(ttl);
    } else {
      const ephemeral = mode === CreateMode.EPHEMERAL || mode === CreateMode.EPHEMERAL_SEQUENTIAL;
      record = { kind: 'create', txn: { path, data, acl, ephemeral, parentCVersion } };
      if (ephemeral) owner = request.sessionId;
    }
    const { zxid } = header;
    this.#change(parent, zxid, { ...parent.stat, cversion: parentCVersion, pzxid: zxid }, parent.childCount + 1);
    const stat = newStat(zxid, header.time, owner);
    this.#changes.add({ zxid, path, stat, childCount: 0, acl, data, digest: nodeDigest(path, data, stat) }, 0);
    return record;
  }

  #delete(header: TxnHeader, request: Request, asked: DeleteRequest): TxnRecord {
    const { path } = asked;
    const parent = this.#get(this.#parentForDelete(path));
    this.#checkAccess(parent, Perms.DELETE, request);
    const node = this.#get(path);
    checkVersion(node.stat.version, asked.version);
    if (node.childCount > 0) throw new Refusal(ErrorCode.NOTEMPTY);
    this.#remove(header.zxid, parent, node);
    return { kind: 'delete', txn: { path } };
  }

  #deleteContainer(header: TxnHeader, path: string): TxnRecord {
    const parent = this.#get(this.#parentForDelete(path));
    const node = this.#get(path);
    if (node.childCount > 0) throw new Refusal(ErrorCode.NOTEMPTY);
    const kind = ownerKind(node.stat.ephemeralOwner, this.#extendedTypes);
    // Neither an ephemeral node nor one that was made anew as a plain one since the sweep.
    if (kind !== 'container' && kind !== 'ttl') throw new Refusal(ErrorCode.BADVERSION);
    this.#remove(header.zxid, parent, node);
    return { kind: 'delete', txn: { path } };
  }

  #setData(header: TxnHeader, request: Request, asked: SetDataRequest): TxnRecord {
    const { path, data } = asked;
    this.#checkPath(path);
    const node = this.#get(path);
    this.#checkAccess(node, Perms.WRITE, request);
    this.#checkQuota(path, (data?.length ?? 0) - (node.data?.length ?? 0), 0);
    const version = checkVersion(node.stat.version, asked.version);
    const { zxid, time } = header;
    const stat = { ...node.stat, version, mtime: time, mzxid: zxid };
    this.#changes.add({ ...node, zxid, stat, data, digest: nodeDigest(node.path, data, stat) }, node.digest);
    return { kind: 'setData', txn: { path, data, version } };
  }

  #setAcl(header: TxnHeader, request: Request, asked: SetAclRequest): TxnRecord {
    const { path } = asked;
    this.#checkPath(path);
    const acl = resolveAcl(asked.acl, request.authInfo);
    if (acl === undefined) throw new Refusal(ErrorCode.INVALIDACL);
    const node = this.#get(path);
    this.#checkAccess(node, Perms.ADMIN, request);
    const version = checkVersion(node.stat.aversion, asked.version);
    const stat = { ...node.stat, aversion: version };
    this.#changes.add(
      { ...node, zxid: header.zxid, stat, acl, digest: nodeDigest(node.path, node.data, stat) },
      node.digest,
    );
    return { kind: 'setACL', txn: { path, acl, version } };
  }

  #check(request: Request, asked: CheckVersionRequest): TxnRecord {
    const { path } = asked;
    this.#checkPath(path);
    const node = this.#get(path);
    this.#checkAccess(node, Perms.READ, request);
    return { kind: 'check', txn: { path, version: checkVersion(node.stat.version, asked.version) } };
  }

  #multi(header: TxnHeader, request: Request): TxnRecord {
    const ops = readMultiRequest(new ByteReader(request.body));
    const txns: SubTxn[] = [];
    if (ops.some(({ op }) => op === Op.getData || op === Op.getChildren)) throw new Refusal(ErrorCode.MARSHALLINGERROR);
    this.#changes.beginMulti();
    let failed = false;
    for (const entry of ops) {
      let type: number = Op.error;
      let record: TxnRecord = { kind: 'error', txn: { err: ErrorCode.RUNTIMEINCONSISTENCY } };
      if (!failed) {
        try {
          const part: TxnHeader = { ...header, type: entry.op };
          switch (entry.op) {
            case Op.create:
            case Op.create2:
            case Op.createContainer:
            case Op.createTTL:
              record = this.#create(part, request, entry.request);
              break;
            case Op.delete:
              this.#checkSession(request);
              record = this.#delete(part, request, entry.request);
              break;
            case Op.setData:
              this.#checkSession(request);
              record = this.#setData(part, request, entry.request);
              break;
            case Op.check:
              this.#checkSession(request);
              record = this.#check(request, entry.request);
              break;
            default:
              throw new Refusal(ErrorCode.UNIMPLEMENTED);
          }
          type = entry.op;
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          failed = true;
          record = { kind: 'error', txn: { err: error.code } };
          this.#changes.rollback();
        }
      }
      const w = new ByteWriter();
      writeTxnRecord(w, record);
      txns.push({ type, data: w.take() });
    }
    this.#changes.endMulti();
    return { kind: 'multi', txn: { txns } };
  }

  #closeSession(header: TxnHeader, sessionId: bigint): TxnRecord {
    const paths = this.#changes.ephemeralsOf(sessionId);
    for (const path of paths) {
      const node = this.#changes.find(path);
      const parent = this.#changes.find(parentOf(path)!);
      if (node !== undefined && parent !== undefined) this.#remove(header.zxid, parent, node);
    }
    this.#sessions.closing(sessionId);
    return { kind: 'closeSession', txn: { paths2Delete: [...paths] } };
  }

  #remove(zxid: bigint, parent: Live, node: Live): void {
    this.#change(parent, zxid, { ...parent.stat, pzxid: zxid }, parent.childCount - 1);
    const { path } = node;
    this.#changes.add({ zxid, path, stat: null, childCount: 0, acl: [], data: null, digest: 0 }, node.digest);
  }

  #change(node: Live, zxid: bigint, stat: StatPersisted, childCount: number): void {
    const { path, acl, data } = node;
    this.#changes.add({ zxid, path, stat, childCount, acl, data, digest: nodeDigest(path, data, stat) }, node.digest);
  }

  /** The node as it will be. Throws Refusal NONODE. */
  #get(path: string): Live {
    const node = this.#changes.find(path);
    if (node === undefined) throw new Refusal(ErrorCode.NONODE);
    return node;
  }

  #checkSession(request: Request): void {
    const code = this.#sessions.check(request.sessionId, request.origin);
    if (code !== ErrorCode.OK) throw new Refusal(code);
  }

  #checkAccess(node: Live, perms: number, request: Request): void {
    if (!this.#tree.permits(node.acl, perms, request.authInfo)) throw new Refusal(ErrorCode.NOAUTH);
  }

  #checkQuota(path: string, bytes: number, count: number): void {
    if (this.#onExceeded === undefined) return;
    for (const { hard, message } of this.#tree.quotas.exceededBy(path, bytes, count)) {
      this.#onExceeded(message);
      if (hard) throw new Refusal(ErrorCode.QUOTAEXCEEDED);
    }
  }

  #checkPath(path: string): void {
    if (!isValidPath(path)) throw new Refusal(ErrorCode.BADARGUMENTS);
  }

  #parentForDelete(path: string): string {
    const parent = parentOf(path);
    if (parent === undefined || path.includes('\0') || isSpecialPath(path)) throw new Refusal(ErrorCode.BADARGUMENTS);
    return parent;
  }
}

/** The version afterwards. Throws Refusal BADVERSION. */
function checkVersion(current: number, expected: number): number {
  if (expected !== -1 && expected !== current) throw new Refusal(ErrorCode.BADVERSION);
  return (current + 1) | 0;
}

/** `%010d`: ten places, the sign included. */
function sequenceText(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0');
}
