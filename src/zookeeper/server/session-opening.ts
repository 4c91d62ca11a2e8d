/**
 * How a client gets its session, as a machine: a new one, by a transaction; an old one, if its password is right and
 * whoever keeps the sessions says that it lives. On a learner that is the leader, and it makes us the session's server
 * (revalidation). Who answers a client, and with which bytes, is left to the shell (zookeeper-server.ts). Mirrors
 * ZooKeeperServer.processConnectRequest, reopenSession and finishSessionInit, and LearnerZooKeeperServer's
 * revalidation.
 *
 * `Client` is whatever the shell calls a connection by; the machine compares it, no more.
 */
import type { Machine } from '../../base/machine.js';
import { sessionPassword } from './session-id.js';

export type OpeningInput<Client> =
  /** From now on we serve; `firstSessionId` is the id with which new sessions begin. */
  | { readonly type: 'serve'; readonly firstSessionId: bigint }
  | { readonly type: 'stopServing' }
  | {
      readonly type: 'connectRequest';
      readonly client: Client;
      /** 0n: a new one. */
      readonly sessionId: bigint;
      readonly passwd: Buffer;
      readonly timeoutMs: number;
      readonly lastZxidSeen: bigint;
      /** The last transaction that is applied here. */
      readonly lastZxid: bigint;
    }
  /** The transaction that makes a new session is applied. */
  | { readonly type: 'created'; readonly sessionId: bigint }
  /** The answer to `validate`. */
  | { readonly type: 'validated'; readonly sessionId: bigint; readonly valid: boolean }
  /** The connection is over. */
  | { readonly type: 'gone'; readonly client: Client; readonly sessionId: bigint };

export type OpeningEffect<Client> =
  | { readonly type: 'create'; readonly sessionId: bigint; readonly timeoutMs: number; readonly client: Client }
  /** Does the session live, and may it be ours? */
  | { readonly type: 'validate'; readonly sessionId: bigint; readonly timeoutMs: number }
  | {
      readonly type: 'accept';
      readonly client: Client;
      readonly sessionId: bigint;
      readonly timeoutMs: number;
      readonly isNew: boolean;
    }
  /** Answered with a time-out of 0: the session is over. */
  | {
      readonly type: 'reject';
      readonly client: Client;
      readonly sessionId: bigint;
      readonly reason: 'wrong password' | 'not valid';
    }
  /** Closed without an answer: another server may do. */
  | { readonly type: 'refuse'; readonly client: Client; readonly reason: 'not serving' }
  | { readonly type: 'refuse'; readonly client: Client; readonly reason: 'ahead of us'; readonly lastZxidSeen: bigint }
  /** The older connection of a session that is taken up by a new one. */
  | { readonly type: 'drop'; readonly client: Client };

interface Opening<Client> {
  readonly client: Client;
  readonly timeoutMs: number;
  readonly isNew: boolean;
}

export interface SessionLimits {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

export class SessionOpening<Client> implements Machine<OpeningInput<Client>, OpeningEffect<Client>> {
  readonly #limits: SessionLimits;
  /** By session: those that wait for the ensemble. */
  readonly #openings = new Map<bigint, Opening<Client>>();
  /** By session: answers to `validate` that are due. They come in order, and only the last one is for who waits now. */
  readonly #due = new Map<bigint, number>();
  /** Whose connection speaks for a session here. */
  readonly #speakers = new Map<bigint, Client>();
  #serving = false;
  #nextSessionId = 0n;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Asked for every transaction. */
  speakerOf(sessionId: bigint): Client | undefined {
    return this.#speakers.get(sessionId);
  }

  /** A new session of one of our clients waits for its transaction. */
  isCreating(sessionId: bigint): boolean {
    return this.#openings.get(sessionId)?.isNew === true;
  }

  step(input: OpeningInput<Client>): readonly OpeningEffect<Client>[] {
    switch (input.type) {
      case 'serve':
        this.#serving = true;
        // Never the same id twice, also if the clock has gone back.
        if (BigInt.asUintN(64, input.firstSessionId) > BigInt.asUintN(64, this.#nextSessionId))
          this.#nextSessionId = input.firstSessionId;
        return [];
      case 'stopServing':
        this.#serving = false;
        this.#due.clear();
        return [];
      case 'connectRequest':
        return this.#connectRequest(input);
      case 'created':
        return this.isCreating(input.sessionId) ? this.#finish(input.sessionId, true) : [];
      case 'validated':
        return this.#validated(input.sessionId, input.valid);
      case 'gone':
        if (this.#openings.get(input.sessionId)?.client === input.client) this.#openings.delete(input.sessionId);
        if (this.#speakers.get(input.sessionId) === input.client) this.#speakers.delete(input.sessionId);
        return [];
    }
  }

  #connectRequest(input: Extract<OpeningInput<Client>, { type: 'connectRequest' }>): readonly OpeningEffect<Client>[] {
    const { client, sessionId, lastZxidSeen } = input;
    if (!this.#serving) return [{ type: 'refuse', client, reason: 'not serving' }];
    if (lastZxidSeen > input.lastZxid) return [{ type: 'refuse', client, reason: 'ahead of us', lastZxidSeen }];
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#limits;
    const timeoutMs = Math.min(Math.max(input.timeoutMs, minSessionTimeoutMs), maxSessionTimeoutMs);
    if (sessionId === 0n) {
      const made = this.#nextSessionId;
      this.#nextSessionId = BigInt.asIntN(64, made + 1n);
      this.#openings.set(made, { client, timeoutMs, isNew: true });
      this.#speakers.set(made, client);
      return [{ type: 'create', sessionId: made, timeoutMs, client }];
    }
    if (!sessionPassword(sessionId).equals(input.passwd))
      return [{ type: 'reject', client, sessionId, reason: 'wrong password' }];
    const other = this.#openings.get(sessionId);
    // The same client, which has lost patience: only its last connection gets the answer.
    const drops: OpeningEffect<Client>[] = other === undefined ? [] : [{ type: 'drop', client: other.client }];
    this.#openings.set(sessionId, { client, timeoutMs, isNew: false });
    this.#due.set(sessionId, (this.#due.get(sessionId) ?? 0) + 1);
    return [...drops, { type: 'validate', sessionId, timeoutMs }];
  }

  #validated(sessionId: bigint, valid: boolean): readonly OpeningEffect<Client>[] {
    const due = (this.#due.get(sessionId) ?? 0) - 1;
    if (due > 0) {
      // For a connection that is gone. To take it for ours would let requests overtake our own question.
      this.#due.set(sessionId, due);
      return [];
    }
    this.#due.delete(sessionId);
    return this.isCreating(sessionId) ? [] : this.#finish(sessionId, valid);
  }

  #finish(sessionId: bigint, valid: boolean): readonly OpeningEffect<Client>[] {
    const opening = this.#openings.get(sessionId);
    if (opening === undefined) return [];
    this.#openings.delete(sessionId);
    const { client, timeoutMs, isNew } = opening;
    if (!valid) return [{ type: 'reject', client, sessionId, reason: 'not valid' }];
    const older = this.#speakers.get(sessionId);
    this.#speakers.set(sessionId, client);
    const accept: OpeningEffect<Client> = { type: 'accept', client, sessionId, timeoutMs, isNew };
    return older === undefined || older === client ? [accept] : [{ type: 'drop', client: older }, accept];
  }
}
