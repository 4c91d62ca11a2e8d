/**
 * The calls of a ZooKeeper client, with callbacks: each writes its request and says how its answer is read. The
 * session, its connections and the matching of answers are the shell's (session-shell.ts). Every call is pipelined:
 * what is asked for during one turn leaves as one write, and nothing waits for an earlier answer. `ZooKeeperClient`
 * (client.ts) is the same with promises. Mirrors the asynchronous half of org.apache.zookeeper.ZooKeeper.
 */
import type { ByteReader } from '../../base/bytes.js';
import { readUstring } from '../../wire/jute/jute.js';
import { AddWatchMode, CreateMode, WatchEventType, WatcherType } from '../../wire/zookeeper/client/modes.js';
import { writeAddWatchRequest } from '../../wire/zookeeper/client/add-watch.js';
import { readCreate2Response } from '../../wire/zookeeper/client/create2-response.js';
import { writeCreateTtlRequest } from '../../wire/zookeeper/client/create-ttl.js';
import { writeCreateRequest } from '../../wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../wire/zookeeper/client/delete.js';
import { writeExistsRequest } from '../../wire/zookeeper/client/exists.js';
import { readGetAclResponse } from '../../wire/zookeeper/client/get-acl-response.js';
import { writeGetAclRequest } from '../../wire/zookeeper/client/get-acl.js';
import { readGetAllChildrenNumberResponse } from '../../wire/zookeeper/client/get-all-children-number-response.js';
import { writeGetAllChildrenNumberRequest } from '../../wire/zookeeper/client/get-all-children-number.js';
import { readGetChildren2Response } from '../../wire/zookeeper/client/get-children2-response.js';
import { writeGetChildrenRequest } from '../../wire/zookeeper/client/get-children.js';
import { readGetDataResponse } from '../../wire/zookeeper/client/get-data-response.js';
import { writeGetDataRequest } from '../../wire/zookeeper/client/get-data.js';
import { readGetEphemeralsResponse } from '../../wire/zookeeper/client/get-ephemerals-response.js';
import { writeGetEphemeralsRequest } from '../../wire/zookeeper/client/get-ephemerals.js';
import { readMultiResponse, writeMultiRequest } from '../../wire/zookeeper/client/multi.js';
import type { MultiOp, MultiResult } from '../../wire/zookeeper/client/multi.js';
import { writeReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import type { ReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import { writeRemoveWatchesRequest } from '../../wire/zookeeper/client/remove-watches.js';
import { writeSetAclRequest } from '../../wire/zookeeper/client/set-acl.js';
import { writeSetDataRequest } from '../../wire/zookeeper/client/set-data.js';
import { readStatResponse } from '../../wire/zookeeper/client/stat-response.js';
import { writeSyncRequest } from '../../wire/zookeeper/client/sync.js';
import { readWhoAmIResponse } from '../../wire/zookeeper/client/who-am-i-response.js';
import type { Acl } from '../../wire/zookeeper/data/acl.js';
import type { ClientInfo } from '../../wire/zookeeper/data/client-info.js';
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { validatePath } from './path.js';
import type { WatchKind, Watcher } from './watches.js';
import { SessionShell } from './session-shell.js';
import type { Callback } from './packet-queue.js';

export interface RemoveWatchesOptions {
  /** Default: any. */
  readonly type?: WatcherType;
  readonly local?: boolean;
}

export class Connection extends SessionShell {
  /**
   * `mode` a CreateMode; `ttlMs` only for the modes with a time to live. The result is the path made, with its number
   * if sequential.
   */
  create(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    mode: CreateMode,
    callback: Callback<string>,
    ttlMs?: bigint,
  ): void {
    validatePath(path, isSequential(mode));
    const serverPath = this.chroot.toServer(path);
    if (mode === CreateMode.CONTAINER) {
      const w = this.open(Op.createContainer, path, this.#readCreate2Path, callback);
      writeCreateRequest(w, { path: serverPath, data, acl, flags: mode });
    } else if (mode === CreateMode.PERSISTENT_WITH_TTL || mode === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL) {
      const w = this.open(Op.createTTL, path, this.#readCreate2Path, callback);
      writeCreateTtlRequest(w, { path: serverPath, data, acl, flags: mode, ttl: ttlMs ?? 0n });
    } else {
      const w = this.open(Op.create, path, this.#readCreatePath, callback);
      writeCreateRequest(w, { path: serverPath, data, acl, flags: mode });
    }
    this.seal();
  }

  /** As `create`, with the new node's Stat. */
  create2(
    path: string,
    data: Buffer | null,
    acl: readonly Acl[],
    mode: CreateMode,
    callback: Callback<{ path: string; stat: Stat }>,
  ): void {
    validatePath(path, isSequential(mode));
    const w = this.open(Op.create2, path, this.#readCreate2, callback);
    writeCreateRequest(w, { path: this.chroot.toServer(path), data, acl, flags: mode });
    this.seal();
  }

  /** `version` -1: any. */
  delete(path: string, version: number, callback: Callback<void>): void {
    validatePath(path);
    const w = this.open(Op.delete, path, undefined, callback);
    writeDeleteRequest(w, { path: this.chroot.toServer(path), version });
    this.seal();
  }

  /** NONODE is an answer too: with a watcher, it then fires when the node is created. */
  exists(path: string, watcher: Watcher | undefined, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.open(Op.exists, path, readStatReply, callback, watcher, 'exist');
    writeExistsRequest(w, { path: this.chroot.toServer(path), watch: watcher !== undefined });
    this.seal();
  }

  getData(path: string, watcher: Watcher | undefined, callback: Callback<{ data: Buffer | null; stat: Stat }>): void {
    validatePath(path);
    const w = this.open(Op.getData, path, readGetDataResponse, callback, watcher, 'data');
    writeGetDataRequest(w, { path: this.chroot.toServer(path), watch: watcher !== undefined });
    this.seal();
  }

  setData(path: string, data: Buffer | null, version: number, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.open(Op.setData, path, readStatReply, callback);
    writeSetDataRequest(w, { path: this.chroot.toServer(path), data, version });
    this.seal();
  }

  getChildren(
    path: string,
    watcher: Watcher | undefined,
    callback: Callback<{ children: readonly string[]; stat: Stat }>,
  ): void {
    validatePath(path);
    const w = this.open(Op.getChildren2, path, readGetChildren2Response, callback, watcher, 'child');
    writeGetChildrenRequest(w, { path: this.chroot.toServer(path), watch: watcher !== undefined });
    this.seal();
  }

  getAcl(path: string, callback: Callback<{ acl: readonly Acl[]; stat: Stat }>): void {
    validatePath(path);
    const w = this.open(Op.getACL, path, readGetAclResponse, callback);
    writeGetAclRequest(w, { path: this.chroot.toServer(path) });
    this.seal();
  }

  /** `version` of the ACL, -1: any. */
  setAcl(path: string, acl: readonly Acl[], version: number, callback: Callback<Stat>): void {
    validatePath(path);
    const w = this.open(Op.setACL, path, readStatReply, callback);
    writeSetAclRequest(w, { path: this.chroot.toServer(path), acl, version });
    this.seal();
  }

  /** Answers once the server has caught up with what the leader had when it was asked. */
  sync(path: string, callback: Callback<void>): void {
    validatePath(path);
    const w = this.open(Op.sync, path, undefined, callback);
    writeSyncRequest(w, { path: this.chroot.toServer(path) });
    this.seal();
  }

  /**
   * All or nothing. The code is 0 even if the transaction was refused: the results tell (an entry `error` with a code
   * that is not 0); paths are the caller's, below the chroot.
   */
  multi(ops: readonly MultiOp[], callback: Callback<readonly MultiResult[]>): void {
    for (const entry of ops)
      validatePath(entry.request.path, 'flags' in entry.request && isSequential(entry.request.flags));
    const reads = ops.length > 0 && (ops[0]!.op === Op.getData || ops[0]!.op === Op.getChildren);
    const w = this.open(reads ? Op.multiRead : Op.multi, undefined, this.#readMulti, callback);
    writeMultiRequest(w, this.chroot.isRoot ? ops : ops.map((entry) => this.#rooted(entry)));
    this.seal();
  }

  /** A watch that stays: on the node (`recursive` false) or on it and all below. */
  addWatch(path: string, recursive: boolean, watcher: Watcher, callback: Callback<void>): void {
    validatePath(path);
    const w = this.open(
      Op.addWatch,
      path,
      undefined,
      callback,
      watcher,
      recursive ? 'persistentRecursive' : 'persistent',
    );
    writeAddWatchRequest(w, {
      path: this.chroot.toServer(path),
      mode: recursive ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT,
    });
    this.seal();
  }

  /**
   * Takes watches off the path, here and on the server; their watchers are told (`DataWatchRemoved` and the like).
   * `local`: here even if the server cannot be asked. NOWATCHER if there was none.
   */
  removeWatches(path: string, options: RemoveWatchesOptions, callback: Callback<void>): void {
    validatePath(path);
    const { type = WatcherType.Any, local = false } = options;
    const done: Callback<void> = (code) => {
      if (code !== ErrorCode.OK && !(local && code === ErrorCode.CONNECTIONLOSS)) return callback(code, undefined);
      const removed = REMOVED_BY[type].flatMap(({ kinds, event }) =>
        this.watches.remove(kinds, path).map((watcher) => ({ watcher, event })),
      );
      callback(removed.length > 0 ? ErrorCode.OK : ErrorCode.NOWATCHER, undefined);
      for (const { watcher, event } of removed) watcher({ type: event, path });
    };
    const w = this.open(Op.removeWatches, path, undefined, done);
    writeRemoveWatchesRequest(w, { path: this.chroot.toServer(path), type });
    this.seal();
  }

  /** Changes the ensemble's members; the result is the new content of /zookeeper/config. */
  reconfig(request: ReconfigRequest, callback: Callback<{ data: Buffer | null; stat: Stat }>): void {
    const w = this.open(Op.reconfig, undefined, readGetDataResponse, callback);
    writeReconfigRequest(w, request);
    this.seal();
  }

  getEphemerals(prefixPath: string, callback: Callback<readonly string[]>): void {
    validatePath(prefixPath);
    const w = this.open(Op.getEphemerals, prefixPath, this.#readEphemerals, callback);
    writeGetEphemeralsRequest(w, { prefixPath: this.chroot.toServer(prefixPath) });
    this.seal();
  }

  getAllChildrenNumber(path: string, callback: Callback<number>): void {
    validatePath(path);
    const w = this.open(Op.getAllChildrenNumber, path, readAllChildrenNumber, callback);
    writeGetAllChildrenNumberRequest(w, { path: this.chroot.toServer(path) });
    this.seal();
  }

  whoAmI(callback: Callback<readonly ClientInfo[]>): void {
    this.open(Op.whoAmI, undefined, readWhoAmI, callback);
    this.seal();
  }

  #rooted(entry: MultiOp): MultiOp {
    return { op: entry.op, request: { ...entry.request, path: this.chroot.toServer(entry.request.path) } } as MultiOp;
  }

  readonly #readCreatePath = (r: ByteReader): string => this.chroot.toClient(readUstring(r));

  readonly #readCreate2 = (r: ByteReader): { path: string; stat: Stat } => {
    const { path, stat } = readCreate2Response(r);
    return { path: this.chroot.toClient(path), stat };
  };

  readonly #readCreate2Path = (r: ByteReader): string => this.chroot.toClient(readCreate2Response(r).path);

  readonly #readEphemerals = (r: ByteReader): readonly string[] =>
    readGetEphemeralsResponse(r).ephemerals.map((path) => this.chroot.toClient(path));

  readonly #readMulti = (r: ByteReader): readonly MultiResult[] => {
    const results = readMultiResponse(r);
    return this.chroot.isRoot
      ? results
      : results.map((result) => ('path' in result ? { ...result, path: this.chroot.toClient(result.path) } : result));
  };
}

/** Which watches each type of removal takes, and what their watchers are told. */
const REMOVED_BY: Readonly<
  Record<WatcherType, readonly { readonly kinds: readonly WatchKind[]; readonly event: WatchEventType }[]>
> = (() => {
  const child = { kinds: ['child'], event: WatchEventType.ChildWatchRemoved } as const;
  const data = { kinds: ['data', 'exist'], event: WatchEventType.DataWatchRemoved } as const;
  const lasting = {
    kinds: ['persistent', 'persistentRecursive'],
    event: WatchEventType.PersistentWatchRemoved,
  } as const;
  return {
    [WatcherType.Children]: [child],
    [WatcherType.Data]: [data],
    [WatcherType.Any]: [child, data, lasting],
  };
})();

const SEQUENTIAL: readonly number[] = [
  CreateMode.PERSISTENT_SEQUENTIAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
  CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
];

function isSequential(mode: number): boolean {
  return SEQUENTIAL.includes(mode);
}

function readStatReply(r: ByteReader): Stat {
  return readStatResponse(r).stat;
}

function readAllChildrenNumber(r: ByteReader): number {
  return readGetAllChildrenNumberResponse(r).totalNumber;
}

function readWhoAmI(r: ByteReader): readonly ClientInfo[] {
  return readWhoAmIResponse(r).clientInfo;
}
