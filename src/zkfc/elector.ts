/**
 * The election for the lock, as a machine. elector-table.ts says which phase does what with which input,
 * elector-messages.ts what goes in and out; activation.ts is the way from the lock to an active NameNode;
 * elector-shell.ts holds the ZooKeeper client. Mirrors org.apache.hadoop.ha.ActiveStandbyElector.
 *
 * The lock is the ephemeral node `ActiveStandbyElectorLock`; whoever made it is to be active. Beside it lies the
 * persistent `ActiveBreadCrumb`, which names the last active: it is there whenever somebody may be active, so the
 * winner of the lock fences the node it names (unless that is itself), then writes itself into it, and only then
 * becomes active.
 *
 * Calling order: `adopt` with a first connected client, or none; `join` and `quit` at will; an answer for each effect
 * that asks.
 */
import { LabError, unreachable } from '../base/errors.js';
import type { Machine } from '../base/machine.js';
import { ErrorCode } from '../wire/zookeeper/error-code.js';
import { keeperCodeName } from '../zookeeper/client/keeper-error.js';
import { Activation } from './activation.js';
import { ElectionMemory, isLoss } from './election-memory.js';
import type { ElectorEffect, ElectorInput, ElectorState, ElectorTimer } from './elector-messages.js';
import { ELECTOR_TABLE, TIMER_OF } from './elector-table.js';
import type { ElectorHandlers, InputKey, Phase } from './elector-table.js';

/** So that another node has a chance. */
const SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE_MS = 1000;
/** Between two attempts to get a session at all. */
const SLEEP_BETWEEN_SESSION_ATTEMPTS_MS = 5000;

/** What follows when the client is closed. */
type AfterClose = 'stayOut' | 'quitDone' | 'rejoin' | 'rejoinLater' | 'reconnect';

export class ActiveStandbyElector implements Machine<ElectorInput, ElectorEffect> {
  readonly #maxRetries: number;
  readonly #sessionTimeoutMs: number;
  readonly #at: ElectionMemory;
  readonly #activation: Activation;
  readonly #handlers: ElectorHandlers;
  #state: ElectorState = 'INIT';
  /** The phase to go on in after `standing` and `held`. */
  #back: Phase = 'out';
  #afterClose: AfterClose = 'stayOut';
  #clients = 0;
  #session = 0n;
  #connection: 'none' | 'connected' | 'disconnected' = 'none';
  /** The session for which the lock was last known to be ours; 0: none. */
  #lockOf = 0n;
  /** Attempts to get a session. */
  #attempts = 0;

