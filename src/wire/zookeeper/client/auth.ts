/**
 * auth: adds an identity to the connection. Mirrors org.apache.zookeeper.proto.AuthPacket.
 *
 * AuthPacket := type int, scheme ustring, auth buffer
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, readUstring, writeBuffer, writeUstring } from '../../jute/jute.js';

export interface AuthPacket {
  /** Always 0. */
  readonly type: number;
  readonly scheme: string;
  /** digest: `user:password` in the clear. */
  readonly auth: Buffer | null;
}

export function writeAuthPacket(w: ByteWriter, m: AuthPacket): void {
  w.i32(m.type);
  writeUstring(w, m.scheme);
  writeBuffer(w, m.auth);
}

/** Throws LabError MALFORMED. */
export function readAuthPacket(r: ByteReader): AuthPacket {
  return { type: r.i32(), scheme: readUstring(r), auth: readBuffer(r) };
}
