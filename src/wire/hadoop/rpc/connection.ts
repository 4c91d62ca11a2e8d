/**
 * One connection of an RPC client: made when the first call wants it, with its retries; calls pipelined on it; closed
 * when idle, when a call has had no sign of life for too long, or when it breaks. Mirrors
 * org.apache.hadoop.ipc.Client.Connection.
 */
import { endpointText } from '../../../base/host-port.js';
import { LabError, hasCode } from '../../../base/errors.js';
import type { LabErrorCode } from '../../../base/errors.js';
import type { Endpoint, Host, Stream, Timer } from '../../../host/host.js';
import { encodeOpening, encodePing, ResponseReader } from './client-connection.js';
import type { ClientOutcome } from './client-connection.js';
import { decodeMessage } from './frame.js';
import type { AnyMethodSpec } from './spec.js';

export interface OutstandingCall {
  readonly callId: number;
  readonly bytes: Buffer;
  readonly method: AnyMethodSpec;
  readonly timeoutMs: number;
  sentAtMs: number;
  readonly done: (error: LabError | undefined, response: unknown) => void;
}

export interface ConnectionKey {
  readonly connectTimeoutMs: number;
  readonly connectRetries: number;
  readonly connectRetriesOnTimeouts: number;
  readonly connectRetryIntervalMs: number;
  readonly endpoint: Endpoint;
  readonly protocol: string;
  readonly user: string;
}

/** The client's side of it. */
export interface ConnectionOwner {
  readonly host: Host;
  readonly clientId: Buffer;
  readonly maxIdleMs: number;
  readonly pingIntervalMs: number;
  readonly maxResponseLength: number | undefined;
  /** It is closed, and nothing is sent on it any more. */
  forget(connection: Connection): void;
  /** The server ended it while no answer was due. */
  disconnected(endpoint: Endpoint): void;
}

export class Connection {
  readonly key: ConnectionKey;
  readonly #owner: ConnectionOwner;
  readonly #calls = new Map<number, OutstandingCall>();
  readonly #reader: ResponseReader;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #stream: Stream | undefined;
  #failures = 0;
  #timeouts = 0;
  #retryTimer: Timer | undefined;
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #lastActivityMs = 0;
  #lastReceivedMs = 0;

  constructor(owner: ConnectionOwner, key: ConnectionKey) {
    this.key = key;
    this.#owner = owner;
    this.#reader = new ResponseReader(owner.maxResponseLength);
    this.#connect();
  }

