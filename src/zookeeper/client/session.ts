/**
 * The life of a client's session as a machine: which server to try next, what to say first, when to ping, when to give
 * a server up, and when the session is over. Streams, requests and watches are left to the shell (session-shell.ts).
 * Mirrors the decisions of org.apache.zookeeper.ClientCnxn.SendThread and StaticHostProvider.
 *
 * Calling order: `start` once; then, for each `connect` effect, `opened` and `handshaken`, or `lost`; `heard` and
 * `sent` whenever bytes come and go; `close` at any time. After an `event` of Expired, AuthFailed or Closed nothing
 * more is needed and every input is ignored.
 *
 * Where it departs: Java's client pauses up to a second before each reconnect and fails the requests that wait after
 * every failed attempt. Here the first round over the servers after a loss goes fast, pauses grow from round to round
 * up to a second, and what waits fails only once they are that long, after a whole round, so that neither one dead
 * server nor an election costs a request.
 */
import type { Machine, TimerEffect, TimerInput } from '../../base/machine.js';
import type { Endpoint } from '../../host/host.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';

export type SessionState =
  | 'idle'
  | 'waiting'
  | 'connecting'
  | 'handshaking'
  | 'connected'
  | 'closing'
  | 'closed'
  | 'expired'
  | 'authFailed';

export type SessionEvent = 'SyncConnected' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed';

/** tick: it may be time to ping, or to give the server up; wait: the pause before the next server is over. */
type SessionTimer = 'tick' | 'wait';

export type SessionInput =
  | { readonly type: 'start' }
  | TimerInput<SessionTimer>
  | { readonly type: 'opened' }
  | { readonly type: 'handshaken'; readonly timeoutMs: number; readonly sessionId: bigint; readonly passwd: Buffer }
  /** The stream ended, could not be opened, or what came over it made no sense. */
  | { readonly type: 'lost'; readonly reason: string }
  /** Bytes came from the server. */
  | { readonly type: 'heard' }
  /** Bytes went to the server. */
  | { readonly type: 'sent' }
  | { readonly type: 'authRejected' }
  | { readonly type: 'close' }
  | { readonly type: 'closeReplied' };

export type SessionEffect =
  | { readonly type: 'connect'; readonly endpoint: Endpoint; readonly timeoutMs: number }
  | { readonly type: 'sendHandshake'; readonly sessionId: bigint; readonly passwd: Buffer; readonly timeoutMs: number }
  /** The session stands on this server: send credentials, watches and what waits. */
  | { readonly type: 'prime' }
  | { readonly type: 'sendPing' }
  | { readonly type: 'sendClose' }
  | { readonly type: 'dropStream' }
  | TimerEffect<SessionTimer>
  /** Requests that were sent and not answered. */
  | { readonly type: 'failSent'; readonly code: number }
  /** Requests not sent yet. */
  | { readonly type: 'failWaiting'; readonly code: number }
  | { readonly type: 'event'; readonly state: SessionEvent }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly message: string };

/** Longest silence of ours, whatever the session's time-out. */
const MAX_PING_INTERVAL_MS = 10_000;
const ROUND_JITTER_MS = 20;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;
/** Rounds as slow as this one end with the failure of the requests that wait. */
const FAILING_PAUSE_MS = 800;

const NOTHING: readonly SessionEffect[] = [];
const CLEAR_TICK: SessionEffect = { type: 'clearTimer', timer: 'tick' };
const CLEAR_WAIT: SessionEffect = { type: 'clearTimer', timer: 'wait' };

export class Session implements Machine<SessionInput, SessionEffect> {
  readonly #servers: readonly Endpoint[];
  readonly #wantedTimeoutMs: number;
  #state: SessionState = 'idle';
  #next = 0;
  #current: Endpoint | undefined;
  /** Attempts since a session last stood on a server. */
  #failures = 0;
  #everConnected = false;
  #timeoutMs: number;
  #sessionId = 0n;
  #passwd: Buffer = Buffer.alloc(16);
  #heardMs = 0;
  #sentMs = 0;

