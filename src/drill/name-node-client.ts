/**
 * A client of a nameservice that finds the active NameNode by itself: the part of DFSClient and
 * ConfiguredFailoverProxyProvider that a namespace needs. A call goes to the NameNode that served last;
 * StandbyException and a lost or refused connection send it to the next.
 */
import { LabError } from '../base/errors.js';
import type { Endpoint, Host } from '../host/host.js';
import { clientNamenodeProtocol } from '../wire/hadoop/protocols/client-namenode.js';
import { createRpcClient, type RpcClient } from '../wire/hadoop/rpc/client.js';
import type { RequestOf, ResponseOf } from '../wire/hadoop/rpc/spec.js';

export interface NamedEndpoint extends Endpoint {
  /** `nn1` */
  readonly id: string;
}

export interface ClientOptions {
  readonly user: string;
  /** One attempt's limit, from sending to the answer; 0: none. */
  readonly callTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How often the call moves on to the next NameNode before it is given up. */
  readonly maxFailovers: number;
  /** Pause before the n-th failover (0 is the first). */
  readonly pauseMs: (failovers: number) => number;
}

/** dfs.client.failover.*: 15 attempts, 500 ms doubling up to 15 s; the first is made at once. */
export const HADOOP_CLIENT: Omit<ClientOptions, 'user'> = {
  callTimeoutMs: 0,
  connectTimeoutMs: 20_000,
  maxFailovers: 15,
  pauseMs: (failovers) => (failovers === 0 ? 0 : Math.min(15_000, 500 * 2 ** failovers)),
};

type Methods = (typeof clientNamenodeProtocol)['methods'];
type Method = keyof Methods & string;

export interface Answered<T> {
  readonly response: T;
  /** Who answered. */
  readonly by: string;
}

export class NameNodeClient {
  readonly #host: Host;
  readonly #rpc: RpcClient;
  readonly #nameNodes: readonly NamedEndpoint[];
  readonly #options: ClientOptions;
  #current = 0;

  constructor(host: Host, nameNodes: readonly NamedEndpoint[], options: ClientOptions) {
    this.#host = host;
    this.#nameNodes = nameNodes;
    this.#options = options;
    this.#rpc = createRpcClient(host, {
      user: options.user,
      connectTimeoutMs: options.connectTimeoutMs,
      connectRetries: 0,
      connectRetriesOnTimeouts: 0,
    });
  }

  /** Rejects LabError: `REMOTE` (what the NameNode refused), or why none of them could be asked. */
  async call<M extends Method>(method: M, request: RequestOf<Methods[M]>): Promise<Answered<ResponseOf<Methods[M]>>> {
    const callId = this.#rpc.nextCallId();
    for (let failovers = 0; ; failovers++) {
      const at = this.#current;
      const nameNode = this.#nameNodes[at]!;
      try {
        const response = await this.#rpc.call(clientNamenodeProtocol, method, nameNode, request, {
          timeoutMs: this.#options.callTimeoutMs,
          callId,
          retryCount: failovers,
        });
        return { response, by: nameNode.id };
      } catch (error) {
        if (!isForAnother(error) || failovers >= this.#options.maxFailovers) throw error;
        // Another call may have moved on meanwhile; then that is where to go.
        if (this.#current === at) this.#current = (at + 1) % this.#nameNodes.length;
        const pause = this.#options.pauseMs(failovers);
        if (pause > 0)
          await new Promise<void>((resolve) => {
            this.#host.clock.after(pause, resolve);
          });
      }
    }
  }

  close(): void {
    this.#rpc.close();
  }
}

/** Worth asking another NameNode: this one does not serve, or cannot be reached. */
export function isForAnother(error: unknown): boolean {
  if (!(error instanceof LabError)) return false;
  if (error.code === 'REMOTE') return /\.(StandbyException|RetriableException)$/.test(String(error.data['className']));
  return [
    'CONNECT_REFUSED',
    'CONNECT_TIMEOUT',
    'CONNECTION_RESET',
    'CONNECTION_CLOSED',
    'HOST_UNREACHABLE',
    'RPC_TIMEOUT',
  ].includes(error.code);
}
