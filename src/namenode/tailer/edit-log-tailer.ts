/**
 * The standby's reader of shared edits: every dfs.ha.tail-edits.period it applies what closed segments hold (open ones
 * too with dfs.ha.tail-edits.in-progress), and asks the active to roll when nothing was closed for
 * dfs.ha.log-roll.period. Mirrors org.apache.hadoop.hdfs.server.namenode.ha.EditLogTailer.
 */
import { hasCode, messageOf } from '../../base/errors.js';
import type { Timer } from '../../host/host.js';
import { namenodeProtocol } from '../../wire/hadoop/protocols/namenode.js';
import { createRpcClient } from '../../wire/hadoop/rpc/client.js';
import type { RpcClient } from '../../wire/hadoop/rpc/client.js';
import type { NameNodeCore } from '../core.js';
import { replay } from '../edit-log/replay.js';

/** Applies everything that the shared journal offers now. Resolves with how many edits that were. */
export async function tailOnce(
  core: NameNodeCore,
  options: { inProgressOk: boolean; onlyDurable: boolean },
): Promise<number> {
  const { shared } = core;
  if (shared === undefined) return 0;
  let edits = 0;
  for await (const range of shared.readEdits(core.namespace.lastTxid + 1n, options)) {
    edits += replay(core.namespace, range.bytes, range.source);
  }
  return edits;
}

export class EditLogTailer {
  readonly #core: NameNodeCore;
  readonly #rpc: RpcClient;
  #timer: Timer | undefined = undefined;
  #running: Promise<void> | undefined = undefined;
  #stopped = true;
  #lastRollTriggerTxid = -1n;
  #lastLoadedTxid = -1n;
  #lastLoadMs = 0;
  #nextPeer = 0;

  constructor(core: NameNodeCore) {
    this.#core = core;
    this.#rpc = createRpcClient(core.host, {
      user: core.config.limits.superUser,
      connectRetries: 0,
      connectTimeoutMs: core.config.connectTimeoutMs,
    });
  }

  start(): void {
    this.#stopped = false;
    this.#lastLoadMs = this.#core.host.clock.nowMs();
    this.#lastLoadedTxid = this.#core.namespace.lastTxid;
    this.#lastRollTriggerTxid = -1n;
    this.#turn();
  }

  /** Resolves when the pass that is under way is over: the namespace is still afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  close(): void {
    this.#rpc.close();
  }

  #turn(): void {
    if (this.#stopped) return;
    this.#running = this.#pass().finally(() => {
      this.#running = undefined;
      if (!this.#stopped)
        this.#timer = this.#core.host.clock.after(this.#core.config.tailEditsPeriodMs, () => this.#turn());
    });
  }

  async #pass(): Promise<void> {
    const { host, config, namespace } = this.#core;
    try {
      if (this.#tooLongSinceLastLoad()) this.#triggerActiveLogRoll();
      const before = namespace.lastTxid;
      const edits = await tailOnce(this.#core, { inProgressOk: config.tailInProgress, onlyDurable: true });
      this.#core.lastTailMs = host.clock.nowMs();
      if (namespace.lastTxid > before) {
        this.#lastLoadMs = host.clock.nowMs();
        this.#lastLoadedTxid = namespace.lastTxid;
        host.emit({ type: 'EditsCaughtUp', txid: namespace.lastTxid, edits });
      }
    } catch (error) {
      const text = messageOf(error);
      if (hasCode(error, 'CORRUPT') || hasCode(error, 'UNSUPPORTED_OP') || hasCode(error, 'MALFORMED')) {
        this.#core.fatal(`Unknown error encountered while tailing edits. Shutting down standby NN. ${text}`);
        return;
      }
      host.log.warn(`Edits tailer failed to find any streams. Will try again later. ${text}`);
    }
  }

  #tooLongSinceLastLoad(): boolean {
    const { config, host } = this.#core;
    return (
      config.logRollPeriodMs >= 0 &&
      host.clock.nowMs() - this.#lastLoadMs > config.logRollPeriodMs &&
      this.#lastRollTriggerTxid !== this.#lastLoadedTxid
    );
  }

  /** Does not wait: what it closes is read in a later pass. */
  #triggerActiveLogRoll(): void {
    const { config, host } = this.#core;
    const peer = config.peers[this.#nextPeer++ % Math.max(1, config.peers.length)];
    if (peer === undefined) return;
    host.log.info('Triggering log rolling to the remote NameNode');
    // As of now: this very pass may load what the roll closes before its answer is here.
    const loadedTxid = this.#lastLoadedTxid;
    this.#rpc.send(
      namenodeProtocol,
      'rollEditLog',
      peer.rpc,
      {},
      { timeoutMs: config.logRollRpcTimeoutMs },
      (error) => {
        if (error === undefined) this.#lastRollTriggerTxid = loadedTxid;
        else host.log.warn(`Unable to trigger a roll of the active NN: ${error.message.split('\n')[0]}`);
      },
    );
  }
}