  /** `servers` in the order in which to try them (shuffled by the caller), at least one. */
  constructor(servers: readonly Endpoint[], sessionTimeoutMs: number) {
    this.#servers = servers;
    this.#wantedTimeoutMs = sessionTimeoutMs;
    this.#timeoutMs = sessionTimeoutMs;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** 0n before the first session stands. */
  get sessionId(): bigint {
    return this.#sessionId;
  }

  /** Negotiated; before that, the one asked for. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** The server of the connection that stands, or is being made. */
  get server(): Endpoint | undefined {
    return this.#current;
  }

  get over(): boolean {
    return this.#state === 'closed' || this.#state === 'expired' || this.#state === 'authFailed';
  }

  /** The code with which a request fails that cannot be sent any more. */
  get failureCode(): number {
    if (this.#state === 'authFailed') return ErrorCode.AUTHFAILED;
    return this.over || this.#state === 'closing' ? ErrorCode.SESSIONEXPIRED : ErrorCode.CONNECTIONLOSS;
  }

  step(input: SessionInput, nowMs: number): readonly SessionEffect[] {
    if (this.over) return NOTHING;
    switch (input.type) {
      case 'heard':
        this.#heardMs = nowMs;
        return NOTHING;
      case 'sent':
        this.#sentMs = nowMs;
        return NOTHING;
      case 'start':
        return this.#state === 'idle' ? this.#connectNext() : NOTHING;
      case 'timer':
        if (input.timer === 'tick') return this.#tick(nowMs - this.#heardMs, nowMs - this.#sentMs);
        return this.#state === 'waiting' ? this.#connectNext() : NOTHING;
      case 'opened':
        return this.#opened(nowMs);
      case 'handshaken':
        return this.#handshaken(input);
      case 'lost':
        return this.#lost(input.reason);
      case 'authRejected':
        return this.#end('authFailed', ErrorCode.AUTHFAILED, 'AuthFailed');
      case 'close':
        return this.#close(nowMs);
      case 'closeReplied':
        return this.#state === 'closing' ? this.#closed() : NOTHING;
    }
  }

  #connectTimeoutMs(): number {
    return Math.max(1, Math.floor(this.#timeoutMs / this.#servers.length));
  }

  #readTimeoutMs(): number {
    return Math.max(1, Math.floor((this.#timeoutMs * 2) / 3));
  }

  #connectNext(): readonly SessionEffect[] {
    const endpoint = this.#servers[this.#next]!;
    this.#next = (this.#next + 1) % this.#servers.length;
    this.#current = endpoint;
    this.#state = 'connecting';
    return [{ type: 'connect', endpoint, timeoutMs: this.#connectTimeoutMs() }];
  }

  #opened(nowMs: number): readonly SessionEffect[] {
    if (this.#state !== 'connecting') return NOTHING;
    this.#state = 'handshaking';
    this.#heardMs = this.#sentMs = nowMs;
    return [
      { type: 'sendHandshake', sessionId: this.#sessionId, passwd: this.#passwd, timeoutMs: this.#wantedTimeoutMs },
      tickAfter(this.#connectTimeoutMs()),
    ];
  }

  #handshaken(answer: Extract<SessionInput, { type: 'handshaken' }>): readonly SessionEffect[] {
    if (this.#state !== 'handshaking') return NOTHING;
    if (answer.timeoutMs <= 0) {
      const message = `unable to reconnect to ZooKeeper, session 0x${hex(this.#sessionId)} has expired`;
      return [{ type: 'log', level: 'warn', message }, ...this.#end('expired', ErrorCode.SESSIONEXPIRED, 'Expired')];
    }
    this.#state = 'connected';
    this.#failures = 0;
    this.#everConnected = true;
    this.#timeoutMs = answer.timeoutMs;
    this.#sessionId = answer.sessionId;
    this.#passwd = answer.passwd;
    const server = this.#current!;
    const message =
      `session 0x${hex(answer.sessionId)} established on ${server.host}:${server.port}, negotiated ` +
      `time-out ${answer.timeoutMs} ms`;
    return [
      { type: 'log', level: 'info', message },
      { type: 'event', state: 'SyncConnected' },
      { type: 'prime' },
      tickAfter(this.#pingAfterMs(0)),
    ];
  }

  #lost(reason: string): readonly SessionEffect[] {
    if (this.#state === 'closing') return this.#closed();
    if (this.#state !== 'connecting' && this.#state !== 'handshaking' && this.#state !== 'connected') return NOTHING;
    const wasConnected = this.#state === 'connected';
    const server = this.#current!;
    this.#state = 'waiting';
    this.#failures++;
    const effects: SessionEffect[] = [
      {
        type: 'log',
        level: wasConnected ? 'warn' : 'info',
        message: `ZooKeeper server ${server.host}:${server.port}: ${reason}; trying the next`,
      },
      CLEAR_TICK,
      { type: 'dropStream' },
      { type: 'failSent', code: ErrorCode.CONNECTIONLOSS },
    ];
    const pauseMs = this.#pauseMs();
    if (pauseMs >= FAILING_PAUSE_MS) effects.push({ type: 'failWaiting', code: ErrorCode.CONNECTIONLOSS });
    if (wasConnected) effects.push({ type: 'event', state: 'Disconnected' });
    const jitterMs = pauseMs > 0 ? pauseMs / 2 : this.#everConnected ? ROUND_JITTER_MS : 0;
    effects.push({ type: 'setTimer', timer: 'wait', delayMs: pauseMs / 2, jitterMs });
    return effects;
  }

  /** 0 within a round over the servers; longer from round to round between them. */
  #pauseMs(): number {
    if (this.#failures % this.#servers.length !== 0) return 0;
    const round = this.#failures / this.#servers.length;
    return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(round - 1, 10));
  }

  /**
   * A third of the time-out after the last thing sent, a second earlier once a second has gone by, so that two pings
   * fit in.
   */
  #pingAfterMs(idleSendMs: number): number {
    const third = Math.floor(this.#readTimeoutMs() / 2);
    const due = third > 2000 ? third - 1000 : third;
    return Math.max(1, Math.min(due, MAX_PING_INTERVAL_MS) - idleSendMs);
  }

  #tick(idleReceiveMs: number, idleSendMs: number): readonly SessionEffect[] {
    switch (this.#state) {
      case 'handshaking': {
        const leftMs = this.#connectTimeoutMs() - idleReceiveMs;
        return leftMs <= 0 ? this.#lost('no answer to the connect request in time') : [tickAfter(leftMs)];
      }
      case 'connected': {
        const leftMs = this.#readTimeoutMs() - idleReceiveMs;
        if (leftMs <= 0) return this.#lost(`not heard from for ${Math.round(idleReceiveMs)} ms`);
        const pingMs = this.#pingAfterMs(idleSendMs);
        if (pingMs > 1) return [tickAfter(Math.min(leftMs, pingMs))];
        return [{ type: 'sendPing' }, tickAfter(Math.min(leftMs, this.#pingAfterMs(0)))];
      }
      case 'closing': {
        const leftMs = this.#readTimeoutMs() - idleReceiveMs;
        return leftMs <= 0 ? this.#closed() : [tickAfter(leftMs)];
      }
      default:
        return NOTHING;
    }
  }

  #close(nowMs: number): readonly SessionEffect[] {
    if (this.#state === 'closing') return NOTHING;
    if (this.#state !== 'connected') return this.#closed();
    this.#state = 'closing';
    this.#heardMs = nowMs;
    return [{ type: 'sendClose' }, tickAfter(this.#readTimeoutMs())];
  }

  #closed(): readonly SessionEffect[] {
    return this.#end('closed', ErrorCode.SESSIONEXPIRED, 'Closed');
  }

  #end(state: SessionState, code: number, event: SessionEvent): readonly SessionEffect[] {
    this.#state = state;
    return [
      CLEAR_TICK,
      CLEAR_WAIT,
      { type: 'dropStream' },
      { type: 'failSent', code },
      { type: 'failWaiting', code },
      { type: 'event', state: event },
    ];
  }
}

function tickAfter(delayMs: number): SessionEffect {
  return { type: 'setTimer', timer: 'tick', delayMs };
}

function hex(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16);
}
