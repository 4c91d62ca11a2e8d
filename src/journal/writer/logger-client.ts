/** One JournalNode as a quorum writer or reader calls it: its calls, and what its failures mean. */
import { hasCode } from '../../base/errors.js';
import type { LabError } from '../../base/errors.js';
import { hostPortText } from '../../base/host-port.js';
import type { Endpoint } from '../../host/host.js';
import type { RequestOf, ResponseOf } from '../../wire/hadoop/rpc/spec.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import { qjournalProtocol } from '../../wire/hadoop/protocols/qjournal.js';
import { remoteClassName } from '../../wire/hadoop/rpc/exceptions.js';
import type { NodeFailure } from './state/quorum-call.js';

type Methods = (typeof qjournalProtocol)['methods'];
export type QJournalMethod = keyof Methods & string;
export type QJournalRequest<M extends QJournalMethod> = RequestOf<Methods[M]>;
export type QJournalResponse<M extends QJournalMethod> = ResponseOf<Methods[M]>;

export class LoggerClient {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly #rpc: RpcClient;
  /** `http://host:port`, once a call has told it. */
  httpBase: string | undefined;

  constructor(rpc: RpcClient, endpoint: Endpoint) {
    this.#rpc = rpc;
    this.endpoint = endpoint;
    this.address = hostPortText(endpoint.host, endpoint.port);
  }

  send<M extends QJournalMethod>(
    method: M,
    request: QJournalRequest<M>,
    done: (failure: NodeFailure | undefined, response: QJournalResponse<M> | undefined) => void,
  ): void {
    this.#rpc.send<typeof qjournalProtocol, M>(
      qjournalProtocol,
      method,
      this.endpoint,
      request,
      {},
      (error, response) => {
        if (error !== undefined) return done(failureOf(error), undefined);
        if (method === 'getJournalState' || method === 'getEditLogManifest')
          this.#learnHttp(response as QJournalResponse<'getJournalState' | 'getEditLogManifest'>);
        done(undefined, response);
      },
    );
  }

  /** Keeps where this node serves segments: its scheme and port, at the host we know it by. */
  #learnHttp(response: { httpPort: number; fromURL?: string | undefined }): void {
    const match =
      response.fromURL === undefined ? null : /^(https?):\/\/[^/]*?(?::(\d+))?(?:\/|$)/.exec(response.fromURL);
    const port = match === null ? response.httpPort : Number(match[2] ?? 80);
    this.httpBase = `${match?.[1] ?? 'http'}://${hostPortText(this.endpoint.host, port)}`;
  }
}

export function failureOf(error: LabError): NodeFailure {
  return {
    className: remoteClassName(error),
    message: hasCode(error, 'REMOTE') ? error.message.split('\n', 1)[0]! : error.message,
  };
}
