/**
 * The election for the lock as a plain state machine: input in, effects out, no await. elector-shell.ts holds the
 * ZooKeeper client and carries the effects out. Mirrors org.apache.hadoop.ha.ActiveStandbyElector.
 *
 * The lock is the ephemeral node `ActiveStandbyElectorLock`; whoever made it is to be active. Beside it lies the
 * persistent `ActiveBreadCrumb`, which names the last active: it is there whenever somebody may be active, so the
 * winner of the lock fences the node it names (unless that is itself), then writes itself into it, and only then
 * becomes active.
 *
 * One thing at a time: while it activates, goes to standby, yields or closes a session (`busy`), what else comes in
 * waits and is handled in order afterwards. This is what the real class does by holding its monitor. Inputs carry the
 * number of the ZooKeeper client they are about; what an earlier client has to say is ignored.
 *
 * Calling order: `adopt` with a first connected client, or none; `join` and `quit` at will; an answer for each effect
 * that asks.
 */
import { unreachable } from '../base/errors.js';
import type { LabEvent } from '../base/events.js';
import { ErrorCode } from '../wire/zookeeper/error-code.js';
import { keeperCodeName } from '../zookeeper/client/keeper-error.js';

export type ElectorState = 'INIT' | 'ACTIVE' | 'STANDBY' | 'NEUTRAL';

export type ElectorInput =
  /** A client that is connected already: the one with which the start-up looked for the parent node. */
  | { readonly type: 'adopt'; readonly client: number; readonly session: bigint }
  | { readonly type: 'join'; readonly data: Buffer }
  /** `needFence`: the service may still be active, so the breadcrumb stays. */
  | { readonly type: 'quit'; readonly needFence: boolean }
  /** Asks for a time in which nothing of the election happens; `held` follows. */
  | { readonly type: 'hold' }
  /** Ends it; with `quit`, the election is left before anything that waited is looked at. */
  | { readonly type: 'release'; readonly quit: { readonly needFence: boolean } | undefined }
  | { readonly type: 'connected'; readonly client: number; readonly session: bigint }
  | { readonly type: 'disconnected'; readonly client: number }
  | { readonly type: 'expired'; readonly client: number }
  | { readonly type: 'authFailed'; readonly client: number }
  /** No session came about within the session time-out. */
  | { readonly type: 'connectFailed'; readonly client: number }
  | { readonly type: 'closed'; readonly client: number }
  | { readonly type: 'lockCreated'; readonly client: number; readonly code: number }
  | { readonly type: 'lockStat'; readonly client: number; readonly code: number; readonly owner: bigint }
  | { readonly type: 'lockEvent'; readonly client: number; readonly event: 'deleted' | 'changed' }
  | {
      readonly type: 'breadcrumbRead';
      readonly client: number;
      readonly code: number;
      readonly data: Buffer;
      readonly version: number;
    }
  | { readonly type: 'breadcrumbWritten'; readonly client: number; readonly code: number }
  | { readonly type: 'breadcrumbDeleted'; readonly client: number; readonly code: number }
  | { readonly type: 'fenced'; readonly ok: boolean; readonly reason: string }
  | { readonly type: 'becameActive'; readonly ok: boolean; readonly reason: string }
  /** The request to go to standby was answered, or failed: all the same to the election. */
  | { readonly type: 'becameStandby' }
  | { readonly type: 'timer' };

export type ElectorEffect =
  | { readonly type: 'openClient'; readonly client: number }
  | { readonly type: 'closeClient'; readonly client: number }
  | { readonly type: 'createLock'; readonly client: number; readonly data: Buffer }
  /** `exists` on the lock, with a watch. */
  | { readonly type: 'statLock'; readonly client: number }
  | { readonly type: 'readBreadcrumb'; readonly client: number }
  | { readonly type: 'createBreadcrumb'; readonly client: number; readonly data: Buffer }
  | { readonly type: 'setBreadcrumb'; readonly client: number; readonly data: Buffer; readonly version: number }
  | { readonly type: 'deleteBreadcrumb'; readonly client: number; readonly version: number }
  /** Answered by `fenced`. `data` is the breadcrumb's. */
  | { readonly type: 'fence'; readonly data: Buffer }
  | { readonly type: 'becomeActive' }
  | { readonly type: 'becomeStandby' }
  /** Nobody knows who is active; asks for no answer. */
  | { readonly type: 'enterNeutralMode' }
  | { readonly type: 'setTimer'; readonly delayMs: number }
  | { readonly type: 'clearTimer' }
  | { readonly type: 'held' }
  /** A `quit` (or a `release` that quits) is carried out in full. */
  | { readonly type: 'quitDone' }
  | { readonly type: 'fatal'; readonly message: string }
  | { readonly type: 'event'; readonly event: ElectorEvent }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string };

