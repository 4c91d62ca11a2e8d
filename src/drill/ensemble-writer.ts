/**
 * A writer on ZooKeeper itself: one client, one write after the other, each a higher number in the same znode. Its
 * longest silence says how long the ensemble took no writes (with the time in which a client finds another server); the
 * number that is there at the end says whether an acknowledged one was lost.
 */
import { hasCode } from '../base/errors.js';
import type { Host } from '../host/host.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';

const SESSION_TIMEOUT_MS = 10_000;
const PAUSE_MS = 3;

export class EnsembleWriter {
  readonly #host: Host;
  readonly #client: ZooKeeperClient;
  readonly #path: string;
  /** Wall clock, milliseconds. */
  readonly #ackedAtMs: number[] = [];
  #lastAcked = 0;
  #lane: Promise<void> | undefined;
  #stopped = false;

  /** `connectString`: `host:port,...`; `path`: a znode that is not there, made by `begin` and removed by `end`. */
  constructor(host: Host, connectString: string, path: string) {
    this.#host = host;
    this.#path = path;
    this.#client = new ZooKeeperClient(host, { connectString, sessionTimeoutMs: SESSION_TIMEOUT_MS });
  }

  /**
   * Resolves when writes go on. Rejects LabError `ConnectionLoss` if no server takes the session within ten seconds.
   */
  async begin(): Promise<void> {
    await this.#client.connected(10_000);
    await this.#client.create(this.#path, Buffer.from('0'));
    this.#lane = this.#write();
    this.#lane.catch(() => {}); // heard by `end`
  }

  /** True once something was acknowledged later than this (wall clock). */
  wroteAfter(atMs: number): boolean {
    return (this.#ackedAtMs.at(-1) ?? 0) > atMs;
  }

  /** Longest time without an acknowledgement from `sinceMs` on, in milliseconds. */
  longestSilenceMs(sinceMs: number): number {
    return longestSilenceMs(this.#ackedAtMs, sinceMs);
  }

  /**
   * Stops writing. Resolves with what was acknowledged and is not there, in words; undefined: nothing. Removes the
   * znode.
   */
  async end(): Promise<string | undefined> {
    this.#stopped = true;
    await this.#lane;
    const { data } = await this.#again(async () => {
      await this.#client.sync(this.#path);
      return this.#client.getData(this.#path);
    });
    await this.#again(() => this.#client.delete(this.#path)).catch((error: unknown) => {
      if (!hasCode(error, 'NoNode')) throw error; // deleted by the call whose answer was lost
    });
    const found = Number(data?.toString('utf8'));
    return found >= this.#lastAcked
      ? undefined
      : `${this.#path}: write ${this.#lastAcked} was acknowledged, ${found} is there`;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#lane?.catch(() => {});
    await this.#client.close();
  }

  /** What a lost connection cut off is tried on the next server, for as long as the session lasts. */
  async #again<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!hasCode(error, 'ConnectionLoss')) throw error;
      }
    }
  }

  async #write(): Promise<void> {
    for (let n = 1; !this.#stopped; n++) {
      await this.#again(() => this.#client.setData(this.#path, Buffer.from(String(n))));
      this.#lastAcked = n;
      this.#ackedAtMs.push(this.#host.clock.wallMs());
      await new Promise<void>((resolve) => {
        this.#host.clock.after(PAUSE_MS, resolve);
      });
    }
  }
}

/**
 * Longest gap between acknowledgements after `sinceMs`, the first one counted from there; both wall clock,
 * milliseconds.
 */
export function longestSilenceMs(ackedAtMs: readonly number[], sinceMs: number): number {
  let longest = 0;
  let before = sinceMs;
  for (const at of [...ackedAtMs].filter((ms) => ms > sinceMs).sort((a, b) => a - b)) {
    longest = Math.max(longest, at - before);
    before = at;
  }
  return longest;
}
