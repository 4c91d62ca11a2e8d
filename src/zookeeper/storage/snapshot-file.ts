/**
 * The bytes of a snapshot file, as Apache's own tools read and write them: a header, the serialized sessions and tree,
 * and a seal with a checksum. Mirrors org.apache.zookeeper.server.persistence.FileSnap and SnapStream.
 *
 * File := "ZKSN", version int (2), dbid long (-1), Snapshot, Seal, (Digest, Seal)?
 * Seal := adler32 of all bytes before it, long; "/" ustring
 */
import { LabError } from '../../base/errors.js';
import { snapshotLength } from '../../wire/zookeeper/quorum/snapshot-scan.js';

const MAGIC = 0x5a4b534e;
const VERSION = 2;
const HEADER_SIZE = 16;
const SEAL_SIZE = 13;

/**
 * `snapshot` as ReplicatedServer.serializeSnapshot lays it out; what follows the tree in it (a digest) gets a seal of
 * its own.
 */
export function encodeSnapshotFile(snapshot: Buffer): Buffer {
  const tree = snapshotLength(snapshot);
  const tail = snapshot.length - tree;
  const file = Buffer.allocUnsafeSlow(HEADER_SIZE + tree + SEAL_SIZE + (tail > 0 ? tail + SEAL_SIZE : 0));
  file.writeInt32BE(MAGIC, 0);
  file.writeInt32BE(VERSION, 4);
  file.writeBigInt64BE(-1n, 8);
  snapshot.copy(file, HEADER_SIZE, 0, tree);
  let at = seal(file, HEADER_SIZE + tree);
  if (tail > 0) {
    snapshot.copy(file, at, tree);
    at = seal(file, at + tail);
  }
  return file;
}

/**
 * The bytes for ReplicatedServer.restoreSnapshot. Throws LabError MALFORMED when a seal does not fit or the file is cut
 * short.
 */
export function decodeSnapshotFile(file: Buffer): Buffer {
  if (file.length < HEADER_SIZE || file.readInt32BE(0) !== MAGIC)
    throw new LabError('MALFORMED', 'not a snapshot file');
  const body = file.subarray(HEADER_SIZE);
  const tree = snapshotLength(body);
  checkSeal(file, HEADER_SIZE + tree);
  const digestAt = HEADER_SIZE + tree + SEAL_SIZE;
  const digestEnd = file.length - SEAL_SIZE;
  if (digestEnd <= digestAt) return body.subarray(0, tree);
  checkSeal(file, digestEnd);
  return Buffer.concat([body.subarray(0, tree), file.subarray(digestAt, digestEnd)]);
}

function seal(file: Buffer, at: number): number {
  file.writeBigInt64BE(BigInt(adler32(file, at)), at);
  file.writeInt32BE(1, at + 8);
  file[at + 12] = 0x2f;
  return at + SEAL_SIZE;
}

function checkSeal(file: Buffer, at: number): void {
  if (file.length < at + SEAL_SIZE || file.readBigInt64BE(at) !== BigInt(adler32(file, at))) {
    throw new LabError('MALFORMED', 'snapshot file damaged: its checksum does not fit');
  }
}

/** Adler-32 (RFC 1950) of the first `length` bytes. */
function adler32(bytes: Buffer, length: number): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < length; ) {
    // 3800 additions fit before either sum needs its modulus.
    const stop = Math.min(at + 3800, length);
    for (; at < stop; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
