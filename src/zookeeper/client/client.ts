/**
 * A ZooKeeper client with promises: one session on an ensemble, all common calls. Failures reject with a LabError whose
 * code is KeeperException's name for it (`NoNode`, `NodeExists`, `BadVersion`, `ConnectionLoss`, `SessionExpired`,
 * `NoAuth`, ...). For workloads that pipeline thousands of calls, `connection` offers the same with callbacks. Mirrors
 * org.apache.zookeeper.ZooKeeper.
 */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { CreateMode } from '../../wire/zookeeper/client/modes.js';
import type { MultiOp, MultiResult } from '../../wire/zookeeper/client/multi.js';
import type { ReconfigRequest } from '../../wire/zookeeper/client/reconfig.js';
import { OPEN_ACL_UNSAFE } from '../../wire/zookeeper/data/acl.js';
import type { Acl } from '../../wire/zookeeper/data/acl.js';
import type { ClientInfo } from '../../wire/zookeeper/data/client-info.js';
import type { Stat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { Connection } from './connection.js';
import type { RemoveWatchesOptions } from './connection.js';
import type { Callback } from './packet-queue.js';
import type { ConnectionOptions } from './connect-string.js';
import { keeperError } from './keeper-error.js';
import type { SessionEvent } from './session.js';
import type { Watcher } from './watches.js';

export interface CreateOptions {
  /** Default: open to everybody. */
  readonly acl?: readonly Acl[];
  /** A CreateMode; default PERSISTENT. */
  readonly mode?: CreateMode;
  /** For the modes with a time to live. */
  readonly ttlMs?: bigint;
}

export class ZooKeeperClient {
  readonly connection: Connection;
  readonly #host: Host;
  #onNextEvent: ((state: SessionEvent) => void)[] = [];

  /** Starts connecting at once. Throws LabError `BAD_CONFIG` for a connect string that does not parse. */
  constructor(host: Host, options: ConnectionOptions) {
    this.#host = host;
    this.connection = new Connection(host, {
      ...options,
      onEvent: (state) => {
        const waiting = this.#onNextEvent;
        this.#onNextEvent = [];
        for (const callback of waiting) callback(state);
        options.onEvent?.(state);
      },
    });
    this.connection.start();
  }

  /** 0n before the first session stands. */
  get sessionId(): bigint {
    return this.connection.sessionId;
  }

  /** Resolves once a session stands; rejects `ConnectionLoss` after `timeoutMs`, or with why the session is over. */
  connected(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.connection.connected) return resolve();
      const timer = this.#host.clock.after(timeoutMs, () => finish(keeperError(ErrorCode.CONNECTIONLOSS)));
      const finish = (error?: LabError): void => {
        timer.cancel();
        this.#onNextEvent = this.#onNextEvent.filter((callback) => callback !== look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (state: SessionEvent): void => {
        if (state === 'SyncConnected') finish();
        else if (state === 'AuthFailed') finish(keeperError(ErrorCode.AUTHFAILED));
        else if (state === 'Disconnected') this.#onNextEvent.push(look);
        else finish(keeperError(ErrorCode.SESSIONEXPIRED));
      };
      this.#onNextEvent.push(look);
    });
  }

  /** The path made: with its number if the mode is a sequential one. */
  create(path: string, data: Buffer | null, options: CreateOptions = {}): Promise<string> {
    return this.#call(path, (cb) =>
      this.connection.create(
        path,
        data,
        options.acl ?? OPEN_ACL_UNSAFE,
        options.mode ?? CreateMode.PERSISTENT,
        cb,
        options.ttlMs,
      ),
    );
  }

  delete(path: string, version = -1): Promise<void> {
    return this.#call(path, (cb) => this.connection.delete(path, version, cb));
  }

  /** undefined if there is no such node; the watcher then fires on its creation. */
  exists(path: string, watcher?: Watcher): Promise<Stat | undefined> {
    return new Promise((resolve, reject) => {
      this.connection.exists(path, watcher, (code, stat) => {
        if (code === ErrorCode.OK || code === ErrorCode.NONODE) resolve(stat);
        else reject(keeperError(code, path));
      });
    });
  }

  getData(path: string, watcher?: Watcher): Promise<{ data: Buffer | null; stat: Stat }> {
    return this.#call(path, (cb) => this.connection.getData(path, watcher, cb));
  }

  setData(path: string, data: Buffer | null, version = -1): Promise<Stat> {
    return this.#call(path, (cb) => this.connection.setData(path, data, version, cb));
  }

  getChildren(path: string, watcher?: Watcher): Promise<{ children: readonly string[]; stat: Stat }> {
    return this.#call(path, (cb) => this.connection.getChildren(path, watcher, cb));
  }

  getAcl(path: string): Promise<{ acl: readonly Acl[]; stat: Stat }> {
    return this.#call(path, (cb) => this.connection.getAcl(path, cb));
  }

  setAcl(path: string, acl: readonly Acl[], version = -1): Promise<Stat> {
    return this.#call(path, (cb) => this.connection.setAcl(path, acl, version, cb));
  }

  sync(path: string): Promise<void> {
    return this.#call(path, (cb) => this.connection.sync(path, cb));
  }

  /** Rejects with the error of the operation that failed; `data.index` says which. */
  async multi(ops: readonly MultiOp[]): Promise<readonly MultiResult[]> {
    const results = await this.#call<readonly MultiResult[]>(undefined, (cb) => this.connection.multi(ops, cb));
    const reads = ops.length > 0 && (ops[0]!.op === Op.getData || ops[0]!.op === Op.getChildren);
    if (reads) return results;
    for (let index = 0; index < results.length; index++) {
      const result = results[index]!;
      if (result.op !== Op.error || result.err === ErrorCode.OK) continue;
      const error = keeperError(result.err, ops[index]?.request.path);
      throw new LabError(error.code, error.message, { data: { ...error.data, index } });
    }
    return results;
  }

  addWatch(path: string, recursive: boolean, watcher: Watcher): Promise<void> {
    return this.#call(path, (cb) => this.connection.addWatch(path, recursive, watcher, cb));
  }

  removeWatches(path: string, options: RemoveWatchesOptions = {}): Promise<void> {
    return this.#call(path, (cb) => this.connection.removeWatches(path, options, cb));
  }

  reconfig(request: ReconfigRequest): Promise<{ data: Buffer | null; stat: Stat }> {
    return this.#call(undefined, (cb) => this.connection.reconfig(request, cb));
  }

  getEphemerals(prefixPath = '/'): Promise<readonly string[]> {
    return this.#call(prefixPath, (cb) => this.connection.getEphemerals(prefixPath, cb));
  }

  getAllChildrenNumber(path: string): Promise<number> {
    return this.#call(path, (cb) => this.connection.getAllChildrenNumber(path, cb));
  }

  whoAmI(): Promise<readonly ClientInfo[]> {
    return this.#call(undefined, (cb) => this.connection.whoAmI(cb));
  }

  /** `digest` with `user:password`, for one. */
  addAuth(scheme: string, auth: Buffer): Promise<void> {
    return this.#call(undefined, (cb) => this.connection.addAuth(scheme, auth, cb));
  }

  /** Deletes the node and all below it, children first; a node that goes meanwhile is no failure. */
  async deleteRecursive(path: string): Promise<void> {
    for (const child of await this.getChildren(path).then(({ children }) => children, ignoreMissing)) {
      await this.deleteRecursive(path === '/' ? `/${child}` : `${path}/${child}`);
    }
    await this.delete(path).catch(ignoreMissing);
  }

  /** Ends the session; resolves once the server said so, or cannot be asked. Never rejects. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.connection.over) return resolve();
      const look = (): void => {
        if (this.connection.over) resolve();
        else this.#onNextEvent.push(look);
      };
      this.#onNextEvent.push(look);
      this.connection.close();
    });
  }

  #call<T>(path: string | undefined, ask: (callback: Callback<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      ask((code, result) => {
        if (code === ErrorCode.OK) resolve(result as T);
        else reject(keeperError(code, path));
      });
    });
  }
}

function ignoreMissing(error: unknown): readonly string[] {
  if (error instanceof LabError && error.code === 'NoNode') return [];
  throw error;
}
