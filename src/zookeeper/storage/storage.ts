/**
 * What a server keeps on disk, and the one queue through which everything gets there: transactions, truncations,
 * snapshots from a leader, epochs. What is queued becomes durable in that order; transactions that queue up while the
 * disk is busy go down in one synced batch. Stands where org.apache.zookeeper.server.persistence.FileTxnSnapLog and
 * SyncRequestProcessor do.
 *
 * dataDir/version-2/     snapshot.<zxid>, acceptedEpoch, currentEpoch
 * dataLogDir/version-2/  txnlog/ (txn-log.ts)
 *
 * A disk that fails ends the process: a log with a hole would be worse than no server (ZOOKEEPER-4882).
 */
import { LabError, hasCode } from '../../base/errors.js';
import { epochOf, zxidText } from '../../base/zxid.js';
import type { Host } from '../../host/host.js';
import { shortDigest } from '../../wire/zookeeper/txn/short-digest.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { ReplicatedServer, Txn } from '../contract.js';
import { readEpoch, writeEpoch } from './epoch-files.js';
import { History } from './history.js';
import { decodeSnapshotFile, encodeSnapshotFile } from './snapshot-file.js';
import { TxnLog } from './txn-log.js';

type Queued =
  | { readonly append: readonly Txn[] }
  | { readonly work: () => Promise<void> }
  | { readonly durable: () => void };

/** Exit code when the disk fails, as Apache's ExitCode.UNEXPECTED_ERROR. */
const DISK_FAILED_EXIT_CODE = 1;

export class Storage {
  readonly history: History;
  /** An observer with syncEnabled=false keeps what comes in memory only: on disk is the snapshot it once was given. */
  readonly logs: boolean;
  /** What the queue will have made durable when it has run empty. */
  acceptedEpoch = 0n;
  currentEpoch = 0n;
  readonly #host: Host;
  readonly #log: TxnLog;
  readonly #snapDir: string;
  #queue: Queued[] = [];
  #running = false;
  #scheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];
  #savingSnapshot = false;

  private constructor(host: Host, config: QuorumPeerConfig, log: TxnLog) {
    this.#host = host;
    this.#log = log;
    this.#snapDir = `${config.dataDir}/version-2`;
    const observer = config.servers.find(({ sid }) => sid === config.sid)?.type === 'observer';
    this.logs = config.syncEnabled || !observer;
    this.history = new History(config.commitLogCount);
  }

  /** Rejects LabError LOCKED, CORRUPT, DISK_FAILED, FOREIGN_LOG. */
  static async open(host: Host, config: QuorumPeerConfig): Promise<Storage> {
    const logDir = `${config.dataLogDir}/version-2`;
    await host.disk.makeDirectory(`${config.dataDir}/version-2`);
    await host.disk.makeDirectory(logDir);
    const foreign = (await host.disk.list(logDir))?.find((name) => /^log\.[0-9a-f]+$/.test(name));
    if (foreign !== undefined) {
      throw new LabError(
        'FOREIGN_LOG',
        `${logDir} holds transaction logs of Apache ZooKeeper (${foreign}), which this server cannot read`,
        {
          remedy: 'give this server a dataDir and dataLogDir of its own: it copies the history from the ensemble',
        },
      );
    }
    if (!config.forceSync)
      host.log.warn(
        'forceSync=no: transactions are acknowledged before the disk holds them; a power failure may lose what ' +
          'clients were told is written',
      );
    const log = await TxnLog.open(host, `${logDir}/txnlog`, { sync: config.forceSync });
    try {
      const storage = new Storage(host, config, log);
      await storage.#finishIncoming();
      return storage;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /**
   * Fills the server with history: the newest snapshot that is whole, and the log behind it as far as it is known to be
   * committed (`all`: to its end). The rest stands ready in `history`. Rejects LabError CORRUPT.
   */
  async load(server: ReplicatedServer, options: { readonly all: boolean }): Promise<void> {
    await this.#loadHistory(server, options.all);
    await this.#loadEpochs();
    this.#host.trace?.({
      type: 'HistoryLoaded',
      zxid: this.history.lastZxid,
      currentEpoch: this.currentEpoch,
      acceptedEpoch: this.acceptedEpoch,
    });
  }

  /** Memory again as the disk has it, after a snapshot from a leader could not be read. */
  async reload(server: ReplicatedServer): Promise<void> {
    await this.#durable();
    await this.#loadHistory(server, false);
  }

