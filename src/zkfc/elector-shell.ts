/**
 * The shell around ElectorMachine: owns the ZooKeeper client of the moment, turns effects into calls on it, and hands
 * what the election asks of the NameNode to `callbacks`.
 */
import { LabError, messageOf } from '../base/errors.js';
import type { Host, Timer } from '../host/host.js';
import { CreateMode, WatchEventType } from '../wire/zookeeper/client/modes.js';
import type { Acl } from '../wire/zookeeper/data/acl.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import type { Watcher } from '../zookeeper/client/watches.js';
import type { SessionEvent } from '../zookeeper/client/session-machine.js';
import { EffectQueue } from './effect-queue.js';
import { ElectorMachine } from './elector.js';
import type { ElectorEffect, ElectorInput, ElectorState } from './elector.js';

export const LOCK_FILENAME = 'ActiveStandbyElectorLock';
export const BREADCRUMB_FILENAME = 'ActiveBreadCrumb';

/**
 * How long a stopping ZKFC waits for ZooKeeper to confirm the end of its session; otherwise that ends by its time-out.
 */
const STOP_LIMIT_MS = 2000;

export interface ElectorCallbacks {
  /** Rejects if the NameNode did not become active. */
  becomeActive(): Promise<void>;
  /** Never rejects. */
  becomeStandby(): Promise<void>;
  /** Rejects if the node that the bytes name may still be active. */
  fenceOldActive(data: Buffer): Promise<void>;
  fatal(message: string): void;
}

export interface ElectorConfig {
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  /** Holds lock and breadcrumb. */
  readonly parentZnode: string;
  readonly acl: readonly Acl[];
  readonly auth: readonly { readonly scheme: string; readonly auth: Buffer }[];
  readonly retries: number;
  /** The name of our NameNode in events. */
  readonly nameNode: string;
}

export class Elector {
  readonly #host: Host;
  readonly #config: ElectorConfig;
  readonly #callbacks: ElectorCallbacks;
  readonly #machine: ElectorMachine;
  readonly #effects = new EffectQueue<ElectorEffect>((effect) => this.#carryOut(effect));
  readonly #clients = new Map<number, ZooKeeperClient>();
  #watching: { readonly client: number; readonly watcher: Watcher } | undefined;
  #timer: Timer | undefined;
  #connectTimer: Timer | undefined;
  #onHeld: (() => void)[] = [];
  #onQuit: (() => void)[] = [];
  #stopped = false;
  /** When the last question of an activation was sent: its answer proves that the session lived then, and no later. */
  #confirmedMs = 0;

  constructor(host: Host, config: ElectorConfig, callbacks: ElectorCallbacks) {
    this.#host = host;
    this.#config = config;
    this.#callbacks = callbacks;
    this.#machine = new ElectorMachine(config.retries);
  }

  get state(): ElectorState {
    return this.#machine.state;
  }

  get busy(): boolean {
    return this.#machine.busy;
  }

  get lockPath(): string {
    return `${this.#config.parentZnode}/${LOCK_FILENAME}`;
  }

  get breadcrumbPath(): string {
    return `${this.#config.parentZnode}/${BREADCRUMB_FILENAME}`;
  }

