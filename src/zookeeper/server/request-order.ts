/**
 * In which order the requests of one session are handled, as a machine: a request that the ensemble decides is handed
 * on at once, and everything behind it waits until it is applied here, so that a client reads its own writes and gets
 * its replies in order. Behind a closeSession nothing is handled any more. What requests mean, and the bytes, are left
 * to others. Mirrors the rules of org.apache.zookeeper.server.quorum.CommitProcessor, for one session.
 */
import type { Machine } from '../../base/machine.js';
import type { Id } from '../../wire/zookeeper/data/acl.js';
import { Op, opKind } from '../../wire/zookeeper/op.js';

/** Of a RequestHeader: xid and type. */
export const HEADER_BYTES = 8;

/** A request as it came: the machine's input as it is, since there is one for every request. */
export interface ClientRequest {
  readonly type: 'request';
  readonly xid: number;
  /** An Op. */
  readonly op: number;
  /** The whole packet; the request's record begins at HEADER_BYTES. */
  readonly frame: Buffer;
  readonly identities: readonly Id[];
  readonly receivedMs: number;
}

export type OrderInput<Result> =
  | ClientRequest
  /** A transaction of this session is applied here; `op` is its own: Op.error for one that was refused. */
  | { readonly type: 'applied'; readonly op: number; readonly cxid: number; readonly result: Result }
  /** What the leader had when this sync was asked for is applied here. */
  | { readonly type: 'synced'; readonly cxid: number };

export type OrderEffect<Result> =
  /** To the leader, whoever it is. */
  | { readonly type: 'submit'; readonly request: ClientRequest }
  /** From the tree as it is now. */
  | { readonly type: 'read'; readonly request: ClientRequest }
  | { readonly type: 'reply'; readonly request: ClientRequest; readonly result: Result }
  | { readonly type: 'syncReply'; readonly request: ClientRequest }
  /** The session is over: so is its connection, once the replies are sent. */
  | { readonly type: 'end' };

export class RequestOrder<Result> implements Machine<OrderInput<Result>, OrderEffect<Result>> {
  /** In the order in which they came: the first is with the ensemble, whenever there is one. */
  readonly #waiting: ClientRequest[] = [];
  #closing = false;

  /** Requests that are not answered. */
  get waiting(): number {
    return this.#waiting.length;
  }

  step(input: OrderInput<Result>): readonly OrderEffect<Result>[] {
    switch (input.type) {
      case 'request':
        return this.#request(input);
      case 'applied':
        return this.#applied(input.op, input.cxid, input.result);
      case 'synced':
        return this.#synced(input.cxid);
    }
  }

  #request(request: ClientRequest): readonly OrderEffect<Result>[] {
    if (this.#closing) return [];
    if (opKind(request.op) === 'ensemble') {
      this.#closing = request.op === Op.closeSession;
      this.#waiting.push(request);
      return [{ type: 'submit', request }];
    }
    if (this.#waiting.length === 0) return [{ type: 'read', request }];
    this.#waiting.push(request);
    return [];
  }

  #applied(op: number, cxid: number, result: Result): readonly OrderEffect<Result>[] {
    const first = this.#waiting[0];
    const ours = first !== undefined && first.xid === cxid && (first.op === op || op === Op.error);
    if (op === Op.closeSession) {
      // Also when another connection closed it, or the leader gave it up.
      this.#closing = true;
      this.#waiting.length = 0;
      return ours ? [{ type: 'reply', request: first, result }, { type: 'end' }] : [{ type: 'end' }];
    }
    // A transaction that the session asked for at another server is nobody's reply here.
    return ours ? this.#answered({ type: 'reply', request: first, result }) : [];
  }

  #synced(cxid: number): readonly OrderEffect<Result>[] {
    const first = this.#waiting[0];
    if (first === undefined || first.op !== Op.sync || first.xid !== cxid) return [];
    return this.#answered({ type: 'syncReply', request: first });
  }

  /** The first one is answered by `effect`, and the reads behind it have their turn. */
  #answered(effect: OrderEffect<Result>): readonly OrderEffect<Result>[] {
    const waiting = this.#waiting;
    let reads = 1;
    while (reads < waiting.length && opKind(waiting[reads]!.op) === 'local') reads++;
    if (reads === 1) {
      waiting.shift();
      return [effect];
    }
    const effects = [effect];
    for (const request of waiting.splice(0, reads).slice(1)) effects.push({ type: 'read', request });
    return effects;
  }
}