/** Those of LabEvent that tell of the election; the shell adds whose breadcrumb it was. */
export type ElectorEvent =
  | Extract<
      LabEvent,
      { type: 'ElectionJoined' | 'ElectionLeft' | 'LockCreated' | 'LockLost' | 'ZooKeeperSessionChanged' }
    >
  | { readonly type: 'BreadcrumbWritten' }
  | { readonly type: 'BreadcrumbDeleted' };

type Busy =
  | { kind: 'activating'; step: 'read' | 'fence' | 'write' | 'activate'; tries: number; version: number | undefined }
  | { kind: 'standing' }
  | { kind: 'yielding'; step: 'read' | 'delete'; tries: number; version: number }
  | { kind: 'closing'; then: 'nothing' | 'quit' | 'rejoin' | 'rejoinLater' | 'reconnect' }
  | { kind: 'held' };

/** Between a failed activation and the next attempt, so that another node has a chance. */
export const SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE_MS = 1000;
/** Between two attempts to get a session at all. */
export const SLEEP_BETWEEN_SESSION_ATTEMPTS_MS = 5000;

export class ElectorMachine {
  readonly #maxRetries: number;
  #state: ElectorState = 'INIT';
  /** Number of the current client, 0 if there is none; numbers are never used twice. */
  #client = 0;
  #clients = 0;
  #session = 0n;
  #connection: 'TERMINATED' | 'CONNECTING' | 'CONNECTED' | 'DISCONNECTED' = 'TERMINATED';
  #attempts = 0;
  /** Set between a join and the next quit, save while no session stands: the real class's wantToBeInElection. */
  #wanted = false;
  /** A join that waits for its session, or for its timer. */
  #joining: 'no' | 'connecting' | 'pausing' = 'no';
  #data: Buffer | undefined;
  #createTries = 0;
  #statTries = 0;
  #statPending = false;
  /** What a connection loss interrupted, to be tried again when the session is back. */
  #resume: 'create' | 'stat' | undefined;
  #holdsLock = false;
  #announced = false;
  #busy: Busy | undefined;
  /** The session ended while an activation was under way: it must not be carried through. */
  #doomed = false;
  readonly #waiting: ElectorInput[] = [];
  #out: ElectorEffect[] = [];

  /** `maxRetries`: ha.failover-controller.active-standby-elector.zk.op.retries. */
  constructor(maxRetries: number) {
    this.#maxRetries = maxRetries;
  }

  get state(): ElectorState {
    return this.#state;
  }

  get inElection(): boolean {
    return this.#wanted || this.#joining !== 'no';
  }

  get holdsLock(): boolean {
    return this.#holdsLock;
  }

  /** The client to use for reading the lock, 0 if none is connected. */
  get connectedClient(): number {
    return this.#connection === 'CONNECTED' ? this.#client : 0;
  }

  get busy(): boolean {
    return this.#busy !== undefined;
  }