  get #host(): Host {
    return this.#owner.host;
  }

  add(call: OutstandingCall): void {
    this.#calls.set(call.callId, call);
    if (this.#state === 'open') {
      this.#send(call, this.#host.clock.nowMs());
      this.#armFor(Math.min(this.#lastActivityMs + this.#owner.pingIntervalMs, deadlineOf(call)));
    }
  }

  #connect(): void {
    const { endpoint, connectTimeoutMs } = this.key;
    let opened = false;
    const stream = this.#host.net.connect(
      endpoint,
      { timeoutMs: connectTimeoutMs },
      {
        onOpen: () => {
          opened = true;
          if (this.#stream === stream) this.#opened();
        },
        onData: (chunk) => {
          if (this.#stream === stream) this.#received(chunk);
        },
        onClose: (error) => {
          if (this.#stream !== stream) return;
          if (opened) {
            const idle = this.#calls.size === 0;
            this.fail(this.#lost(error));
            if (idle) this.#owner.disconnected(endpoint);
          } else {
            this.#connectFailed(error);
          }
        },
      },
    );
    this.#stream = stream;
  }

  #opened(): void {
    const now = this.#host.clock.nowMs();
    this.#state = 'open';
    this.#lastReceivedMs = now;
    this.#stream!.write(
      encodeOpening({ user: this.key.user, protocol: this.key.protocol, clientId: this.#owner.clientId }),
    );
    for (const call of this.#calls.values()) this.#send(call, now);
    this.#armFor(this.#nextDueMs());
  }

  #connectFailed(error: Error | undefined): void {
    const timedOut = hasCode(error, 'CONNECT_TIMEOUT');
    const mayRetry = timedOut
      ? this.#timeouts++ < this.key.connectRetriesOnTimeouts
      : this.#failures++ < this.key.connectRetries;
    if (!mayRetry) {
      this.fail(asLabError(error, 'CONNECT_REFUSED', `cannot connect to ${endpointText(this.key.endpoint)}`));
      return;
    }
    this.#stream = undefined;
    this.#retryTimer = this.#host.clock.after(timedOut ? 0 : this.key.connectRetryIntervalMs, () => this.#connect());
  }

  #lost(error: Error | undefined): LabError {
    const where = `the connection to ${endpointText(this.key.endpoint)} was lost before the answer`;
    return error === undefined
      ? new LabError('CONNECTION_CLOSED', where)
      : asLabError(error, 'CONNECTION_RESET', where);
  }

  #send(call: OutstandingCall, now: number): void {
    call.sentAtMs = now;
    this.#lastActivityMs = now;
    this.#stream!.write(call.bytes);
  }

  #received(chunk: Buffer): void {
    const now = this.#host.clock.nowMs();
    this.#lastActivityMs = now;
    this.#lastReceivedMs = now;
    let outcomes: ClientOutcome[];
    try {
      outcomes = this.#reader.receive(chunk);
    } catch (error) {
      this.fail(asLabError(error, 'MALFORMED', `a malformed answer from ${endpointText(this.key.endpoint)}`));
      return;
    }
    for (const outcome of outcomes) {
      if (this.#state === 'closed') return;
      if (outcome.kind === 'fatal') {
        this.fail(outcome.error);
        return;
      }
      const call = this.#calls.get(outcome.callId);
      if (call === undefined) continue; // given up before its answer came
      this.#calls.delete(outcome.callId);
      this.#settle(call, outcome);
    }
    if (this.#calls.size === 0) this.#armFor(this.#lastActivityMs + this.#owner.maxIdleMs);
  }

  #settle(call: OutstandingCall, outcome: Exclude<ClientOutcome, { kind: 'fatal' }>): void {
    if (outcome.kind === 'failure') {
      call.done(outcome.error, undefined);
      return;
    }
    let response: unknown;
    try {
      response = decodeMessage(call.method.response, outcome.payload);
    } catch (error) {
      call.done(
        asLabError(error, 'MALFORMED', `a malformed answer from ${endpointText(this.key.endpoint)}`),
        undefined,
      );
      return;
    }
    call.done(undefined, response);
  }

  /** Closes the connection; every outstanding call fails, none of them inside this turn's caller. */
  fail(error: LabError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#owner.forget(this);
    this.#retryTimer?.cancel();
    this.#timer?.cancel();
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.destroy();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    if (calls.length > 0) {
      this.#host.clock.soon(() => {
        for (const call of calls) call.done(error, undefined);
      });
    }
  }

  /**
   * One timer a connection, for call time-outs, pings and the end of idleness. What is armed already and comes first
   * looks again.
   */
  #armFor(dueMs: number): void {
    if (this.#state !== 'open' || dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#host.clock.after(Math.max(0, dueMs - this.#host.clock.nowMs()), () => this.#tick());
  }

  #nextDueMs(): number {
    if (this.#calls.size === 0) return this.#lastActivityMs + this.#owner.maxIdleMs;
    let due = this.#lastActivityMs + this.#owner.pingIntervalMs;
    for (const call of this.#calls.values()) due = Math.min(due, deadlineOf(call));
    return due;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerDueMs = Infinity;
    const now = this.#host.clock.nowMs();
    if (this.#calls.size === 0) {
      if (now - this.#lastActivityMs >= this.#owner.maxIdleMs) {
        this.fail(new LabError('CONNECTION_CLOSED', 'idle'));
        return;
      }
    } else {
      this.#expire(now);
      if (this.#state !== 'open') return;
      if (this.#calls.size > 0 && now - this.#lastActivityMs >= this.#owner.pingIntervalMs) {
        this.#lastActivityMs = now;
        this.#stream!.write(encodePing(this.#owner.clientId));
      }
    }
    this.#armFor(this.#nextDueMs());
  }

  /**
   * A server that has said nothing since the call was sent may be gone: then the connection goes too, and all that
   * waits on it.
   */
  #expire(now: number): void {
    for (const call of this.#calls.values()) {
      if (now < deadlineOf(call)) continue;
      const error = new LabError(
        'RPC_TIMEOUT',
        `no answer from ${endpointText(this.key.endpoint)} within ${call.timeoutMs} ms`,
        {
          remedy: 'is the process alive (`jps`), paused or cut off?',
          data: { timeoutMs: call.timeoutMs },
        },
      );
      if (this.#lastReceivedMs <= call.sentAtMs) {
        this.fail(error);
        return;
      }
      this.#calls.delete(call.callId);
      call.done(error, undefined);
    }
  }
}

function deadlineOf(call: OutstandingCall): number {
  return call.timeoutMs > 0 ? call.sentAtMs + call.timeoutMs : Infinity;
}

function asLabError(error: unknown, code: LabErrorCode, message: string): LabError {
  if (error instanceof LabError) return error;
  return new LabError(code, error instanceof Error ? `${message}: ${error.message}` : message, { cause: error });
}
