/**
 * A NameNode (HAServiceProtocol) or ZKFC (ZKFCProtocol) as seen from here: each call with the time-out and the retries
 * its caller wants, failures as LabErrors. Mirrors org.apache.hadoop.ha.HAServiceTarget.getProxy and
 * HAServiceProtocolHelper.
 */
import { LabError, hasCode, messageOf } from '../base/errors.js';
import type { Endpoint, Host } from '../host/host.js';
import { HARequestSource, HAServiceStateProto } from '../wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../wire/hadoop/protocols/ha-service.js';
import { zkfcProtocol } from '../wire/hadoop/protocols/zkfc.js';
import { createRpcClient } from '../wire/hadoop/rpc/client.js';
import type { CallOptions, RpcClient } from '../wire/hadoop/rpc/client.js';
import { JavaException, remoteClassName } from '../wire/hadoop/rpc/exceptions.js';
import type { HaRpcConfig } from './config.js';

export type HaServiceState = 'INITIALIZING' | 'ACTIVE' | 'STANDBY' | 'OBSERVER';
/** A NameNode's answer to getServiceStatus. */
export interface ServiceStatus {
  readonly state: HaServiceState;
  readonly readyToBecomeActive: boolean;
  readonly notReadyReason: string;
}

export type RequestSource = keyof typeof HARequestSource;

/** How patient a call is. */
export interface Patience {
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly connectRetries: number;
  readonly connectRetriesOnTimeouts?: number;
}

/** All of a process's HA calls go through one of these; connections are shared where callers agree on patience. */
export class HaServices {
  readonly #rpc: RpcClient;
  readonly #config: HaRpcConfig;

  /** `onDisconnect`: a server ended a connection on which no answer was due. */
  constructor(host: Host, config: HaRpcConfig, onDisconnect: (endpoint: Endpoint) => void = () => {}) {
    this.#config = config;
    this.#rpc = createRpcClient(host, {
      user: config.user,
      connectTimeoutMs: config.connectTimeoutMs,
      connectRetryIntervalMs: config.connectRetryIntervalMs,
      connectRetriesOnTimeouts: config.connectRetriesOnTimeouts,
      pingIntervalMs: config.pingIntervalMs,
      onDisconnect,
    });
  }

  async getServiceStatus(endpoint: Endpoint, patience: Patience): Promise<ServiceStatus> {
    const answer = await this.#rpc.call(haServiceProtocol, 'getServiceStatus', endpoint, {}, this.#options(patience));
    return {
      state: stateName(answer.state),
      readyToBecomeActive: answer.readyToBecomeActive ?? false,
      notReadyReason: answer.notReadyReason ?? '',
    };
  }

  async monitorHealth(endpoint: Endpoint, patience: Patience): Promise<void> {
    await this.#rpc.call(haServiceProtocol, 'monitorHealth', endpoint, {}, this.#options(patience));
  }

  async transitionToActive(endpoint: Endpoint, source: RequestSource, patience: Patience): Promise<void> {
    await this.#rpc.call(
      haServiceProtocol,
      'transitionToActive',
      endpoint,
      { reqInfo: { reqSource: HARequestSource[source] } },
      this.#options(patience),
    );
  }

  async transitionToStandby(endpoint: Endpoint, source: RequestSource, patience: Patience): Promise<void> {
    await this.#rpc.call(
      haServiceProtocol,
      'transitionToStandby',
      endpoint,
      { reqInfo: { reqSource: HARequestSource[source] } },
      this.#options(patience),
    );
  }

  async transitionToObserver(endpoint: Endpoint, source: RequestSource, patience: Patience): Promise<void> {
    await this.#rpc.call(
      haServiceProtocol,
      'transitionToObserver',
      endpoint,
      { reqInfo: { reqSource: HARequestSource[source] } },
      this.#options(patience),
    );
  }

  /** `millisToCede` negative: come back to the election (Java writes its int into the unsigned field). */
  async cedeActive(endpoint: Endpoint, millisToCede: number, patience: Patience): Promise<void> {
    await this.#rpc.call(
      zkfcProtocol,
      'cedeActive',
      endpoint,
      { millisToCede: millisToCede >>> 0 },
      this.#options(patience),
    );
  }

  async gracefulFailover(endpoint: Endpoint, patience: Patience): Promise<void> {
    await this.#rpc.call(zkfcProtocol, 'gracefulFailover', endpoint, {}, this.#options(patience));
  }

  /** Drops the connections to an endpoint, so that the next call makes a new one. */
  disconnect(endpoint: Endpoint): void {
    this.#rpc.disconnect(endpoint);
  }

  close(): void {
    this.#rpc.close();
  }

  #options(patience: Patience): CallOptions {
    return {
      timeoutMs: patience.timeoutMs,
      connectRetries: patience.connectRetries,
      connectRetriesOnTimeouts: patience.connectRetriesOnTimeouts ?? this.#config.connectRetriesOnTimeouts,
    };
  }
}

/** The service itself said no: ServiceFailedException or a subclass of it that crosses the wire. */
export function isServiceFailed(error: unknown): boolean {
  return remoteClassName(error) === JavaException.SERVICE_FAILED;
}

export function isHealthCheckFailed(error: unknown): boolean {
  return remoteClassName(error) === JavaException.HEALTH_CHECK_FAILED;
}

export function isUnknownHost(error: unknown): boolean {
  return hasCode(error, 'HOST_UNKNOWN');
}

/** One line, as a log or a caller wants it: the server's class name in front if it was the server's exception. */
export function errorText(error: unknown): string {
  const className = remoteClassName(error);
  const message = messageOf(error);
  return className === undefined ? message : `${className}: ${message}`;
}

function stateName(state: HAServiceStateProto): HaServiceState {
  for (const [name, number] of Object.entries(HAServiceStateProto)) if (number === state) return name as HaServiceState;
  throw new LabError('MALFORMED', `a service state of ${state} is none of Hadoop's`);
}