  async #loadHistory(server: ReplicatedServer, all: boolean): Promise<void> {
    server.reset();
    const snapshot = await this.#newestSnapshot((await this.#log.last()) ?? this.#log.base);
    if (snapshot === undefined) {
      if (this.#log.base > 0n) throw this.#noSnapshot();
      this.history.reset(0n);
    } else {
      server.restoreSnapshot(snapshot.bytes, snapshot.zxid);
      this.history.reset(snapshot.zxid);
    }
    this.#host.trace?.({ type: 'SnapshotRestored', zxid: snapshot?.zxid ?? 0n });
    for await (const txn of this.#log.read(this.history.lastZxid)) {
      this.history.append(txn);
      if (all || txn.zxid <= this.#log.committed)
        for (const committed of this.history.commit(txn.zxid)) server.apply(committed);
    }
  }

  /** History grows by these transactions; durable as `whenDurable` says. */
  append(txns: readonly Txn[]): void {
    for (const txn of txns) this.history.append(txn);
    if (this.logs) this.#enqueue({ append: txns });
  }

  setAcceptedEpoch(epoch: bigint): void {
    this.acceptedEpoch = epoch;
    this.#work(() => this.#writeEpoch('accepted', epoch));
  }

  setCurrentEpoch(epoch: bigint): void {
    this.currentEpoch = epoch;
    this.#work(() => this.#writeEpoch('current', epoch));
  }

  /** Calls back once all that was queued before is durable; in the order of the calls, never within one. */
  whenDurable(callback: () => void): void {
    this.#enqueue({ durable: callback });
  }

  /**
   * Drops all after `zxid` and calls back. If the server had applied some of it, or memory does not reach that far
   * back, memory is discarded and loaded again. Nothing may be appended before the call back. `done(false)`: our log
   * begins after `zxid`.
   */
  truncate(zxid: bigint, server: ReplicatedServer, done: (possible: boolean) => void): void {
    this.#work(async () => {
      if (zxid < this.#log.base) {
        done(false);
        return;
      }
      for (const other of await this.#snapshots())
        if (other > zxid) await this.#host.disk.remove(this.#snapshotPath(other));
      // Told before it is done: the process may end between the disk's doing and our learning of it.
      this.#host.trace?.({ type: 'LogTruncated', zxid });
      await this.#log.truncate(zxid);
      if (this.history.lastCommitted > zxid || zxid < this.history.floor) await this.#loadHistory(server, false);
      else this.history.truncate(zxid);
      done(true);
    });
  }

