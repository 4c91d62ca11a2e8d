/**
 * A client of a nameservice, or of a single NameNode: sends what FailoverProxy decides, over ClientProtocol. A call
 * keeps its id over all attempts, so that the retry cache of a NameNode knows it again. Mirrors DFSClient's proxy.
 */
import { unreachable, type LabError } from '../../base/errors.js';
import { Driver, type Carried } from '../../base/machine.js';
import type { Endpoint, Host } from '../../host/host.js';
import type { HdfsFileStatusProto } from '../../wire/hadoop/gen/hdfs.js';
import { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import { createRpcClient, type RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RequestOf, ResponseOf } from '../../wire/hadoop/rpc/spec.js';
import { FailoverProxy, type FailoverEffect, type FailoverInput, type FailoverOptions } from './failover-proxy.js';
import { faultOf } from './fault.js';
import { listDirectory } from './list-directory.js';

export interface NamedEndpoint extends Endpoint {
  /** `nn1` */
  readonly id: string;
}

export interface ClientOptions extends Omit<FailoverOptions, 'nameNodes'> {
  readonly user: string;
  /** One attempt's limit, from sending to the answer; 0: none. */
  readonly callTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** Hadoop's defaults of dfs.client.failover.* and dfs.client.retry.*. */
export const HADOOP_CLIENT: Omit<ClientOptions, 'user'> = {
  callTimeoutMs: 0,
  connectTimeoutMs: 20_000,
  maxFailovers: 15,
  maxRetries: 10,
  sleepBaseMs: 500,
  sleepMaxMs: 15_000,
};

type Methods = (typeof clientNamenodeProtocol)['methods'];
export type ClientMethod = keyof Methods & string;
export type ClientRequest<M extends ClientMethod> = RequestOf<Methods[M]>;
export type ClientResponse<M extends ClientMethod> = ResponseOf<Methods[M]>;

export interface Answered<T> {
  readonly response: T;
  /** Who answered. */
  readonly by: string;
}

interface Call {
  readonly method: ClientMethod;
  readonly request: unknown;
  readonly resolve: (answered: Answered<unknown>) => void;
  readonly reject: (error: LabError) => void;
  lastError: LabError | undefined;
}

export class FailoverProxyShell {
  readonly #host: Host;
  readonly #rpc: RpcClient;
  readonly #nameNodes: readonly NamedEndpoint[];
  readonly #options: ClientOptions;
  readonly #driver: Driver<FailoverInput, FailoverEffect>;
  readonly #calls = new Map<number, Call>();

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
    this.#driver = new Driver(new FailoverProxy({ ...options, nameNodes: nameNodes.length }), {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
    });
  }

  /** Rejects LabError: `REMOTE` (what the NameNode refused), or why none of them could be asked. */
  call<M extends ClientMethod>(method: M, request: ClientRequest<M>): Promise<Answered<ClientResponse<M>>> {
    return new Promise((resolve, reject) => {
      const id = this.#rpc.nextCallId();
      this.#calls.set(id, {
        method,
        request,
        resolve: resolve as Call['resolve'],
        reject,
        lastError: undefined,
      });
      this.#driver.feed({ type: 'call', call: id });
    });
  }

  /** A whole directory; undefined if there is nothing at the path. */
  list(src: string): Promise<readonly HdfsFileStatusProto[] | undefined> {
    return listDirectory(async (request) => (await this.call('getListing', request)).response, src);
  }

  /** Outstanding calls end with RPC_CLIENT_CLOSED. */
  close(): void {
    this.#rpc.close();
  }

  #carryOut(effect: Carried<FailoverEffect>): void {
    switch (effect.type) {
      case 'ask':
        this.#ask(effect.call, this.#nameNodes[effect.nameNode]!, effect.retryCount);
        return;
      case 'giveUp': {
        const call = this.#calls.get(effect.call)!;
        this.#calls.delete(effect.call);
        call.reject(call.lastError!);
        return;
      }
      default:
        unreachable(effect);
    }
  }

  #ask(id: number, nameNode: NamedEndpoint, retryCount: number): void {
    const call = this.#calls.get(id)!;
    this.#rpc.send(
      clientNamenodeProtocol,
      call.method,
      nameNode,
      call.request as never,
      { timeoutMs: this.#options.callTimeoutMs, callId: id, retryCount },
      (error, response) => {
        if (error === undefined) {
          this.#calls.delete(id);
          this.#driver.feed({ type: 'answered', call: id });
          call.resolve({ response, by: nameNode.id });
        } else {
          call.lastError = error;
          this.#driver.feed({ type: 'failed', call: id, fault: faultOf(error), chance: this.#host.random.unit() });
        }
      },
    );
  }
}
