/**
 * Leases of those who write: one a client name, renewed by the client, taken away after the hard limit, up for grabs
 * after the soft one. Not persistent: OP_ADD and OP_CLOSE tell who has what. Mirrors
 * org.apache.hadoop.hdfs.server.namenode.LeaseManager.
 */
export interface Lease {
  readonly holder: string;
  lastRenewedMs: number;
  /** Inode ids, oldest first. */
  readonly files: Set<number>;
}

/** HdfsConstants.LEASE_SOFTLIMIT_PERIOD */
export const LEASE_SOFT_LIMIT_MS = 60_000;

export class Leases {
  readonly #byHolder = new Map<string, Lease>();
  readonly #byFile = new Map<number, Lease>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Files under construction. */
  get fileCount(): number {
    return this.#byFile.size;
  }

  holder(name: string): Lease | undefined {
    return this.#byHolder.get(name);
  }

  ofFile(inodeId: number): Lease | undefined {
    return this.#byFile.get(inodeId);
  }

  add(holder: string, inodeId: number): void {
    let lease = this.#byHolder.get(holder);
    if (lease === undefined) {
      lease = { holder, lastRenewedMs: 0, files: new Set() };
      this.#byHolder.set(holder, lease);
    }
    lease.lastRenewedMs = this.#nowMs();
    lease.files.add(inodeId);
    this.#byFile.set(inodeId, lease);
  }

  remove(inodeId: number): void {
    const lease = this.#byFile.get(inodeId);
    if (lease === undefined) return;
    this.#byFile.delete(inodeId);
    lease.files.delete(inodeId);
    if (lease.files.size === 0) this.#byHolder.delete(lease.holder);
  }

  renew(holder: string): void {
    const lease = this.#byHolder.get(holder);
    if (lease !== undefined) lease.lastRenewedMs = this.#nowMs();
  }

  /** A new active gives every holder a whole period from now on. */
  renewAll(): void {
    const now = this.#nowMs();
    for (const lease of this.#byHolder.values()) lease.lastRenewedMs = now;
  }

  softLimitExpired(lease: Lease): boolean {
    return this.#nowMs() - lease.lastRenewedMs > LEASE_SOFT_LIMIT_MS;
  }

  /** Leases that nobody has renewed for `hardLimitMs`. */
  expired(hardLimitMs: number): Lease[] {
    const before = this.#nowMs() - hardLimitMs;
    return [...this.#byHolder.values()].filter((lease) => lease.lastRenewedMs < before);
  }

  clear(): void {
    this.#byHolder.clear();
    this.#byFile.clear();
  }

  toText(lease: Lease | undefined, holder: string): string {
    return lease === undefined
      ? `Holder ${holder} does not have any open files.`
      : `[Lease.  Holder: ${lease.holder}, pending creates: ${lease.files.size}]`;
  }
}
