/**
 * The transaction log in an ordered store: one entry a transaction, keyed by zxid, each with a checksum of its own. Entries after
 * `base` are complete; everything up to `base` is in a snapshot. It does what it is told, in order: grouping and the order of
 * durability are storage.ts's. Stands where org.apache.zookeeper.server.persistence.FileTxnLog does.
 *
 * Key   := 'L', zxid long                 'M', name
 * Value := crc32 int, transaction bytes   crc32 int, long
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

export class TxnLog {
  readonly path: string;
  readonly #store: Store;
  /** Everything after this zxid is in the log. */
  base = 0n;
  /** The zxid up to which transactions were known to be committed when last told; a hint, never too high. */
  committed = 0n;
  /** A snapshot that was being installed when the process ended. */
  incoming: bigint | undefined;

  private constructor(path: string, store: Store) {
    this.path = path;
    this.#store = store;
  }

  static async open(host: Host, path: string): Promise<TxnLog> {
    const log = new TxnLog(path, await host.disk.openStore(path));
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

  /** Durable when it resolves, together. */
  append(txns: readonly Txn[], committed: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for (const txn of txns) {
      const key = logKey(txn.zxid);
      operations.push({ put: key, value: sealed(key, txn.bytes) });
    }
    if (committed > this.committed) {
      this.committed = committed;
      operations.push(putMeta('committed', committed));
    }
    return this.#store.batch(operations, { sync: true });
  }

  /** Drops all after `zxid`, exactly and durably. */
  async truncate(zxid: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for await (const [key] of this.#store.entries({ gt: logKey(zxid), lte: logKey(MAX_ZXID) })) operations.push({ delete: key });
    if (this.committed > zxid) {
      this.committed = zxid;
      operations.push(putMeta('committed', zxid));
    }
    await this.#store.batch(operations, { sync: true });
  }

  /** Forgets everything: history starts anew behind the snapshot `zxid`, whose file is still to be moved into place (see `installed`). */
  async restart(zxid: bigint): Promise<void> {
    const operations: StoreOperation[] = [];
    for await (const [key] of this.#store.entries({ gte: logKey(0n), lte: logKey(MAX_ZXID) })) operations.push({ delete: key });
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
    for await (const [key] of this.#store.entries({ gte: logKey(0n), lte: logKey(zxid) })) operations.push({ delete: key });
    operations.push(putMeta('base', zxid));
    await this.#store.batch(operations, { sync: true });
    this.base = zxid;
  }

  /**
   * Transactions after `after`, up to and with `through`, in order. Rejects LabError CORRUPT where an entry is damaged or one is
   * missing within an epoch.
   */
  async *read(after: bigint, through: bigint = MAX_ZXID): AsyncGenerator<Txn, void, void> {
    let previous = after;
    for await (const [key, value] of this.#store.entries({ gt: logKey(after), lte: logKey(through) })) {
      const zxid = key.readBigUInt64BE(1);
      const txn = this.#check(key, value, zxid);
      if (epochOf(zxid) === epochOf(previous) && zxid !== previous + 1n) {
        throw this.#corrupt(`transactions between ${zxidText(previous)} and ${zxidText(zxid)} are missing`);
      }
      previous = zxid;
      yield txn;
    }
  }

  /** The greatest logged zxid up to and with `zxid`; undefined if there is none. */
  async floor(zxid: bigint): Promise<bigint | undefined> {
    for await (const [key] of this.#store.entries({ gte: logKey(0n), lte: logKey(zxid), reverse: true, limit: 1 })) return key.readBigUInt64BE(1);
    return undefined;
  }

  last(): Promise<bigint | undefined> {
    return this.floor(MAX_ZXID);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #check(key: Buffer, value: Buffer, zxid: bigint): Txn {
    if (value.length < 4 || value.readUInt32BE(0) !== crc32(value.subarray(4), crc32(key))) {
      throw this.#corrupt(`transaction ${zxidText(zxid)} is damaged: its checksum does not fit`);
    }
    const txn = txnFromBytes(value.subarray(4));
    if (txn.zxid !== zxid || counterOf(zxid) === 0n) throw this.#corrupt(`the entry of ${zxidText(zxid)} holds transaction ${zxidText(txn.zxid)}`);
    return txn;
  }

  async #readMeta(name: MetaName): Promise<bigint | undefined> {
    const key = metaKey(name);
    const value = await this.#store.get(key);
    if (value === undefined) return undefined;
    if (value.length !== 12 || value.readUInt32BE(0) !== crc32(value.subarray(4), crc32(key))) throw this.#corrupt(`its entry "${name}" is damaged`);
    return value.readBigUInt64BE(4);
  }

  #corrupt(what: string): LabError {
    return new LabError('CORRUPT', `${this.path}: ${what}`, {
      remedy: `stop this server, move ${this.path} and the snapshots beside it away, and start it again: it copies its history from the leader, as long as the other servers are a majority`,
    });
  }
}

function putMeta(name: MetaName, value: bigint): StoreOperation {
  const key = metaKey(name);
  const body = Buffer.allocUnsafe(8);
  body.writeBigUInt64BE(value);
  return { put: key, value: sealed(key, body) };
}
