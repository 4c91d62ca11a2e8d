/**
 * Carries out what HaContext decides, and owns what calls are checked against. A transition that breaks off half-way
 * leaves a NameNode in no state at all, so it ends the process, as Hadoop's does. Mirrors NameNode.transitionTo* and
 * FSNamesystem.startActiveServices and its three siblings.
 */
import { LabError, messageOf, unreachable } from '../../base/errors.js';
import type { HaState } from '../../base/events.js';
import { Driver, type Carried } from '../../base/machine.js';
import type { Host, Timer } from '../../host/host.js';
import type { NameNodeConfig } from '../config.js';
import type { EditLogWriter } from '../edit-log/edit-log-writer.js';
import type { Lifetime } from '../lifetime.js';
import { HadoopError } from '../namespace/errors.js';
import { releaseExpiredLeases } from '../namespace/complete.js';
import type { Namespace } from '../namespace/namespace.js';
import type { SafeMode } from '../safe-mode.js';
import { HaContext, type HaEffect, type HaInput, type HaTarget } from './ha-context.js';

const ORDERLY_STOP_LIMIT_MS = 2000;

/** What runs at a standby or observer. */
export interface StandbyService {
  start(): void;
  /** Resolves when nothing of it is under way: the namespace is still afterwards. */
  stop(): Promise<void>;
}

export interface HaContextParts {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly namespace: Namespace;
  readonly safeMode: SafeMode;
  readonly writer: EditLogWriter;
  readonly lifetime: Lifetime;
  /** Applies all that was acknowledged; it ends at `upTo`, or later. */
  readonly catchUp: (upTo: bigint) => Promise<void>;
  readonly standbyServices: readonly StandbyService[];
}

interface Asked {
  resolve(): void;
  reject(error: unknown): void;
}

export class HaContextShell {
  readonly #parts: HaContextParts;
  readonly #driver: Driver<HaInput, HaEffect>;
  readonly #asked = new Map<number, Asked>();
  #requests = 0;
  #state: HaState = 'INITIALIZING';
  #holding = false;
  #lastChangeWallMs = 0;
  #timers: Timer[] = [];
  #entered: () => void = () => undefined;
  #stopped: () => void = () => undefined;

  constructor(parts: HaContextParts) {
    this.#parts = parts;
    const { config, host } = parts;
    this.#driver = new Driver(
      new HaContext({
        haEnabled: config.sharedEdits !== undefined,
        notBecomeActiveInSafeMode: config.notBecomeActiveInSafeMode,
      }),
      { clock: host.clock, carryOut: (effect) => this.#carryOut(effect), failed: (error) => this.#failed(error) },
    );
  }

  get state(): HaState {
    return this.#state;
  }

  /** While becoming active: what the state refuses waits for the end of it. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Of the last transition; entering the first state is none: 0 until there has been one. */
  get lastChangeWallMs(): number {
    return this.#lastChangeWallMs;
  }

  /** Calls back after every change of state. */
  onEntered(callback: () => void): void {
    this.#entered = callback;
  }