  step(input: ElectorInput): readonly ElectorEffect[] {
    this.#out = [];
    if (this.#busy !== undefined && !this.#answersBusy(input)) {
      if (input.type === 'expired' && input.client === this.#client) this.#doomed = true;
      this.#waiting.push(input);
    } else {
      this.#handle(input);
    }
    while (this.#busy === undefined && this.#waiting.length > 0) this.#handle(this.#waiting.shift()!);
    return this.#out;
  }

  #answersBusy(input: ElectorInput): boolean {
    const busy = this.#busy!;
    switch (busy.kind) {
      case 'activating':
        if (busy.step === 'read') return input.type === 'breadcrumbRead';
        if (busy.step === 'write') return input.type === 'breadcrumbWritten';
        return busy.step === 'fence' ? input.type === 'fenced' : input.type === 'becameActive';
      case 'standing':
        return input.type === 'becameStandby';
      case 'yielding':
        return busy.step === 'read' ? input.type === 'breadcrumbRead' : input.type === 'breadcrumbDeleted';
      case 'closing':
        return input.type === 'closed';
      case 'held':
        return input.type === 'release';
      default:
        return unreachable(busy);
    }
  }

  #handle(input: ElectorInput): void {
    if ('client' in input && input.type !== 'adopt' && input.client !== this.#client) {
      if (input.type !== 'closed') this.#log('debug', `Ignoring ${input.type} from an old client`);
      return;
    }
    switch (input.type) {
      case 'adopt':
        this.#client = input.client;
        this.#clients = Math.max(this.#clients, input.client);
        this.#session = input.session;
        this.#connection = 'CONNECTED';
        this.#event({ type: 'ZooKeeperSessionChanged', to: 'connected' });
        return;
      case 'join':
        return this.#join(input.data);
      case 'quit':
        return this.#quit(input.needFence);
      case 'hold':
        this.#busy = { kind: 'held' };
        this.#out.push({ type: 'held' });
        return;
      case 'release':
        this.#busy = undefined;
        if (input.quit !== undefined) this.#quit(input.quit.needFence);
        return;
      case 'connected':
        return this.#connected(input.session);
      case 'disconnected':
        if (this.#connection !== 'CONNECTED') return;
        this.#log('info', 'Session disconnected. Entering neutral mode...');
        this.#connection = 'DISCONNECTED';
        this.#event({ type: 'ZooKeeperSessionChanged', to: 'disconnected' });
        return this.#enterNeutralMode();
      case 'expired':
        this.#log('info', 'Session expired. Entering neutral mode and rejoining...');
        this.#event({ type: 'ZooKeeperSessionChanged', to: 'expired' });
        this.#loseLock('session expired');
        this.#enterNeutralMode();
        return this.#rejoin('rejoin');
      case 'authFailed':
        return this.#fatal('Unexpected Zookeeper watch event state: AuthFailed');
      case 'connectFailed':
        return this.#connectFailed();
      case 'closed':
        return this.#closed();
      case 'lockCreated':
        return this.#lockCreated(input.code);
      case 'lockStat':
        return this.#lockStat(input.code, input.owner);
      case 'lockEvent':
        return this.#lockEvent(input.event);
      case 'breadcrumbRead':
        return this.#breadcrumbRead(input.code, input.data, input.version);
      case 'breadcrumbWritten':
        return this.#breadcrumbWritten(input.code);
      case 'breadcrumbDeleted':
        return this.#breadcrumbDeleted(input.code);
      case 'fenced':
        return this.#fenced(input.ok, input.reason);
      case 'becameActive':
        return this.#becameActive(input.ok, input.reason);
      case 'becameStandby':
        if (this.#busy?.kind === 'standing') this.#busy = undefined;
        return;
      case 'timer':
        return this.#timer();
      default:
        return unreachable(input);
    }
  }

  // --- joining and leaving
  // -----------------------------------------------------------------------------------------------

  #join(data: Buffer): void {
    if (this.inElection) {
      this.#data = data;
      return;
    }
    this.#data = data;
    this.#event({ type: 'ElectionJoined' });
    this.#announced = true;
    this.#joinElection();
  }

  /** With a session: try for the lock; without: get one first. */
  #joinElection(): void {
    if (this.#client === 0) {
      this.#attempts = 0;
      this.#connect();
      return;
    }
    this.#joining = 'no';
    this.#wanted = true;
    this.#createTries = 0;
    this.#resume = undefined;
    this.#createLock();
  }

