/**
 * Cuts the byte stream of the quorum port into packets, and, for a learner, the snapshot that follows a SNAP packet.
 * Mirrors the reading ends of org.apache.zookeeper.server.quorum.Learner and LearnerHandler.
 *
 * Stream := (QuorumPacket | QuorumPacket(SNAP) Snapshot "BenWasHere")*
 *
 * Memory grows only with bytes that have arrived; any length beyond the limit ends the stream with MALFORMED.
 */
import { ByteReader } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';
import { readPacket } from './packet.js';
import type { QuorumPacket } from './packet.js';
import { PacketType } from './packet-type.js';
import { scanSnapshot } from './snapshot-scan.js';
import type { ScanWindow } from './snapshot-scan.js';

/** What follows a snapshot on the wire: ustring "BenWasHere". */
export const SNAPSHOT_SIGNATURE = Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('BenWasHere')]);

export interface PacketSink {
  onPacket(packet: QuorumPacket): void;
  /**
   * The snapshot that a SNAP packet announced; `onPacket` was called for the packet itself before. The bytes are the
   * receiver's.
   */
  onSnapshot?(bytes: Buffer): void;
}

export class PacketStream {
  readonly #limit: number;
  readonly #sink: PacketSink;
  readonly #window: ScanWindow = { bytes: Buffer.alloc(0), at: 0, end: 0 };
  #snapshot: { from: number; scan: Generator<void, void, void>; signature: boolean } | undefined;
  #stopped = false;

  /** `limit`: most bytes in the data of one packet or in one field of a snapshot. */
  constructor(limit: number, sink: PacketSink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  /** Nothing is delivered afterwards. */
  stop(): void {
    this.#stopped = true;
  }

  /** Delivers what `chunk` completes. Throws LabError MALFORMED: the stream is of no use afterwards. */
  push(chunk: Buffer): void {
    this.#append(chunk);
    while (!this.#stopped && (this.#snapshot === undefined ? this.#nextPacket() : this.#moreSnapshot()));
    const w = this.#window;
    if (this.#snapshot === undefined && w.at === w.end) {
      w.bytes = Buffer.alloc(0);
      w.at = w.end = 0;
    }
  }

  #append(chunk: Buffer): void {
    const w = this.#window;
    const keepFrom = this.#snapshot?.from ?? w.at;
    if (w.end === keepFrom && this.#snapshot === undefined) {
      w.bytes = chunk;
      w.at = 0;
      w.end = chunk.length;
      return;
    }
    if (w.end + chunk.length > w.bytes.length) {
      const kept = w.end - keepFrom;
      const grown = Buffer.allocUnsafeSlow(Math.max(kept + chunk.length, this.#snapshot === undefined ? 0 : 2 * kept));
      w.bytes.copy(grown, 0, keepFrom, w.end);
      w.bytes = grown;
      w.at -= keepFrom;
      w.end = kept;
      if (this.#snapshot !== undefined) this.#snapshot.from = 0;
    }
    chunk.copy(w.bytes, w.end);
    w.end += chunk.length;
  }

  #nextPacket(): boolean {
    const w = this.#window;
    const size = this.#packetSize();
    if (size === undefined) return false;
    const packet = readPacket(new ByteReader(w.bytes, w.at, w.at + size));
    w.at += size;
    if (packet.type === PacketType.SNAP && this.#sink.onSnapshot !== undefined) {
      this.#snapshot = { from: w.at, scan: scanSnapshot(w, this.#limit), signature: false };
    }
    this.#sink.onPacket(packet);
    return true;
  }

  /** Size of the packet at the front, undefined while it is incomplete. */
  #packetSize(): number | undefined {
    const w = this.#window;
    let at = w.at + 12;
    const length = (what: string): number | undefined => {
      if (at + 4 > w.end) return undefined;
      const value = w.bytes.readInt32BE(at);
      if (value < -1 || value > this.#limit) {
        throw new LabError(
          'MALFORMED',
          `malformed quorum packet: ${what} of length ${value} (limit ${this.#limit}, jute.maxbuffer)`,
        );
      }
      at += 4;
      return Math.max(value, 0);
    };
    const data = length('data');
    if (data === undefined) return undefined;
    at += data;
    const ids = length('authinfo');
    if (ids === undefined) return undefined;
    for (let i = 0; i < 2 * ids; i++) {
      const text = length('an authentication id');
      if (text === undefined) return undefined;
      at += text;
    }
    return at <= w.end ? at - w.at : undefined;
  }

  #moreSnapshot(): boolean {
    const w = this.#window;
    const snapshot = this.#snapshot!;
    if (!snapshot.signature) {
      if (snapshot.scan.next().done !== true) return false;
      snapshot.signature = true;
    }
    if (w.end - w.at < SNAPSHOT_SIGNATURE.length) return false;
    if (!w.bytes.subarray(w.at, w.at + SNAPSHOT_SIGNATURE.length).equals(SNAPSHOT_SIGNATURE)) {
      throw new LabError('MALFORMED', 'malformed snapshot: the signature that ends it is missing');
    }
    const bytes = Buffer.from(w.bytes.subarray(snapshot.from, w.at));
    w.at += SNAPSHOT_SIGNATURE.length;
    this.#snapshot = undefined;
    this.#sink.onSnapshot!(bytes);
    return true;
  }
}
