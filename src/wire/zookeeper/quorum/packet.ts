/**
 * QuorumPacket, the one frame of the quorum port (2888). Packets follow each other without a length in front, so that
 * the end of one is known only from its own fields: packet-stream.ts cuts them. Mirrors
 * org.apache.zookeeper.server.quorum.QuorumPacket.
 *
 * QuorumPacket := type int, zxid long, data buffer, authinfo vector<Id>
 * Id           := scheme ustring, id ustring
 */
import { ByteWriter } from '../../../base/bytes.js';
import type { ByteReader } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';

export interface AuthId {
  readonly scheme: string;
  readonly id: string;
}

export interface QuorumPacket {
  /** PacketType, or a number that we do not know. */
  readonly type: number;
  readonly zxid: bigint;
  readonly data: Buffer | null;
  readonly authinfo: readonly AuthId[] | null;
}

/** A packet, with what most packets lack left out. */
export function packet(
  type: number,
  zxid: bigint,
  data: Buffer | null = null,
  authinfo: readonly AuthId[] | null = null,
): QuorumPacket {
  return { type, zxid, data, authinfo };
}

export function encodePacket(p: QuorumPacket): Buffer {
  const { data, authinfo } = p;
  if (authinfo === null) {
    // Nearly every packet: the size is known, and the bytes are made once.
    const bytes = Buffer.allocUnsafe(plainSize(p));
    writePlain(bytes, 0, p);
    return bytes;
  }
  const w = new ByteWriter(64 + (data?.length ?? 0));
  w.i32(p.type).i64(p.zxid);
  writeBuffer(w, data);
  w.i32(authinfo.length);
  for (const { scheme, id } of authinfo) {
    writeUstring(w, scheme);
    writeUstring(w, id);
  }
  return w.take();
}

/** Packets without authinfo, one behind the other in one piece. */
export function encodePackets(packets: readonly QuorumPacket[]): Buffer {
  let size = 0;
  for (const p of packets) size += plainSize(p);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const p of packets) at = writePlain(bytes, at, p);
  return bytes;
}

function plainSize({ data }: QuorumPacket): number {
  return 20 + (data === null ? 0 : data.length);
}

function writePlain(bytes: Buffer, at: number, { type, zxid, data }: QuorumPacket): number {
  bytes.writeInt32BE(type, at);
  bytes.writeBigInt64BE(zxid, at + 4);
  bytes.writeInt32BE(data === null ? -1 : data.length, at + 12);
  if (data !== null) bytes.set(data, at + 16);
  const end = at + 16 + (data === null ? 0 : data.length);
  bytes.writeInt32BE(-1, end);
  return end + 4;
}

/** Reads one whole packet. Throws LabError MALFORMED. */
export function readPacket(r: ByteReader): QuorumPacket {
  const type = r.i32();
  const zxid = r.i64();
  const data = readBuffer(r);
  const count = r.i32();
  if (count === -1) return { type, zxid, data, authinfo: null };
  if (count < 0 || count * 8 > r.remaining)
    throw new LabError('MALFORMED', `malformed packet: ${count} authentication ids in ${r.remaining} bytes`);
  const authinfo: AuthId[] = [];
  for (let i = 0; i < count; i++) authinfo.push({ scheme: readUstring(r), id: readUstring(r) });
  return { type, zxid, data, authinfo };
}
