/**
 * The life of a client's session as a plain state machine: which server to try next, what to say first, when to ping,
 * when to give a server up, and when the session is over. It does no I/O: the shell (connection.ts) feeds it inputs and
 * carries out the effects it returns, in order. Mirrors the decisions of org.apache.zookeeper.ClientCnxn.SendThread and
 * StaticHostProvider.
 *
 * Calling order: `start` once; then, for each `connect` effect, `opened` and `handshaken`, or `lost`; `tick` when the
 * delay of the last `tickAfter` has passed; `waited` when that of `wait` has; `close` at any time. After an `event` of
 * Expired, AuthFailed or Closed nothing more is needed and every input is ignored.
 *
 * Where it departs: Java's client pauses up to a second before each reconnect and fails the requests that wait after
 * every failed attempt. Here the first round over the servers after a loss goes fast, pauses grow from round to round
 * up to a second, and what waits fails only once they are that long, after a whole round, so that neither one dead
 * server nor an election costs a request.
 */
import { unreachable } from '../../base/errors.js';
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

export type SessionInput =
  | { readonly type: 'start' }
  /** The pause asked for by `wait` is over. */
  | { readonly type: 'waited' }
  | { readonly type: 'opened' }
  | { readonly type: 'handshaken'; readonly timeoutMs: number; readonly sessionId: bigint; readonly passwd: Buffer }
  /** The stream ended, could not be opened, or what came over it made no sense. */
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'tick'; readonly idleReceiveMs: number; readonly idleSendMs: number }
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
  /** Base and random part are added; the shell draws the latter in [0, jitterMs). */
  | { readonly type: 'wait'; readonly baseMs: number; readonly jitterMs: number }
  /** Replaces any tick asked for before. */
  | { readonly type: 'tickAfter'; readonly delayMs: number }
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

export class SessionMachine {
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

  get passwd(): Buffer {
    return this.#passwd;
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

  step(input: SessionInput): readonly SessionEffect[] {
    if (this.over) return [];
    switch (input.type) {
      case 'start':
        return this.#state === 'idle' ? this.#connectNext() : [];
      case 'waited':
        return this.#state === 'waiting' ? this.#connectNext() : [];
      case 'opened':
        return this.#opened();
      case 'handshaken':
        return this.#handshaken(input);
      case 'lost':
        return this.#lost(input.reason);
      case 'tick':
        return this.#tick(input.idleReceiveMs, input.idleSendMs);
      case 'authRejected':
        this.#state = 'authFailed';
        return [{ type: 'dropStream' }, ...this.#failAll(ErrorCode.AUTHFAILED), { type: 'event', state: 'AuthFailed' }];
      case 'close':
        return this.#close();
      case 'closeReplied':
        return this.#state === 'closing' ? this.#closed() : [];
      default:
        return unreachable(input);
    }
  }

  #connectTimeoutMs(): number {
    return Math.max(1, Math.floor(this.#timeoutMs / this.#servers.length));
  }

  #readTimeoutMs(): number {
    return Math.max(1, Math.floor((this.#timeoutMs * 2) / 3));
  }

  #connectNext(): SessionEffect[] {
    const endpoint = this.#servers[this.#next]!;
    this.#next = (this.#next + 1) % this.#servers.length;
    this.#current = endpoint;
    this.#state = 'connecting';
    return [{ type: 'connect', endpoint, timeoutMs: this.#connectTimeoutMs() }];
  }

  #opened(): SessionEffect[] {
    if (this.#state !== 'connecting') return [];
    this.#state = 'handshaking';
    return [
      { type: 'sendHandshake', sessionId: this.#sessionId, passwd: this.#passwd, timeoutMs: this.#wantedTimeoutMs },
      { type: 'tickAfter', delayMs: this.#connectTimeoutMs() },
    ];
  }

  #handshaken(answer: { timeoutMs: number; sessionId: bigint; passwd: Buffer }): SessionEffect[] {
    if (this.#state !== 'handshaking') return [];
    if (answer.timeoutMs <= 0) {
      this.#state = 'expired';
      const message = `unable to reconnect to ZooKeeper, session 0x${hex(this.#sessionId)} has expired`;
      return [
        { type: 'log', level: 'warn', message },
        { type: 'dropStream' },
        ...this.#failAll(ErrorCode.SESSIONEXPIRED),
        { type: 'event', state: 'Expired' },
      ];
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
      { type: 'tickAfter', delayMs: this.#pingAfterMs(0) },
    ];
  }

  #lost(reason: string): SessionEffect[] {
    if (this.#state === 'closing') return this.#closed();
    if (this.#state !== 'connecting' && this.#state !== 'handshaking' && this.#state !== 'connected') return [];
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
      { type: 'dropStream' },
      { type: 'failSent', code: ErrorCode.CONNECTIONLOSS },
    ];
    const pauseMs = this.#pauseMs();
    if (pauseMs >= FAILING_PAUSE_MS) effects.push({ type: 'failWaiting', code: ErrorCode.CONNECTIONLOSS });
    if (wasConnected) effects.push({ type: 'event', state: 'Disconnected' });
    if (pauseMs > 0) effects.push({ type: 'wait', baseMs: pauseMs / 2, jitterMs: pauseMs / 2 });
    else effects.push({ type: 'wait', baseMs: 0, jitterMs: this.#everConnected ? ROUND_JITTER_MS : 0 });
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

  #tick(idleReceiveMs: number, idleSendMs: number): SessionEffect[] {
    switch (this.#state) {
      case 'handshaking': {
        const leftMs = this.#connectTimeoutMs() - idleReceiveMs;
        return leftMs <= 0
          ? this.#lost('no answer to the connect request in time')
          : [{ type: 'tickAfter', delayMs: leftMs }];
      }
      case 'connected': {
        const leftMs = this.#readTimeoutMs() - idleReceiveMs;
        if (leftMs <= 0) return this.#lost(`not heard from for ${Math.round(idleReceiveMs)} ms`);
        const pingMs = this.#pingAfterMs(idleSendMs);
        if (pingMs > 1) return [{ type: 'tickAfter', delayMs: Math.min(leftMs, pingMs) }];
        return [{ type: 'sendPing' }, { type: 'tickAfter', delayMs: Math.min(leftMs, this.#pingAfterMs(0)) }];
      }
      case 'closing':
        return idleReceiveMs >= this.#readTimeoutMs()
          ? this.#closed()
          : [{ type: 'tickAfter', delayMs: this.#readTimeoutMs() - idleReceiveMs }];
      default:
        return [];
    }
  }

  #close(): SessionEffect[] {
    if (this.#state === 'closing') return [];
    if (this.#state !== 'connected') return this.#closed();
    this.#state = 'closing';
    return [{ type: 'sendClose' }, { type: 'tickAfter', delayMs: this.#readTimeoutMs() }];
  }

  #closed(): SessionEffect[] {
    this.#state = 'closed';
    return [{ type: 'dropStream' }, ...this.#failAll(ErrorCode.SESSIONEXPIRED), { type: 'event', state: 'Closed' }];
  }

  #failAll(code: number): SessionEffect[] {
    return [
      { type: 'failSent', code },
      { type: 'failWaiting', code },
    ];
  }
}

function hex(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16);
}
