/**
 * What each operation's file exports: its opcode and how its body (without opcode, length, txid and checksum) stands in
 * the log.
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

export interface OpCodec<Op> {
  /** FSEditLogOpCodes */
  readonly opcode: number;
  encode(writer: ByteWriter, op: Op): void;
  /** Throws LabError MALFORMED, or UNSUPPORTED_OP where the operation uses what this NameNode does not have. */
  decode(reader: ByteReader): Op;
}
