/**
 * The transaction log in an ordered store: one entry for each group of transactions that went to the disk together,
 * keyed by the first one's zxid; each transaction with a checksum of its own. (An entry for each would cost the store
 * more than all else that a server does for a write.) Everything after `base` is in the log; everything up to `base` is
 * in a snapshot. It does what it is told, in order: grouping and the order of durability are storage.ts's. Stands where
 * org.apache.zookeeper.server.persistence.FileTxnLog does.
 *
 * Key    := 'L', zxid long   'M', name
 * Value  := Record+          crc32 int, long
 * Record := crc32 int, length int, transaction bytes
 */
import { crc32 } from 'node:zlib';
import { LabError } from '../../base/errors.js';
import { counterOf, epochOf, zxidText } from '../../base/zxid.js';
import type { Host, Store, StoreOperation } from '../../host/host.js';
import type { Txn } from '../contract.js';
import { txnFromBytes } from './txn.js';

type MetaName = 'base' | 'committed' | 'incoming';

const MAX_ZXID = (1n << 63n) - 1n;

function logKey(zxid: bigint): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = 0x4c;
  key.writeBigUInt64BE(zxid, 1);
  return key;
}

function metaKey(name: MetaName): Buffer {
  return Buffer.from(`M${name}`);
}

function sealed(key: Buffer, body: Buffer): Buffer {
  const value = Buffer.allocUnsafe(4 + body.length);
  value.writeUInt32BE(crc32(body, crc32(key)), 0);
  value.set(body, 4);
  return value;
}

/** Groups are split here, so that reading one back does not take much at a time. */
const MAX_ENTRY_BYTES = 1024 * 1024;
const RECORD_HEADER_SIZE = 8;

/** Entries that hold these transactions. */
function* entriesOf(txns: readonly Txn[]): Generator<StoreOperation, void, void> {
  for (let from = 0; from < txns.length; ) {
    let to = from;
    let size = 0;
    do size += RECORD_HEADER_SIZE + txns[to++]!.bytes.length;
    while (to < txns.length && size < MAX_ENTRY_BYTES);
    const value = Buffer.allocUnsafe(size);
    let at = 0;
    for (let i = from; i < to; i++) {
      const { bytes } = txns[i]!;
      value.writeUInt32BE(crc32(bytes), at);
      value.writeInt32BE(bytes.length, at + 4);
      value.set(bytes, at + RECORD_HEADER_SIZE);
      at += RECORD_HEADER_SIZE + bytes.length;
    }
    yield { put: logKey(txns[from]!.zxid), value };
    from = to;
  }
}

export class TxnLog {
  readonly path: string;
  readonly #store: Store;
  readonly #sync: boolean;
  /** Everything after this zxid is in the log. */
  base = 0n;
  /** The zxid up to which transactions were known to be committed when last told; a hint, never too high. */
  committed = 0n;
  /** A snapshot that was being installed when the process ended. */
  incoming: bigint | undefined;

  private constructor(path: string, store: Store, sync: boolean) {
    this.path = path;
    this.#store = store;
    this.#sync = sync;
  }

