/** Questions to all JournalNodes of a quorum without order among them: what readers, formats and checks ask. */
import type { Host } from '../../host/host.js';
import type { LoggerClient, QJournalMethod, QJournalRequest, QJournalResponse } from './logger-client.js';
import { QuorumCall } from './state/quorum-call.js';

export type Answers<M extends QJournalMethod> = readonly {
  readonly node: number;
  readonly value: QJournalResponse<M>;
}[];

export class QuorumAsker {
  readonly #host: Host;
  readonly #nodes: readonly LoggerClient[];
  readonly #addresses: readonly string[];

  constructor(host: Host, nodes: readonly LoggerClient[]) {
    this.#host = host;
    this.#nodes = nodes;
    this.#addresses = nodes.map((node) => node.address);
  }

  /** Good answers of at least a majority. Rejects QUORUM_LOST, FENCED or JOURNAL_NOT_FORMATTED. */
  ask<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    operation: string,
    timeoutMs: number,
  ): Promise<Answers<M>> {
    return this.#ask(method, request, new QuorumCall(operation, this.#addresses), timeoutMs);
  }

  /** Good answers of all. `what`: what to say if one fails. */
  askAll<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    operation: string,
    timeoutMs: number,
    what: string,
  ): Promise<Answers<M>> {
    const quorum = new QuorumCall<QJournalResponse<M>>(operation, this.#addresses, this.#addresses.length);
    return this.#ask(method, request, quorum, timeoutMs, what);
  }

  /** Whoever answers well in time. */
  askEach<M extends QJournalMethod>(method: M, request: QJournalRequest<M>, timeoutMs: number): Promise<Answers<M>> {
    return new Promise((resolve) => {
      const quorum = new QuorumCall<QJournalResponse<M>>(method, this.#addresses);
      const timer = this.#host.clock.after(timeoutMs, () => resolve(quorum.results));
      this.#send(method, request, quorum, () => {
        if (!quorum.allAnswered) return;
        timer.cancel();
        resolve(quorum.results);
      });
    });
  }

  #ask<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    quorum: QuorumCall<QJournalResponse<M>>,
    timeoutMs: number,
    what?: string,
  ): Promise<Answers<M>> {
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs > 0 ? this.#host.clock.after(timeoutMs, () => reject(quorum.timedOut(timeoutMs))) : undefined;
      // A promise is settled once: what comes after the outcome, or after the time-out, changes nothing.
      this.#send(method, request, quorum, () => {
        if (quorum.outcome === 'pending') return;
        timer?.cancel();
        if (quorum.outcome === 'succeeded') resolve(quorum.results);
        else reject(quorum.failure(what));
      });
    });
  }

  #send<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    quorum: QuorumCall<QJournalResponse<M>>,
    counted: () => void,
  ): void {
    this.#nodes.forEach((node, index) =>
      node.send(method, request, (failure, response) => {
        if (failure === undefined) quorum.succeeded(index, response as QJournalResponse<M>);
        else quorum.failed(index, failure);
        counted();
      }),
    );
  }
}
