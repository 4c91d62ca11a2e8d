/**
 * Writers that remember what was acknowledged. `Workload` goes through a client that fails over, as applications do:
 * its first acknowledgement after a failure is when the service is back. Beside it each NameNode is asked directly,
 * without failover, again and again: two that both acknowledge, in turns, were both writable.
 */
import type { Host } from '../host/host.js';
import { hasCode } from '../base/errors.js';
import { FailoverProxyShell, type NamedEndpoint } from '../namenode/client/failover-proxy-shell.js';
import { clientNamenodeProtocol } from '../wire/hadoop/protocols/client-namenode.js';
import { createRpcClient, type RpcClient } from '../wire/hadoop/rpc/client.js';

export interface Acknowledged {
  readonly path: string;
  /** The NameNode that acknowledged. */
  readonly by: string;
  /** Wall clock, milliseconds. */
  readonly issuedAtMs: number;
  readonly ackedAtMs: number;
}

export interface WorkloadOptions {
  readonly user: string;
  /** Directory that all paths lie in; made by `begin`. */
  readonly directory: string;
  /** Writes outstanding at a time. */
  readonly lanes: number;
  /** Pause between two writes of a lane: enough to measure with, not a load. */
  readonly pauseMs: number;
}

const PERMISSION = { perm: 0o755 };

export class Workload {
  readonly acknowledged: Acknowledged[] = [];
  readonly #host: Host;
  readonly #nameNodes: readonly NamedEndpoint[];
  readonly #options: WorkloadOptions;
  readonly #client: FailoverProxyShell;
  readonly #direct: RpcClient;
  readonly #lanes: Promise<void>[] = [];
  #stopped = false;
  #waiting: { issuedAfterMs: number; resolve: (first: Acknowledged) => void }[] = [];

  constructor(host: Host, nameNodes: readonly NamedEndpoint[], options: WorkloadOptions) {
    this.#host = host;
    this.#nameNodes = nameNodes;
    this.#options = options;
    this.#client = new FailoverProxyShell(host, nameNodes, {
      user: options.user,
      callTimeoutMs: 2000,
      connectTimeoutMs: 1000,
      maxFailovers: 1_000_000,
      maxRetries: 1_000_000,
      sleepBaseMs: 10,
      sleepMaxMs: 10,
    });
    this.#direct = createRpcClient(host, {
      user: options.user,
      connectTimeoutMs: 1000,
      connectRetries: 0,
      connectRetriesOnTimeouts: 0,
    });
  }

  /** Resolves with the first acknowledgement: the service is there. */
  async begin(): Promise<void> {
    await this.#client.call('mkdirs', { src: this.#options.directory, masked: PERMISSION, createParent: true });
    for (let lane = 0; lane < this.#options.lanes; lane++) this.#lanes.push(this.#write(lane));
    for (const nameNode of this.#nameNodes) this.#lanes.push(this.#ask(nameNode));
  }

  /** The first acknowledgement of a write that was issued after this moment. */
  nextAcknowledged(issuedAfterMs: number): Promise<Acknowledged> {
    const found = this.acknowledged.find((write) => write.issuedAtMs > issuedAfterMs);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiting.push({ issuedAfterMs, resolve }));
  }

  /** No write is outstanding when it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#client.close();
    this.#direct.close();
    await Promise.all(this.#lanes);
  }

  async #write(lane: number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const src = `${this.#options.directory}/w${lane}-${n}`;
      const issuedAtMs = this.#host.clock.wallMs();
      try {
        const { by } = await this.#client.call('mkdirs', { src, masked: PERMISSION, createParent: false });
        this.#record({ path: src, by, issuedAtMs, ackedAtMs: this.#host.clock.wallMs() });
      } catch (error) {
        if (!this.#stopped) this.#host.log.warn(`${src}: ${(error as Error).message}`);
      }
      await this.#pause(this.#options.pauseMs);
    }
  }

  /** Directly, and never retried: what it acknowledges, this very NameNode did, within this very interval. */
  async #ask(nameNode: NamedEndpoint): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const src = `${this.#options.directory}/${nameNode.id}-${n}`;
      const issuedAtMs = this.#host.clock.wallMs();
      try {
        await this.#direct.call(
          clientNamenodeProtocol,
          'mkdirs',
          nameNode,
          { src, masked: PERMISSION, createParent: false },
          { timeoutMs: 10_000 },
        );
        this.#record({ path: src, by: nameNode.id, issuedAtMs, ackedAtMs: this.#host.clock.wallMs() });
      } catch (error) {
        if (!this.#stopped && hasCode(error, 'MALFORMED')) throw error;
      }
      await this.#pause(this.#options.pauseMs);
    }
  }

  #record(write: Acknowledged): void {
    this.acknowledged.push(write);
    this.#waiting = this.#waiting.filter(({ issuedAfterMs, resolve }) => {
      if (write.issuedAtMs <= issuedAfterMs) return true;
      resolve(write);
      return false;
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#host.clock.after(ms, resolve);
    });
  }
}

export interface Handover {
  readonly nameNode: string;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
}

export interface Conflict {
  /** Acknowledged by another NameNode ... */
  readonly other: Acknowledged;
  /** ... before this was issued to one that had been active before, and that did not become active again in between. */
  readonly write: Acknowledged;
}

/**
 * Acknowledgements that only two writable NameNodes at a time explain: A, then B, then A again, each issued after the
 * one before was acknowledged, though A did not become active anew (`handovers`) in between.
 */
export function writableTogether(
  acknowledged: readonly Acknowledged[],
  handovers: readonly Handover[],
): readonly Conflict[] {
  const byIssue = [...acknowledged].sort((a, b) => a.issuedAtMs - b.issuedAtMs);
  const byAck = [...acknowledged].sort((a, b) => a.ackedAtMs - b.ackedAtMs);
  const firstAckMs = new Map<string, number>();
  for (const { by, ackedAtMs } of byAck) if (!firstAckMs.has(by)) firstAckMs.set(by, ackedAtMs);
  const out: Conflict[] = [];
  /** Of each NameNode, the last write acknowledged before the one looked at was issued. */
  const latest = new Map<string, Acknowledged>();
  let acked = 0;
  for (const write of byIssue) {
    while (acked < byAck.length && byAck[acked]!.ackedAtMs < write.issuedAtMs)
      latest.set(byAck[acked]!.by, byAck[acked++]!);
    for (const [id, other] of latest) {
      if (id === write.by || (firstAckMs.get(write.by) ?? Infinity) >= other.issuedAtMs) continue;
      const anew = handovers.some(
        ({ nameNode, atMs }) => nameNode === write.by && atMs >= other.issuedAtMs && atMs <= write.ackedAtMs,
      );
      if (!anew) out.push({ other, write });
    }
  }
  return out;
}