  /**
   * A first client, for the start-up's own questions. Rejects LabError `ConnectionLoss` if no session stands within the
   * session time-out.
   */
  async connect(): Promise<ZooKeeperClient> {
    const client = this.#open(1);
    try {
      await client.connected(this.#config.sessionTimeoutMs);
    } catch (error) {
      this.#clients.delete(1);
      await client.close();
      throw error;
    }
    this.#step({ type: 'adopt', client: 1, session: client.sessionId });
    return client;
  }

  join(data: Buffer): void {
    this.#step({ type: 'join', data });
  }

  /** Resolves when the lock is given up. */
  quit(needFence: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onQuit.push(resolve);
      this.#step({ type: 'quit', needFence });
    });
  }

  /** Runs with the election standing still; leaves it afterwards if the action says so. */
  async hold(action: () => Promise<{ readonly quit: { readonly needFence: boolean } | undefined }>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onHeld.push(resolve);
      this.#step({ type: 'hold' });
    });
    let quit: { readonly needFence: boolean } | undefined;
    let left: Promise<void> | undefined;
    try {
      ({ quit } = await action());
    } finally {
      if (quit !== undefined) left = new Promise((resolve) => this.#onQuit.push(resolve));
      this.#step({ type: 'release', quit });
    }
    await left;
  }

  /** What the lock holds, undefined if nobody has it. Rejects as ZooKeeperClient.getData. */
  async activeData(): Promise<Buffer | undefined> {
    const current = this.#clients.get(this.#machine.connectedClient);
    const client = current ?? this.#newClient(() => {});
    try {
      if (current === undefined) await client.connected(this.#config.sessionTimeoutMs);
      const { data } = await client.getData(this.lockPath);
      return data ?? Buffer.alloc(0);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'NoNode') return undefined;
      throw error;
    } finally {
      if (current === undefined) await client.close();
    }
  }

  /** Gives up every session without a word to the NameNode; what was asked for before is not carried through. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#connectTimer?.cancel();
    const closing = [...this.#clients.values()].map((client) => client.close());
    this.#clients.clear();
    let timer: Timer | undefined;
    await Promise.race([
      Promise.all(closing),
      new Promise<void>((resolve) => (timer = this.#host.clock.after(STOP_LIMIT_MS, resolve))),
    ]);
    timer?.cancel();
  }

  #step(input: ElectorInput): void {
    if (!this.#stopped) this.#effects.add(this.#machine.step(input));
  }

  #newClient(onEvent: (state: SessionEvent) => void): ZooKeeperClient {
    const { connectString, sessionTimeoutMs, auth } = this.#config;
    return new ZooKeeperClient(this.#host, { connectString, sessionTimeoutMs, auth, onEvent });
  }

  #open(number: number): ZooKeeperClient {
    const client = this.#newClient((state) => this.#sessionEvent(number, state));
    this.#clients.set(number, client);
    return client;
  }

  /**
   * One function a session: the same watcher twice is one watch. Another one after every reconnection would all fire
   * when the lock goes, the later ones after the lock has been won.
   */
  #lockWatcher(client: number): Watcher {
    if (this.#watching?.client !== client) {
      const watcher: Watcher = ({ type }) =>
        this.#step({ type: 'lockEvent', client, event: type === WatchEventType.NodeDeleted ? 'deleted' : 'changed' });
      this.#watching = { client, watcher };
    }
    return this.#watching.watcher;
  }

  #sessionEvent(client: number, state: SessionEvent): void {
    const session = this.#clients.get(client)?.sessionId ?? 0n;
    switch (state) {
      case 'SyncConnected':
        this.#connectTimer?.cancel();
        this.#step({ type: 'connected', client, session });
        break;
      case 'Disconnected':
        this.#step({ type: 'disconnected', client });
        break;
      case 'Expired':
        this.#step({ type: 'expired', client });
        break;
      case 'AuthFailed':
        this.#step({ type: 'authFailed', client });
        break;
      case 'Closed':
        break;
    }
  }

  #carryOut(effect: ElectorEffect): void {
    switch (effect.type) {
      case 'openClient': {
        this.#open(effect.client);
        this.#connectTimer?.cancel();
        this.#connectTimer = this.#host.clock.after(this.#config.sessionTimeoutMs, () =>
          this.#step({ type: 'connectFailed', client: effect.client }),
        );
        break;
      }
      case 'closeClient':
        this.#closeClient(effect.client);
        break;
      case 'createLock':
        this.#connection(effect.client)?.create(
          this.lockPath,
          effect.data,
          this.#config.acl,
          CreateMode.EPHEMERAL,
          (code) => this.#step({ type: 'lockCreated', client: effect.client, code }),
        );
        break;
      case 'statLock':
        this.#connection(effect.client)?.exists(this.lockPath, this.#lockWatcher(effect.client), (code, stat) =>
          this.#step({ type: 'lockStat', client: effect.client, code, owner: stat?.ephemeralOwner ?? 0n }),
        );
        break;
      case 'readBreadcrumb':
        this.#confirmedMs = this.#host.clock.nowMs();
        this.#connection(effect.client)?.getData(this.breadcrumbPath, undefined, (code, result) =>
          this.#step({
            type: 'breadcrumbRead',
            client: effect.client,
            code,
            data: result?.data ?? Buffer.alloc(0),
            version: result?.stat.version ?? -1,
          }),
        );
        break;
      case 'createBreadcrumb':
        this.#confirmedMs = this.#host.clock.nowMs();
        this.#connection(effect.client)?.create(
          this.breadcrumbPath,
          effect.data,
          this.#config.acl,
          CreateMode.PERSISTENT,
          (code) => this.#step({ type: 'breadcrumbWritten', client: effect.client, code }),
        );
        break;
      case 'setBreadcrumb':
        this.#confirmedMs = this.#host.clock.nowMs();
        this.#connection(effect.client)?.setData(this.breadcrumbPath, effect.data, effect.version, (code) =>
          this.#step({ type: 'breadcrumbWritten', client: effect.client, code }),
        );
        break;
      case 'deleteBreadcrumb':
        this.#connection(effect.client)?.delete(this.breadcrumbPath, effect.version, (code) =>
          this.#step({ type: 'breadcrumbDeleted', client: effect.client, code }),
        );
        break;
      case 'fence':
        this.#ask(
          this.#whileLocked(() => this.#callbacks.fenceOldActive(effect.data)),
          (ok, reason) => ({ type: 'fenced', ok, reason }),
        );
        break;
      case 'becomeActive':
        this.#ask(
          this.#whileLocked(() => this.#callbacks.becomeActive()),
          (ok, reason) => ({ type: 'becameActive', ok, reason }),
        );
        break;
      case 'becomeStandby':
        this.#ask(this.#callbacks.becomeStandby(), () => ({ type: 'becameStandby' }));
        break;
      case 'enterNeutralMode':
        // A NameNode stays what it is as long as nobody else was elected.
        break;
      case 'setTimer':
        this.#timer?.cancel();
        this.#timer = this.#host.clock.after(effect.delayMs, () => this.#step({ type: 'timer' }));
        break;
      case 'clearTimer':
        this.#timer?.cancel();
        this.#connectTimer?.cancel();
        break;
      case 'held':
        this.#onHeld.shift()?.();
        break;
      case 'quitDone':
        this.#onQuit.shift()?.();
        break;
      case 'fatal':
        this.#callbacks.fatal(effect.message);
        break;
      case 'event':
        if (effect.event.type === 'BreadcrumbWritten' || effect.event.type === 'BreadcrumbDeleted') {
          this.#host.emit({ type: effect.event.type, nameNode: this.#config.nameNode });
        } else {
          this.#host.emit(effect.event);
        }
        break;
      case 'log':
        this.#host.log[effect.level](effect.message);
        break;
    }
  }

  #connection(client: number): ZooKeeperClient['connection'] | undefined {
    return this.#clients.get(client)?.connection;
  }

  /**
   * A process that was frozen for a session time-out between a question to ZooKeeper and acting on the answer may have
   * lost the lock meanwhile: it must not act.
   */
  async #whileLocked(action: () => Promise<void>): Promise<void> {
    const timeoutMs =
      this.#clients.get(this.#machine.connectedClient)?.connection.sessionTimeoutMs ?? this.#config.sessionTimeoutMs;
    const sinceMs = this.#host.clock.nowMs() - this.#confirmedMs;
    if (sinceMs >= timeoutMs) {
      throw new LabError(
        'STALE_LOCK',
        `the lock was last confirmed ${Math.round(sinceMs)} ms ago, longer than the session time-out of ` +
          `${timeoutMs} ms`,
      );
    }
    await action();
  }

  #ask(answer: Promise<void>, input: (ok: boolean, reason: string) => ElectorInput): void {
    answer.then(
      () => this.#step(input(true, '')),
      (error: unknown) => this.#step(input(false, messageOf(error))),
    );
  }

  #closeClient(number: number): void {
    const client = this.#clients.get(number);
    this.#clients.delete(number);
    this.#connectTimer?.cancel();
    void (client?.close() ?? Promise.resolve()).then(() => this.#step({ type: 'closed', client: number }));
  }
}