  /** Resolves once there. Rejects HadoopError ServiceFailedException if the transition is not legal. */
  transitionTo(to: HaTarget): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = ++this.#requests;
      this.#asked.set(request, { resolve, reject });
      this.#driver.feed({ type: 'transition', request, to, inSafeMode: this.#parts.safeMode.isOn });
    });
  }

  /**
   * Stops in whatever state: in order if the journals let it be done soon, else leaving the open segment to the next
   * writer's recovery.
   */
  async stop(): Promise<void> {
    const { host, writer } = this.#parts;
    await new Promise<void>((resolve) => {
      const limit = host.clock.after(ORDERLY_STOP_LIMIT_MS, resolve);
      this.#stopped = () => {
        limit.cancel();
        resolve();
      };
      if (this.#driver.stopped) this.#stopped();
      else this.#driver.feed({ type: 'stop' });
    });
    this.#driver.stop();
    await writer.abandon();
  }

  #carryOut(effect: Carried<HaEffect>): void | Promise<HaInput | void> {
    const { host, namespace, writer, standbyServices } = this.#parts;
    switch (effect.type) {
      case 'serve':
        this.#state = effect.state;
        this.#holding = effect.hold;
        return;
      case 'startStandbyServices':
        host.log.info('Starting services required for standby state');
        for (const service of standbyServices) service.start();
        return;
      case 'stopStandbyServices':
        host.log.info('Stopping services started for standby state');
        return Promise.all(standbyServices.map((service) => service.stop())).then(() => undefined);
      case 'becomeWriter':
        host.log.info('Starting services required for active state');
        return writer.takeOver().then((lastTxid) => ({ type: 'writer', lastTxid }));
      case 'catchUp':
        return this.#parts.catchUp(effect.upTo).then(() => ({ type: 'caughtUp', txid: namespace.lastTxid }));
      case 'openForWrite':
        return this.#openForWrite(effect.txid);
      case 'stopActiveServices':
        return this.#stopActiveServices();
      case 'entered':
        if (effect.from !== 'INITIALIZING') this.#lastChangeWallMs = host.clock.wallMs();
        this.#announce(effect.from, effect.to);
        return;
      case 'answer':
        this.#answer(effect.request, effect.refused);
        return;
      case 'halt':
        throw new LabError('EDITS_GAP', effect.reason);
      case 'stopped':
        this.#stopped();
        return;
      default:
        unreachable(effect);
    }
  }

  async #openForWrite(txid: bigint): Promise<void> {
    const { host, config, namespace, writer } = this.#parts;
    await writer.open(txid);
    namespace.leases.renewAll();
    this.#timers = [
      host.clock.every(config.leaseRecheckMs, () => this.#expireLeases()),
      host.clock.every(config.autoRollCheckMs, () => this.#autoRoll()),
    ];
  }

  #stopActiveServices(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#parts.host.log.info('Stopping services started for active state');
    return this.#parts.writer.close();
  }

  #announce(from: HaState, to: HaTarget): void {
    const { host, writer } = this.#parts;
    const txid = writer.lastTxid;
    host.emit({ type: 'HaStateChanged', from, to, txid });
    if (to === 'ACTIVE') host.emit({ type: 'BecameActive', txid });
    if (to === 'STANDBY') host.emit({ type: 'BecameStandby', txid });
    this.#entered();
  }

  #answer(request: number, refused: string | undefined): void {
    const asked = this.#asked.get(request);
    this.#asked.delete(request);
    if (refused === undefined) asked?.resolve();
    else asked?.reject(new HadoopError('ServiceFailedException', refused));
  }

  #failed(error: unknown): void {
    const { host, lifetime } = this.#parts;
    if (lifetime.isEnding) {
      host.log.info(`not stopped in order: ${messageOf(error)}`);
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      host.log.error(`Error encountered requiring NN shutdown. Shutting down immediately. ${text}`);
      lifetime.fatal(`Error encountered requiring NN shutdown. Shutting down immediately. ${messageOf(error)}`);
    }
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    this.#stopped();
  }

  #expireLeases(): void {
    const { namespace, safeMode, config, host } = this.#parts;
    if (safeMode.isOn) return;
    const closed = releaseExpiredLeases(namespace, config.leaseHardLimitMs);
    if (closed > 0) host.log.info(`closed ${closed} files whose leases had expired`);
  }

  #autoRoll(): void {
    const { writer, config, host } = this.#parts;
    const { log } = writer;
    const transactions = log.lastTxid - log.segmentTxid + 1n;
    if (Number(transactions) <= config.autoRollThreshold) return;
    host.log.info(
      `NameNode rolling its own edit log because number of edits in open segment exceeds threshold of ` +
        `${config.autoRollThreshold}`,
    );
    log.roll().catch((error: unknown) => host.log.warn(`roll failed: ${String(error)}`));
  }
}