  /** History becomes what this snapshot from the leader holds. The server has restored it already. */
  replace(zxid: bigint, snapshot: Buffer): void {
    this.history.reset(zxid);
    this.#work(async () => {
      await this.#host.disk.writeFile(`${this.#snapshotPath(zxid)}.incoming`, encodeSnapshotFile(snapshot));
      await this.#log.restart(zxid);
      await this.#finishIncoming();
    });
  }

  /**
   * Keeps a snapshot of committed history, once the log behind it is durable. False if one is being written already.
   */
  saveSnapshot(zxid: bigint, serialize: () => Buffer): boolean {
    if (this.#savingSnapshot || this.#closed) return false;
    this.#savingSnapshot = true;
    const snapshot = serialize();
    this.whenDurable(() => {
      if (this.#closed) return;
      // Beside the queue: transactions need not wait for it.
      this.#host.disk.writeFile(this.#snapshotPath(zxid), encodeSnapshotFile(snapshot)).then(
        () => {
          this.#savingSnapshot = false;
          this.#host.log.info(`snapshot ${zxidText(zxid)} saved, ${snapshot.length} bytes`);
        },
        (error: unknown) => this.#failed(error),
      );
    });
    return true;
  }

  /** Keeps the newest `retain` snapshots and the log behind the oldest of them. */
  purge(retain: number): void {
    this.#work(async () => {
      const snapshots = (await this.#snapshots()).filter((zxid) => zxid >= this.#log.base);
      const oldest = snapshots[snapshots.length - retain];
      if (oldest === undefined) return;
      if (oldest > this.#log.base) await this.#log.purge(oldest);
      for (const zxid of await this.#snapshots())
        if (zxid < oldest) await this.#host.disk.remove(this.#snapshotPath(zxid));
    });
  }

  /** The greatest zxid of our history up to and with `zxid`; undefined if history does not reach that far back. */
  async floor(zxid: bigint): Promise<bigint | undefined> {
    const inMemory = this.history.at(zxid);
    if (inMemory !== undefined) return inMemory;
    await this.#durable();
    if (zxid < this.#log.base) return undefined;
    return (await this.#log.floor(zxid)) ?? this.#log.base;
  }

  /**
   * Transactions after `after`, up to and with `through`, as history is now: from memory if that reaches far enough
   * back, else from disk.
   */
  read(after: bigint, through: bigint): AsyncIterable<Txn> | Iterable<Txn> {
    const { floor } = this.history;
    const recent = this.history.after(after > floor ? after : floor)!.filter((txn) => txn.zxid <= through);
    if (after >= floor) return recent;
    return this.#readOld(after, floor < through ? floor : through, recent);
  }

  async *#readOld(after: bigint, through: bigint, recent: readonly Txn[]): AsyncGenerator<Txn, void, void> {
    await this.#durable();
    yield* this.#log.read(after, through);
    yield* recent;
  }

  #durable(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  /** Waits for the queue, then closes the log. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#running || this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#closed) return;
    this.#closed = true;
    await this.#log.close();
  }

  #work(work: () => Promise<void>): void {
    this.#enqueue({ work });
  }

  #enqueue(entry: Queued): void {
    if (this.#closed) return;
    this.#queue.push(entry);
    if (this.#running || this.#scheduled) return;
    this.#scheduled = true;
    this.#host.clock.soon(() => {
      this.#scheduled = false;
      if (this.#running) return;
      this.#running = true;
      this.#run().catch((error: unknown) => this.#failed(error));
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const head = this.#queue[0]!;
      if ('work' in head) {
        this.#queue.shift();
        await head.work();
        continue;
      }
      let count = 0;
      const txns: Txn[] = [];
      for (const entry of this.#queue) {
        if ('work' in entry) break;
        if ('append' in entry) for (const txn of entry.append) txns.push(txn);
        count++;
      }
      const batch = this.#queue.slice(0, count);
      this.#queue = this.#queue.slice(count);
      if (txns.length > 0) {
        const last = txns[txns.length - 1]!.zxid;
        await this.#log.append(txns, this.history.lastCommitted < last ? this.history.lastCommitted : last);
        if (this.#host.trace !== undefined) {
          for (const txn of txns)
            this.#host.trace({ type: 'TxnLogged', zxid: txn.zxid, digest: shortDigest(txn.bytes) });
        }
      }
      for (const entry of batch) if ('durable' in entry) entry.durable();
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.exit(
      DISK_FAILED_EXIT_CODE,
      error instanceof LabError ? error.toString() : `storage failed: ${(error as Error).stack ?? String(error)}`,
    );
  }

  #snapshotPath(zxid: bigint): string {
    return `${this.#snapDir}/snapshot.${zxid.toString(16)}`;
  }

  /** zxids of the snapshot files, rising. */
  async #snapshots(): Promise<bigint[]> {
    const names = (await this.#host.disk.list(this.#snapDir)) ?? [];
    return names
      .flatMap((name) => /^snapshot\.([0-9a-f]{1,16})$/.exec(name)?.[1] ?? [])
      .map((hex) => BigInt(`0x${hex}`))
      .sort((a, b) => (a < b ? -1 : 1));
  }

  /** The newest whole snapshot that history can go on from. */
  async #newestSnapshot(lastLogged: bigint): Promise<{ zxid: bigint; bytes: Buffer } | undefined> {
    for (const zxid of (await this.#snapshots()).reverse()) {
      if (zxid < this.#log.base) break;
      const path = this.#snapshotPath(zxid);
      const file = await this.#host.disk.readFile(path);
      try {
        const bytes = decodeSnapshotFile(file ?? Buffer.alloc(0));
        if (zxid > lastLogged) {
          // A snapshot that came without its log (a copied directory): history begins with it.
          await this.#log.purge(zxid);
        }
        return { zxid, bytes };
      } catch (error) {
        if (!hasCode(error, 'MALFORMED')) throw error;
        this.#host.log.warn(`${path} is damaged and left out: ${error.message}`);
      }
    }
    return undefined;
  }

  /** A snapshot from a leader is installed by three durable steps; this does the last ones, now or after a crash. */
  async #finishIncoming(): Promise<void> {
    const { incoming } = this.#log;
    const suffix = '.incoming';
    if (incoming !== undefined) {
      const path = this.#snapshotPath(incoming);
      if ((await this.#host.disk.stat(path + suffix)) !== undefined) await this.#host.disk.rename(path + suffix, path);
      for (const zxid of await this.#snapshots())
        if (zxid !== incoming) await this.#host.disk.remove(this.#snapshotPath(zxid));
      await this.#log.installed();
    }
    for (const name of (await this.#host.disk.list(this.#snapDir)) ?? []) {
      if (name.endsWith(suffix)) await this.#host.disk.remove(`${this.#snapDir}/${name}`);
    }
  }

  async #loadEpochs(): Promise<void> {
    const fromLog = epochOf(this.history.lastZxid);
    this.currentEpoch = (await readEpoch(this.#host.disk, this.#snapDir, 'currentEpoch')) ?? fromLog;
    this.acceptedEpoch =
      (await readEpoch(this.#host.disk, this.#snapDir, 'acceptedEpoch')) ??
      (this.currentEpoch > fromLog ? this.currentEpoch : fromLog);
    if (this.acceptedEpoch < this.currentEpoch) {
      throw new LabError(
        'CORRUPT',
        `${this.#snapDir}: acceptedEpoch ${this.acceptedEpoch} is less than currentEpoch ${this.currentEpoch}`,
        {
          remedy:
            `move ${this.#snapDir} and ${this.#log.path} away and start the server again: it copies its ` +
            `history from the leader, as long as the other servers are a majority`,
        },
      );
    }
  }

  async #writeEpoch(which: 'accepted' | 'current', epoch: bigint): Promise<void> {
    await writeEpoch(this.#host.disk, this.#snapDir, `${which}Epoch`, epoch);
    this.#host.trace?.({ type: 'EpochStored', which, epoch });
  }

  #noSnapshot(): LabError {
    return new LabError(
      'CORRUPT',
      `${this.#snapDir} holds no whole snapshot, and ${this.#log.path} begins only at ${zxidText(this.#log.base)}`,
      {
        remedy:
          `move ${this.#snapDir} and ${this.#log.path} away and start the server again: it copies its history ` +
          `from the leader, as long as the other servers are a majority`,
      },
    );
  }
}