  /** `sync: false` (forceSync=no): what is appended is not synced, unlike all else. */
  static async open(host: Host, path: string, { sync }: { readonly sync: boolean }): Promise<TxnLog> {
    const log = new TxnLog(path, await host.disk.openStore(path), sync);
    try {
      log.base = (await log.#readMeta('base')) ?? 0n;
      log.committed = (await log.#readMeta('committed')) ?? 0n;
      log.incoming = await log.#readMeta('incoming');
    } catch (error) {
      await log.close();
      throw error;
    }
    return log;
  }

  /** Durable when it resolves, together, as long as the log is synced. */
  append(txns: readonly Txn[], committed: bigint): Promise<void> {
    const operations = [...entriesOf(txns)];
    if (committed > this.committed) {
      this.committed = committed;
      operations.push(putMeta('committed', committed));
    }
    return this.#store.batch(operations, { sync: this.#sync });
  }

  /** Drops all after `zxid`, exactly and durably. */
  async truncate(zxid: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for await (const [key] of this.#store.entries({ gt: logKey(zxid), lte: logKey(MAX_ZXID) }))
      operations.push({ delete: key });
    const kept = (await this.#entryAt(zxid))?.filter((txn) => txn.zxid <= zxid) ?? [];
    operations.push(...entriesOf(kept));
    if (this.committed > zxid) {
      this.committed = zxid;
      operations.push(putMeta('committed', zxid));
    }
    await this.#store.batch(operations, { sync: true });
  }

  /**
   * Forgets everything: history starts anew behind the snapshot `zxid`, whose file is still to be moved into place (see
   * `installed`).
   */
  async restart(zxid: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for await (const [key] of this.#store.entries({ gte: logKey(0n), lte: logKey(MAX_ZXID) }))
      operations.push({ delete: key });
    operations.push(putMeta('base', zxid), putMeta('committed', zxid), putMeta('incoming', zxid));
    await this.#store.batch(operations, { sync: true });
    this.base = this.committed = this.incoming = zxid;
  }

  async installed(): Promise<void> {
    await this.#store.batch([{ delete: metaKey('incoming') }], { sync: true });
    this.incoming = undefined;
  }

  /** Drops all up to and with `zxid`, which a snapshot holds. */
  async purge(zxid: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for await (const [key] of this.#store.entries({ gte: logKey(0n), lte: logKey(zxid) }))
      operations.push({ delete: key });
    // The entry that begins before that point may go on behind it.
    const kept = (await this.#entryAt(zxid))?.filter((txn) => txn.zxid > zxid) ?? [];
    operations.push(...entriesOf(kept), putMeta('base', zxid));
    await this.#store.batch(operations, { sync: true });
    this.base = zxid;
  }

  /**
   * Transactions after `after`, up to and with `through`, in order. Rejects LabError CORRUPT where an entry is damaged
   * or one is missing within an epoch.
   */
  async *read(after: bigint, through: bigint = MAX_ZXID): AsyncGenerator<Txn, void, void> {
    let previous = after;
    const from = (await this.#entryAt(after))?.[0]?.zxid ?? after;
    for await (const [key, value] of this.#store.entries({ gte: logKey(from), lte: logKey(through) })) {
      for (const txn of this.#parse(key, value)) {
        if (txn.zxid <= after) continue;
        if (txn.zxid > through) return;
        if (epochOf(txn.zxid) === epochOf(previous) && txn.zxid !== previous + 1n) {
          throw this.#corrupt(`transactions between ${zxidText(previous)} and ${zxidText(txn.zxid)} are missing`);
        }
        previous = txn.zxid;
        yield txn;
      }
    }
  }

  /** The greatest logged zxid up to and with `zxid`; undefined if there is none. */
  async floor(zxid: bigint): Promise<bigint | undefined> {
    return (await this.#entryAt(zxid))?.findLast((txn) => txn.zxid <= zxid)?.zxid;
  }

  last(): Promise<bigint | undefined> {
    return this.floor(MAX_ZXID);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** The transactions of the entry in which `zxid` stands, or would stand. */
  async #entryAt(zxid: bigint): Promise<Txn[] | undefined> {
    for await (const [key, value] of this.#store.entries({
      gte: logKey(0n),
      lte: logKey(zxid),
      reverse: true,
      limit: 1,
    }))
      return this.#parse(key, value);
    return undefined;
  }

  #parse(key: Buffer, value: Buffer): Txn[] {
    const first = key.readBigUInt64BE(1);
    const txns: Txn[] = [];
    for (let at = 0; at < value.length || txns.length === 0; ) {
      const expected = txns.length === 0 ? first : txns[txns.length - 1]!.zxid + 1n;
      const length = value.length - at >= RECORD_HEADER_SIZE ? value.readInt32BE(at + 4) : -1;
      const bytes = value.subarray(at + RECORD_HEADER_SIZE, at + RECORD_HEADER_SIZE + Math.max(length, 0));
      if (length < 0 || bytes.length !== length || value.readUInt32BE(at) !== crc32(bytes)) {
        throw this.#corrupt(`transaction ${zxidText(expected)} is damaged: its checksum does not fit`);
      }
      const txn = txnFromBytes(bytes);
      if (counterOf(txn.zxid) === 0n || (txns.length === 0 && txn.zxid !== first)) {
        throw this.#corrupt(`the entry of ${zxidText(first)} holds transaction ${zxidText(txn.zxid)}`);
      }
      txns.push(txn);
      at += RECORD_HEADER_SIZE + length;
    }
    return txns;
  }

  async #readMeta(name: MetaName): Promise<bigint | undefined> {
    const key = metaKey(name);
    const value = await this.#store.get(key);
    if (value === undefined) return undefined;
    if (value.length !== 12 || value.readUInt32BE(0) !== crc32(value.subarray(4), crc32(key)))
      throw this.#corrupt(`its entry "${name}" is damaged`);
    return value.readBigUInt64BE(4);
  }

  #corrupt(what: string): LabError {
    return new LabError('CORRUPT', `${this.path}: ${what}`, {
      remedy:
        `stop this server, move ${this.path} and the snapshots beside it away, and start it again: it copies ` +
        `its history from the leader, as long as the other servers are a majority`,
    });
  }
}

function putMeta(name: MetaName, value: bigint): StoreOperation {
  const key = metaKey(name);
  const body = Buffer.allocUnsafe(8);
  body.writeBigUInt64BE(value);
  return { put: key, value: sealed(key, body) };
}
