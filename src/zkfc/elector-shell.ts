/**
 * The shell around ActiveStandbyElector: owns the ZooKeeper client of the moment, turns effects into calls on it, and
 * hands what the election asks of the NameNode to `callbacks`.
 */
import { hasCode, messageOf } from '../base/errors.js';
import { Driver } from '../base/machine.js';
import type { Carried } from '../base/machine.js';
import type { Host, Timer } from '../host/host.js';
import { CreateMode, WatchEventType } from '../wire/zookeeper/client/modes.js';
import type { Acl } from '../wire/zookeeper/data/acl.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import type { Watcher } from '../zookeeper/client/watches.js';
import type { SessionEvent } from '../zookeeper/client/session.js';
import { ActiveStandbyElector } from './elector.js';
import type { ElectorEffect, ElectorInput } from './elector-messages.js';

const LOCK_FILENAME = 'ActiveStandbyElectorLock';
const BREADCRUMB_FILENAME = 'ActiveBreadCrumb';

/**
 * How long a stopping ZKFC waits for ZooKeeper to confirm the end of its session; otherwise that ends by its time-out.
 */
const STOP_LIMIT_MS = 2000;

/** Each question is answered by an input of the same matter: `becameActive`, `becameStandby`, `fenced`. */
export interface ElectorCallbacks {
  becomeActive(): void;
  becomeStandby(): void;
  /** Makes sure that the node which the bytes name is not active any more. */
  fence(data: Buffer): void;
  /** The election stands still, until `release`. */
  held(): void;
  /** A `quit` or a `release` is carried out in full. */
  left(): void;
  fatal(message: string): void;
}

/** What the election's owner tells it. */
export type ElectorCommand = Extract<
  ElectorInput,
  { type: 'join' | 'quit' | 'hold' | 'release' | 'fenced' | 'becameActive' | 'becameStandby' }
>;

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

export class ElectorShell {
  readonly #host: Host;
  readonly #config: ElectorConfig;
  readonly #callbacks: ElectorCallbacks;
  readonly #machine: ActiveStandbyElector;
  readonly #driver: Driver<ElectorInput, ElectorEffect>;
  readonly #clients = new Map<number, ZooKeeperClient>();
  #watching: { readonly client: number; readonly watcher: Watcher } | undefined;