  /**
   * `maxRetries`: ha.failover-controller.active-standby-elector.zk.op.retries. `sessionTimeoutMs`: as configured; also
   * how long to wait for a session.
   */
  constructor(maxRetries: number, sessionTimeoutMs: number) {
    this.#maxRetries = maxRetries;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#at = new ElectionMemory(sessionTimeoutMs);
    this.#activation = new Activation(maxRetries, this.#at, {
      active: () => {
        this.#state = 'ACTIVE';
        this.#ask();
      },
      failed: (reason) => {
        this.#at.log('warn', `Exception handling the winning of election: ${reason}`);
        this.#rejoin('rejoinLater');
      },
      yielded: () => this.#reset('quitDone'),
    });
    this.#handlers = { ...this.#own, ...this.#activation.handlers };
  }

  get phase(): Phase {
    return this.#at.phase;
  }

  get state(): ElectorState {
    return this.#state;
  }

  get holdsLock(): boolean {
    return this.#lockOf !== 0n;
  }

  /** For reading the lock; 0 if none is connected. */
  get connectedClient(): number {
    return this.#connection === 'connected' ? this.#at.client : 0;
  }

  get busy(): boolean {
    return ELECTOR_TABLE[this.#at.phase].busy === true;
  }

  step(input: ElectorInput, nowMs: number): readonly ElectorEffect[] {
    this.#at.nowMs = nowMs;
    this.#at.out = [];
    this.#take(input);
    while (!this.busy && this.#at.waiting.length > 0) this.#take(this.#at.waiting.shift()!);
    return this.#at.out;
  }

  #take(input: ElectorInput): void {
    if ('client' in input && input.type !== 'adopt' && input.client !== this.#at.client) {
      if (input.type !== 'closed') this.#at.log('debug', `Ignoring ${input.type} from an old client`);
      return;
    }
    const row = ELECTOR_TABLE[this.#at.phase];
    const key: InputKey = input.type === 'timer' ? `timer:${input.timer}` : input.type;
    const name = row.on[key];
    if (name === undefined) {
      if (row.busy !== true) throw new LabError('ASSERTION', `the election takes no ${key} in phase ${this.#at.phase}`);
      this.#at.waiting.push(input);
    } else if (name !== 'ignore') {
      (this.#handlers[name] as (input: ElectorInput) => void)(input);
    }
  }

  readonly #own: Omit<ElectorHandlers, keyof Activation['handlers']> = {
    adopt: ({ client, session, timeoutMs }) => {
      this.#at.client = client;
      this.#clients = Math.max(this.#clients, client);
      this.#sessionIs(session, timeoutMs);
    },
    join: ({ data }) => {
      this.#at.data = data;
      this.#at.event({ type: 'ElectionJoined' });
      if (this.#at.client === 0) this.#connect(1);
      else this.#create();
    },
    renewData: ({ data }) => {
      this.#at.data = data;
    },
    quit: ({ needFence }) => this.#quit(needFence),
    hold: () => {
      this.#back = this.#at.phase;
      this.#at.phase = 'held';
      this.#at.out.push({ type: 'held' });
    },
    release: ({ needFence }) => {
      this.#at.phase = this.#back;
      this.#quit(needFence);
    },
    closed: () => this.#closed(),
    sessionStands: (input) => {
      this.#at.clear('connect');
      this.#connected(input);
      this.#create();
    },
    sessionIsBack: (input) => this.#connected(input),
    createAgain: (input) => {
      this.#connected(input);
      this.#createLock();
    },
    askAgain: (input) => {
      this.#connected(input);
      this.#ask();
    },
    disconnected: () => {
      if (this.#connection !== 'connected') return;
      this.#at.log('info', 'Session disconnected. Entering neutral mode...');
      this.#connection = 'disconnected';
      this.#at.event({ type: 'ZooKeeperSessionChanged', to: 'disconnected' });
      this.#enterNeutralMode();
    },
    expired: () => {
      this.#at.log('info', 'Session expired. Entering neutral mode and rejoining...');
      this.#at.event({ type: 'ZooKeeperSessionChanged', to: 'expired' });
      this.#loseLock('session expired');
      this.#enterNeutralMode();
      if (this.#at.phase !== 'out') return this.#rejoin('rejoin');
      this.#rejoin('stayOut');
      this.#at.log('info', 'Not joining election since service has not yet been reported as healthy.');
    },
    authFailed: () => this.#fatal('Unexpected Zookeeper watch event state: AuthFailed'),
    noSession: () => {
      const attempt = `attempt ${this.#attempts} of ${this.#maxRetries}`;
      this.#at.log('warn', `Connection timed out: couldn't connect to ZooKeeper (${attempt})`);
      this.#close('reconnect');
    },
    connectAgain: () => this.#connect(this.#attempts + 1),
    rejoin: () => this.#connect(1),
    lockCreated: ({ code }) => this.#lockCreated(code),
    lockStat: ({ code, owner }) => this.#lockStat(code, owner),
    lockGone: () => {
      this.#loseLock('the lock was deleted');
      if (this.#state === 'ACTIVE') this.#enterNeutralMode();
      this.#create();
    },
    ask: () => this.#ask(),

    stoodDown: () => {
      this.#at.phase = this.#back;
    },
  };

  // --- joining and leaving

  #connect(attempt: number): void {
    this.#attempts = attempt;
    this.#at.phase = 'connecting';
    this.#at.client = ++this.#clients;
    this.#at.out.push(
      { type: 'openClient', client: this.#at.client },
      { type: 'setTimer', timer: 'connect', delayMs: this.#sessionTimeoutMs },
    );
  }

  #connected({ session, timeoutMs }: Extract<ElectorInput, { type: 'connected' }>): void {
    this.#at.log('info', 'Session connected.');
    this.#sessionIs(session, timeoutMs);
  }

  #sessionIs(session: bigint, timeoutMs: number): void {
    this.#session = session;
    this.#at.timeoutMs = timeoutMs;
    this.#connection = 'connected';
    this.#at.event({ type: 'ZooKeeperSessionChanged', to: 'connected' });
  }

  #quit(needFence: boolean): void {
    this.#at.log('info', 'Yielding from election');
    this.#left(needFence ? 'the service may need to be fenced' : 'the service is in standby');
    if (!needFence && this.#state === 'ACTIVE') return this.#activation.yield();
    this.#reset('quitDone');
  }

  #left(reason: string): void {
    if (this.#at.phase !== 'out') this.#at.event({ type: 'ElectionLeft', reason });
  }

  /** The lock goes with the session. */
  #reset(after: 'quitDone' | 'stayOut'): void {
    this.#state = 'INIT';
    this.#close(after);
  }

  #rejoin(after: 'stayOut' | 'rejoin' | 'rejoinLater'): void {
    this.#at.log('info', 'Trying to re-establish ZK session');
    this.#close(after);
  }

  #close(after: AfterClose): void {
    const timer = TIMER_OF[this.#at.phase];
    if (timer !== undefined) this.#at.clear(timer);
    this.#loseLock('session closed');
    this.#at.phase = 'closing';
    this.#afterClose = after;
    if (this.#at.client === 0) return this.#closed();
    this.#connection = 'none';
    this.#at.out.push({ type: 'closeClient', client: this.#at.client });
  }

  #closed(): void {
    this.#at.client = 0;
    this.#connection = 'none';
    switch (this.#afterClose) {
      case 'stayOut':
      case 'quitDone':
        this.#at.phase = 'out';
        if (this.#afterClose === 'quitDone') this.#at.out.push({ type: 'quitDone' });
        return;
      case 'rejoin':
        return this.#connect(1);
      case 'rejoinLater':
        return this.#sleep('pausing', 'rejoin', SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE_MS);
      case 'reconnect':
        if (this.#attempts < this.#maxRetries)
          return this.#sleep('reconnecting', 'reconnect', SLEEP_BETWEEN_SESSION_ATTEMPTS_MS);
        return this.#fatal('Failed to reEstablish connection with ZooKeeper');
      default:
        return unreachable(this.#afterClose);
    }
  }

  #sleep(phase: Phase, timer: ElectorTimer, delayMs: number): void {
    this.#at.phase = phase;
    this.#at.out.push({ type: 'setTimer', timer, delayMs });
  }

  #fatal(message: string): void {
    this.#at.log('error', message);
    this.#left(message);
    this.#reset('stayOut');
    this.#at.out.push({ type: 'fatal', message });
  }

  // --- the lock

  #create(): void {
    this.#at.retries = 0;
    this.#createLock();
  }

  #createLock(): void {
    this.#at.phase = 'creating';
    this.#at.out.push({ type: 'createLock', client: this.#at.client, data: this.#at.data });
  }

  #lockCreated(code: number): void {
    if (code === ErrorCode.OK) {
      this.#gainLock();
      return this.#activation.start();
    }
    if (code === ErrorCode.NODEEXISTS) {
      // After a retry it may be our own, made by the attempt whose answer was lost: the owner will tell.
      const first = this.#at.retries === 0;
      this.#ask();
      if (first) this.#becomeStandby();
      return;
    }
    if (code === ErrorCode.SESSIONEXPIRED) {
      this.#at.phase = 'createLost';
      this.#at.log('warn', 'Lock acquisition failed because session was lost');
      return;
    }
    const message = `Received create error from Zookeeper. code:${codeName(code)}`;
    if (!isLoss(code)) return this.#fatal(message);
    if (this.#at.retries >= this.#maxRetries)
      return this.#fatal(`${message} for path. Not retrying further znode create connection errors.`);
    this.#at.retries++;
    // A loss is reported before the disconnection itself: what is sent now waits in the client for the next server.
    if (this.#connection === 'connected') this.#createLock();
    else this.#at.phase = 'createLost';
  }

  /** Looks who owns the lock and asks to be told of its end. */
  #ask(): void {
    this.#at.retries = 0;
    this.#statLock();
  }

  #statLock(): void {
    this.#at.phase = 'asking';
    this.#at.out.push({ type: 'statLock', client: this.#at.client });
  }

  #lockStat(code: number, owner: bigint): void {
    if (code === ErrorCode.OK) {
      this.#at.phase = 'watching';
      if (owner === this.#session) {
        this.#gainLock();
        if (this.#state !== 'ACTIVE') this.#activation.start();
      } else {
        this.#loseLock('another session owns it');
        this.#becomeStandby();
      }
      return;
    }
    if (code === ErrorCode.NONODE) {
      this.#loseLock('the lock is gone');
      this.#enterNeutralMode();
      return this.#create();
    }
    if (code === ErrorCode.SESSIONEXPIRED) {
      this.#at.phase = 'askLost';
      this.#at.log('warn', 'Lock monitoring failed because session was lost');
      return;
    }
    const message = `Received stat error from Zookeeper. code:${codeName(code)}`;
    if (!isLoss(code)) return this.#fatal(message);
    if (this.#at.retries >= this.#maxRetries)
      return this.#fatal(`${message}. Not retrying further znode monitoring connection errors.`);
    this.#at.retries++;
    if (this.#connection === 'connected') this.#statLock();
    else this.#at.phase = 'askLost';
  }

  #gainLock(): void {
    if (this.#lockOf !== 0n) return;
    this.#lockOf = this.#session;
    this.#at.event({ type: 'LockCreated', session: this.#session });
  }

  #loseLock(reason: string): void {
    if (this.#lockOf === 0n) return;
    this.#lockOf = 0n;
    this.#at.event({ type: 'LockLost', session: this.#session, reason });
  }

  #becomeStandby(): void {
    if (this.#state === 'STANDBY') return;
    this.#state = 'STANDBY';
    this.#back = this.#at.phase;
    this.#at.phase = 'standing';
    this.#at.out.push({ type: 'becomeStandby' });
  }

  #enterNeutralMode(): void {
    if (this.#state === 'NEUTRAL') return;
    this.#state = 'NEUTRAL';
    this.#at.out.push({ type: 'enterNeutralMode' });
  }
}

function codeName(code: number): string {
  return keeperCodeName(code).toUpperCase();
}