  #connect(): void {
    this.#joining = 'connecting';
    this.#connection = 'CONNECTING';
    this.#client = ++this.#clients;
    this.#attempts++;
    this.#out.push({ type: 'openClient', client: this.#client });
  }

  #connected(session: bigint): void {
    this.#log('info', 'Session connected.');
    const before = this.#connection;
    this.#connection = 'CONNECTED';
    this.#session = session;
    this.#event({ type: 'ZooKeeperSessionChanged', to: 'connected' });
    if (this.#joining === 'connecting') {
      this.#joinElection();
      return;
    }
    if (before !== 'DISCONNECTED' || !this.#wanted) return;
    if (this.#resume === 'create') {
      this.#resume = undefined;
      this.#createLock();
      return;
    }
    this.#resume = undefined;
    this.#monitor();
  }

  #connectFailed(): void {
    if (this.#joining !== 'connecting') return;
    this.#log(
      'warn',
      `Connection timed out: couldn't connect to ZooKeeper (attempt ${this.#attempts} of ${this.#maxRetries})`,
    );
    this.#close('reconnect');
  }

  #quit(needFence: boolean): void {
    this.#log('info', 'Yielding from election');
    if (this.#joining === 'pausing' || this.#joining === 'connecting') this.#out.push({ type: 'clearTimer' });
    this.#joining = 'no';
    if (this.#announced) {
      this.#announced = false;
      this.#event({
        type: 'ElectionLeft',
        reason: needFence ? 'the service may need to be fenced' : 'the service is in standby',
      });
    }
    if (!needFence && this.#state === 'ACTIVE') {
      this.#log('info', 'Deleting bread-crumb of active node...');
      this.#busy = { kind: 'yielding', step: 'read', tries: 0, version: -1 };
      this.#out.push({ type: 'readBreadcrumb', client: this.#client });
      return;
    }
    this.#reset('quit');
  }

  /** The lock goes with the session. */
  #reset(then: 'quit' | 'nothing'): void {
    this.#state = 'INIT';
    this.#close(then);
  }

  #close(then: 'nothing' | 'quit' | 'rejoin' | 'rejoinLater' | 'reconnect'): void {
    this.#loseLock('session closed');
    const client = this.#client;
    this.#wanted = false;
    this.#statPending = false;
    this.#resume = undefined;
    this.#busy = { kind: 'closing', then };
    if (client === 0) {
      this.#closed();
      return;
    }
    this.#connection = 'TERMINATED';
    this.#out.push({ type: 'closeClient', client });
  }

  #closed(): void {
    if (this.#busy?.kind !== 'closing') return;
    const { then } = this.#busy;
    this.#busy = undefined;
    this.#client = 0;
    this.#connection = 'TERMINATED';
    this.#doomed = false;
    switch (then) {
      case 'nothing':
        return;
      case 'quit':
        this.#out.push({ type: 'quitDone' });
        return;
      case 'rejoin':
        return this.#rejoinNow();
      case 'rejoinLater':
        this.#joining = 'pausing';
        this.#out.push({ type: 'setTimer', delayMs: SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE_MS });
        return;
      case 'reconnect':
        if (this.#attempts >= this.#maxRetries) return this.#fatal('Failed to reEstablish connection with ZooKeeper');
        this.#joining = 'connecting';
        this.#out.push({ type: 'setTimer', delayMs: SLEEP_BETWEEN_SESSION_ATTEMPTS_MS });
        return;
      default:
        return unreachable(then);
    }
  }

  #rejoin(then: 'rejoin' | 'rejoinLater'): void {
    this.#log('info', 'Trying to re-establish ZK session');
    this.#close(then);
  }

  #rejoinNow(): void {
    if (this.#data === undefined) {
      this.#log('info', 'Not joining election since service has not yet been reported as healthy.');
      return;
    }
    if (!this.#announced) {
      // The session of one who had left the election before.
      this.#log('info', 'Not joining election: it was left before the session ended.');
      return;
    }
    this.#joinElection();
  }

  #timer(): void {
    if (this.#joining === 'pausing') {
      this.#joining = 'no';
      this.#rejoinNow();
    } else if (this.#joining === 'connecting' && this.#client === 0) {
      this.#connect();
    }
  }

  #fatal(message: string): void {
    this.#log('error', message);
    if (this.#announced) {
      this.#announced = false;
      this.#event({ type: 'ElectionLeft', reason: message });
    }
    this.#joining = 'no';
    this.#reset('nothing');
    this.#out.push({ type: 'fatal', message });
  }

  // --- the lock
  // ----------------------------------------------------------------------------------------------------------

  #createLock(): void {
    this.#out.push({ type: 'createLock', client: this.#client, data: this.#data! });
  }

  #lockCreated(code: number): void {
    if (!this.#wanted) return;
    switch (code) {
      case ErrorCode.OK:
        this.#gainLock();
        return this.#activate();
      case ErrorCode.NODEEXISTS:
        // After a retry it may be our own, made by the attempt whose answer was lost: the owner will tell.
        this.#monitor();
        if (this.#createTries === 0) this.#becomeStandby();
        return;
      case ErrorCode.CONNECTIONLOSS:
      case ErrorCode.OPERATIONTIMEOUT:
        if (this.#createTries < this.#maxRetries) {
          this.#createTries++;
          if (this.#connection === 'CONNECTED') this.#resumeOrRetry('create');
          else this.#resume = 'create';
          return;
        }
        return this.#fatal(
          `Received create error from Zookeeper. code:${codeName(code)} for path. Not retrying further znode create ` +
            `connection errors.`,
        );
      case ErrorCode.SESSIONEXPIRED:
        this.#log('warn', 'Lock acquisition failed because session was lost');
        return;
      default:
        return this.#fatal(`Received create error from Zookeeper. code:${codeName(code)}`);
    }
  }

  /**
   * A loss is reported before the disconnection itself, so that a retry made now waits in the client for the next
   * server; the `disconnected` that follows must then not ask for it a second time.
   */
  #resumeOrRetry(what: 'create' | 'stat'): void {
    if (what === 'create') this.#createLock();
    else this.#statLock();
  }

  /** Looks who owns the lock and asks to be told of its end. */
  #monitor(): void {
    this.#statTries = 0;
    this.#statLock();
  }

  #statLock(): void {
    if (this.#statPending) return;
    this.#statPending = true;
    this.#out.push({ type: 'statLock', client: this.#client });
  }

  #lockStat(code: number, owner: bigint): void {
    this.#statPending = false;
    if (!this.#wanted) return;
    switch (code) {
      case ErrorCode.OK:
        if (owner === this.#session) {
          this.#gainLock();
          if (this.#state !== 'ACTIVE') this.#activate();
        } else {
          this.#loseLock('another session owns it');
          this.#becomeStandby();
        }
        return;
      case ErrorCode.NONODE:
        this.#loseLock('the lock is gone');
        this.#enterNeutralMode();
        return this.#joinElection();
      case ErrorCode.CONNECTIONLOSS:
      case ErrorCode.OPERATIONTIMEOUT:
        if (this.#statTries < this.#maxRetries) {
          this.#statTries++;
          if (this.#connection === 'CONNECTED') this.#resumeOrRetry('stat');
          else this.#resume ??= 'stat';
          return;
        }
        return this.#fatal(
          `Received stat error from Zookeeper. code:${codeName(code)}. Not retrying further znode monitoring ` +
            `connection errors.`,
        );
      case ErrorCode.SESSIONEXPIRED:
        this.#log('warn', 'Lock monitoring failed because session was lost');
        return;
      default:
        return this.#fatal(`Received stat error from Zookeeper. code:${codeName(code)}`);
    }
  }

  #lockEvent(event: 'deleted' | 'changed'): void {
    if (!this.#wanted) return;
    if (event === 'changed') return this.#monitor();
    this.#loseLock('the lock was deleted');
    if (this.#state === 'ACTIVE') this.#enterNeutralMode();
    this.#joinElection();
  }

  #gainLock(): void {
    if (this.#holdsLock) return;
    this.#holdsLock = true;
    this.#event({ type: 'LockCreated', session: this.#session });
  }

  #loseLock(reason: string): void {
    if (!this.#holdsLock) return;
    this.#holdsLock = false;
    this.#event({ type: 'LockLost', session: this.#session, reason });
  }

  #becomeStandby(): void {
    if (this.#state === 'STANDBY') return;
    this.#state = 'STANDBY';
    this.#busy = { kind: 'standing' };
    this.#out.push({ type: 'becomeStandby' });
  }

  #enterNeutralMode(): void {
    if (this.#state === 'NEUTRAL') return;
    this.#state = 'NEUTRAL';
    this.#out.push({ type: 'enterNeutralMode' });
  }

  // --- becoming active
  // ---------------------------------------------------------------------------------------------------

  #activate(): void {
    this.#doomed = false;
    this.#log('info', 'Checking for any old active which needs to be fenced...');
    this.#busy = { kind: 'activating', step: 'read', tries: 0, version: undefined };
    this.#out.push({ type: 'readBreadcrumb', client: this.#client });
  }

  #breadcrumbRead(code: number, data: Buffer, version: number): void {
    const busy = this.#busy;
    if (busy?.kind === 'yielding') return this.#yieldRead(busy, code, data, version);
    if (busy?.kind !== 'activating') return;
    if (this.#retryable(busy, code)) {
      this.#out.push({ type: 'readBreadcrumb', client: this.#client });
      return;
    }
    if (code === ErrorCode.NONODE) {
      this.#log('info', 'No old node to fence');
      return this.#writeBreadcrumb();
    }
    if (code !== ErrorCode.OK)
      return this.#activationFailed(`the breadcrumb could not be read: ${keeperCodeName(code)}`);
    busy.version = version;
    this.#log('info', `Old node exists: ${data.toString('hex')}`);
    if (data.equals(this.#data!)) {
      this.#log('info', "But old node has our own data, so don't need to fence it.");
      return this.#writeBreadcrumb();
    }
    busy.step = 'fence';
    this.#out.push({ type: 'fence', data });
  }

  #fenced(ok: boolean, reason: string): void {
    if (this.#busy?.kind !== 'activating') return;
    if (!ok) return this.#activationFailed(reason);
    this.#writeBreadcrumb();
  }

  #writeBreadcrumb(): void {
    const busy = this.#busy;
    if (busy?.kind !== 'activating') return;
    if (busy.step !== 'write') {
      this.#log('info', 'Writing znode ActiveBreadCrumb to indicate that the local node is the most recent active...');
      busy.step = 'write';
      busy.tries = 0;
    }
    if (this.#doomed) return this.#activationFailed('the session expired');
    const { version } = busy;
    if (version === undefined) this.#out.push({ type: 'createBreadcrumb', client: this.#client, data: this.#data! });
    else this.#out.push({ type: 'setBreadcrumb', client: this.#client, data: this.#data!, version });
  }

  #breadcrumbWritten(code: number): void {
    const busy = this.#busy;
    if (busy?.kind !== 'activating') return;
    if (this.#retryable(busy, code)) return this.#writeBreadcrumb();
    if (code !== ErrorCode.OK)
      return this.#activationFailed(`the breadcrumb could not be written: ${keeperCodeName(code)}`);
    this.#event({ type: 'BreadcrumbWritten' });
    if (this.#doomed) return this.#activationFailed('the session expired');
    busy.step = 'activate';
    this.#out.push({ type: 'becomeActive' });
  }

  #becameActive(ok: boolean, reason: string): void {
    if (this.#busy?.kind !== 'activating') return;
    if (!ok) return this.#activationFailed(reason);
    this.#busy = undefined;
    this.#state = 'ACTIVE';
    this.#monitor();
  }

  /** Yield the lock, give others a chance, come back. */
  #activationFailed(reason: string): void {
    this.#log('warn', `Exception handling the winning of election: ${reason}`);
    this.#busy = undefined;
    this.#rejoin('rejoinLater');
  }

  #retryable(busy: { tries: number }, code: number): boolean {
    if (code !== ErrorCode.CONNECTIONLOSS && code !== ErrorCode.OPERATIONTIMEOUT) return false;
    busy.tries++;
    return busy.tries < this.#maxRetries && !this.#doomed;
  }

  // --- yielding gracefully: nobody shall fence us
  // ------------------------------------------------------------------------

  #yieldRead(busy: Extract<Busy, { kind: 'yielding' }>, code: number, data: Buffer, version: number): void {
    if (code !== ErrorCode.OK) return this.#yielded(`it could not be read: ${keeperCodeName(code)}`);
    if (!data.equals(this.#data!)) return this.#yielded(`it holds other data: ${data.toString('hex')}`);
    busy.step = 'delete';
    busy.version = version;
    this.#out.push({ type: 'deleteBreadcrumb', client: this.#client, version });
  }

  #breadcrumbDeleted(code: number): void {
    const busy = this.#busy;
    if (busy?.kind !== 'yielding') return;
    if (this.#retryable(busy, code)) {
      this.#out.push({ type: 'deleteBreadcrumb', client: this.#client, version: busy.version });
      return;
    }
    if (code !== ErrorCode.OK) return this.#yielded(`it could not be deleted: ${keeperCodeName(code)}`);
    this.#event({ type: 'BreadcrumbDeleted' });
    this.#yielded(undefined);
  }

  #yielded(fault: string | undefined): void {
    if (fault !== undefined) {
      this.#log(
        'warn',
        `Unable to delete our own bread-crumb of being active: ${fault}. Expecting to be fenced by the next active.`,
      );
    }
    this.#busy = undefined;
    this.#reset('quit');
  }

  // --- effects
  // -----------------------------------------------------------------------------------------------------------

  #event(event: ElectorEvent): void {
    this.#out.push({ type: 'event', event });
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.#out.push({ type: 'log', level, message });
  }
}

function codeName(code: number): string {
  return keeperCodeName(code).toUpperCase();
}