  constructor(host: Host, config: ElectorConfig, callbacks: ElectorCallbacks) {
    this.#host = host;
    this.#config = config;
    this.#callbacks = callbacks;
    this.#machine = new ActiveStandbyElector(config.retries, config.sessionTimeoutMs);
    this.#driver = new Driver<ElectorInput, ElectorEffect>(this.#machine, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      failed: (error) => callbacks.fatal(messageOf(error)),
    });
  }

  get busy(): boolean {
    return this.#machine.busy;
  }

  feed(input: ElectorCommand): void {
    this.#driver.feed(input);
  }

  get #lockPath(): string {
    return `${this.#config.parentZnode}/${LOCK_FILENAME}`;
  }

  get #breadcrumbPath(): string {
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
    this.#driver.feed({
      type: 'adopt',
      client: 1,
      session: client.sessionId,
      timeoutMs: client.connection.sessionTimeoutMs,
    });
    return client;
  }

  /** What the lock holds, undefined if nobody has it. Rejects as ZooKeeperClient.getData. */
  async activeData(): Promise<Buffer | undefined> {
    const current = this.#clients.get(this.#machine.connectedClient);
    const client = current ?? this.#newClient(() => {});
    try {
      if (current === undefined) await client.connected(this.#config.sessionTimeoutMs);
      const { data } = await client.getData(this.#lockPath);
      return data ?? Buffer.alloc(0);
    } catch (error) {
      if (hasCode(error, 'NoNode')) return undefined;
      throw error;
    } finally {
      if (current === undefined) await client.close();
    }
  }

  /** Gives up every session without a word to the NameNode; what was asked for before is not carried through. */
  async stop(): Promise<void> {
    this.#driver.stop();
    const closing = [...this.#clients.values()].map((client) => client.close());
    this.#clients.clear();
    let timer: Timer | undefined;
    await Promise.race([
      Promise.all(closing),
      new Promise<void>((resolve) => (timer = this.#host.clock.after(STOP_LIMIT_MS, resolve))),
    ]);
    timer?.cancel();
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
        this.#driver.feed({ type: type === WatchEventType.NodeDeleted ? 'lockDeleted' : 'lockChanged', client });
      this.#watching = { client, watcher };
    }
    return this.#watching.watcher;
  }

  #sessionEvent(client: number, state: SessionEvent): void {
    switch (state) {
      case 'SyncConnected': {
        const opened = this.#clients.get(client);
        if (opened === undefined) break;
        const { sessionId: session, connection } = opened;
        this.#driver.feed({ type: 'connected', client, session, timeoutMs: connection.sessionTimeoutMs });
        break;
      }
      case 'Disconnected':
        this.#driver.feed({ type: 'disconnected', client });
        break;
      case 'Expired':
        this.#driver.feed({ type: 'expired', client });
        break;
      case 'AuthFailed':
        this.#driver.feed({ type: 'authFailed', client });
        break;
      case 'Closed':
        break;
    }
  }

  #carryOut(effect: Carried<ElectorEffect>): void {
    switch (effect.type) {
      case 'openClient':
        this.#open(effect.client);
        break;
      case 'closeClient':
        this.#closeClient(effect.client);
        break;
      case 'createLock':
        this.#connection(effect.client)?.create(
          this.#lockPath,
          effect.data,
          this.#config.acl,
          CreateMode.EPHEMERAL,
          (code) => this.#driver.feed({ type: 'lockCreated', client: effect.client, code }),
        );
        break;
      case 'statLock':
        this.#connection(effect.client)?.exists(this.#lockPath, this.#lockWatcher(effect.client), (code, stat) =>
          this.#driver.feed({ type: 'lockStat', client: effect.client, code, owner: stat?.ephemeralOwner ?? 0n }),
        );
        break;
      case 'readBreadcrumb':
        this.#connection(effect.client)?.getData(this.#breadcrumbPath, undefined, (code, result) =>
          this.#driver.feed({
            type: 'breadcrumbRead',
            client: effect.client,
            code,
            data: result?.data ?? Buffer.alloc(0),
            version: result?.stat.version ?? -1,
          }),
        );
        break;
      case 'createBreadcrumb':
        this.#connection(effect.client)?.create(
          this.#breadcrumbPath,
          effect.data,
          this.#config.acl,
          CreateMode.PERSISTENT,
          (code) => this.#driver.feed({ type: 'breadcrumbWritten', client: effect.client, code }),
        );
        break;
      case 'setBreadcrumb':
        this.#connection(effect.client)?.setData(this.#breadcrumbPath, effect.data, effect.version, (code) =>
          this.#driver.feed({ type: 'breadcrumbWritten', client: effect.client, code }),
        );
        break;
      case 'deleteBreadcrumb':
        this.#connection(effect.client)?.delete(this.#breadcrumbPath, effect.version, (code) =>
          this.#driver.feed({ type: 'breadcrumbDeleted', client: effect.client, code }),
        );
        break;
      case 'fence':
        this.#callbacks.fence(effect.data);
        break;
      case 'becomeActive':
        this.#callbacks.becomeActive();
        break;
      case 'becomeStandby':
        this.#callbacks.becomeStandby();
        break;
      case 'enterNeutralMode':
        break;
      case 'held':
        this.#callbacks.held();
        break;
      case 'quitDone':
        this.#callbacks.left();
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

  #closeClient(number: number): void {
    const client = this.#clients.get(number);
    this.#clients.delete(number);
    void (client?.close() ?? Promise.resolve()).then(() => this.#driver.feed({ type: 'closed', client: number }));
  }
}
