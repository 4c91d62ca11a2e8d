/** The I/O around EditLogTailer: reads the shared journal into the namespace, and asks other NameNodes to roll. */
import { hasCode, messageOf, unreachable } from '../../base/errors.js';
import { Driver, type Carried } from '../../base/machine.js';
import type { Host } from '../../host/host.js';
import { namenodeProtocol } from '../../wire/hadoop/protocols/namenode.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { NameNodeConfig } from '../config.js';
import type { SharedEdits } from '../edit-log/shared-edits.js';
import type { StandbyService } from '../ha/ha-context-shell.js';
import type { Lifetime } from '../lifetime.js';
import type { Namespace } from '../namespace/namespace.js';
import { EditLogTailer, type TailerEffect, type TailerInput } from './edit-log-tailer.js';
import { tailOnce } from './tail-once.js';

export interface TailerParts {
  readonly host: Host;
  readonly config: NameNodeConfig;
  readonly namespace: Namespace;
  readonly sharedEdits: SharedEdits;
  readonly lifetime: Lifetime;
}

export class EditLogTailerShell implements StandbyService {
  readonly #parts: TailerParts;
  readonly #rpc: RpcClient;
  readonly #driver: Driver<TailerInput, TailerEffect>;
  #stopped: () => void = () => undefined;
  #lastTailMs = 0;

  constructor(parts: TailerParts) {
    this.#parts = parts;
    const { host, config } = parts;
    this.#rpc = createRpcClient(host, {
      user: config.limits.superUser,
      connectRetries: 0,
      connectTimeoutMs: config.connectTimeoutMs,
    });
    const { tailEditsPeriodMs, logRollPeriodMs, peers } = config;
    this.#driver = new Driver(new EditLogTailer({ tailEditsPeriodMs, logRollPeriodMs, peers: peers.length }), {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
    });
  }

  /** Monotonic time of the last reading that went well; 0 before the first. */
  get lastTailMs(): number {
    return this.#lastTailMs;
  }

  start(): void {
    this.#driver.feed({ type: 'start', txid: this.#parts.namespace.lastTxid });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.#driver.feed({ type: 'stop' });
    });
  }

  close(): void {
    this.#driver.stop();
    this.#rpc.close();
  }

  #carryOut(effect: Carried<TailerEffect>): void | Promise<TailerInput> {
    const { host, lifetime } = this.#parts;
    switch (effect.type) {
      case 'tail':
        return this.#tail();
      case 'rollActive':
        this.#rollActive(effect.peer, effect.txid);
        return;
      case 'caughtUp':
        host.emit({ type: 'EditsCaughtUp', txid: effect.txid, edits: effect.edits });
        return;
      case 'warn':
        host.log.warn(effect.text);
        return;
      case 'halt':
        lifetime.fatal(effect.reason);
        return;
      case 'stopped':
        this.#stopped();
        return;
      default:
        unreachable(effect);
    }
  }

  async #tail(): Promise<TailerInput> {
    const { host, config, namespace, sharedEdits } = this.#parts;
    try {
      const edits = await tailOnce(namespace, sharedEdits, { inProgressOk: config.tailInProgress, onlyDurable: true });
      this.#lastTailMs = host.clock.nowMs();
      return { type: 'tailed', txid: namespace.lastTxid, edits };
    } catch (error) {
      const fatal = hasCode(error, 'CORRUPT', 'UNSUPPORTED_OP', 'MALFORMED');
      return { type: 'tailFailed', reason: messageOf(error), fatal };
    }
  }

  #rollActive(index: number, txid: bigint): void {
    const { config, host } = this.#parts;
    host.log.info('Triggering log rolling to the remote NameNode');
    this.#rpc.send(
      namenodeProtocol,
      'rollEditLog',
      config.peers[index]!.rpc,
      {},
      { timeoutMs: config.logRollRpcTimeoutMs },
      (error) => {
        if (error === undefined) this.#driver.feed({ type: 'rolled', txid });
        else host.log.warn(`Unable to trigger a roll of the active NN: ${error.message.split('\n')[0]}`);
      },
    );
  }
}
