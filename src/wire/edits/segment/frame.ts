/**
 * One operation of an edit log as a frame; what its body means is `wire/edits/ops`' business.
 *
 *   op := opcode:u8 length:i32 txid:i64 body checksum:i32
 *
 * `length` counts itself, the txid and the body; `checksum` is the CRC-32 of all that precedes it in the frame. After
 * the last operation a file may be padded with 0xFF (OP_INVALID), which Hadoop preallocates. Mirrors FSEditLogOp.Writer
 * and FSEditLogOp.LengthPrefixedReader.
 */
import { crc32 } from 'node:zlib';

export const OP_END_LOG_SEGMENT = 23;
export const OP_START_LOG_SEGMENT = 24;
/** Padding, not an operation. */
export const OP_INVALID = 0xff;

/** Opcode, length, txid, no body, checksum. */
export const MIN_OP_SIZE = 17;
/** dfs.namenode.max.op.size, Hadoop's default: a frame that claims more is garbage. */
export const MAX_OP_SIZE = 52428800;

const BODY_AT = 13;

/** The whole frame of one operation. `body` is copied. */
export function encodeOp(opcode: number, txid: bigint, body: Uint8Array): Buffer {
  const end = BODY_AT + body.length;
  const frame = Buffer.allocUnsafe(end + 4);
  frame[0] = opcode;
  frame.writeInt32BE(end - 1, 1);
  frame.writeBigInt64BE(txid, 5);
  frame.set(body, BODY_AT);
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}

const NO_BODY = new Uint8Array(0);

/** The first operation of every segment. */
export function encodeStartLogSegment(txid: bigint): Buffer {
  return encodeOp(OP_START_LOG_SEGMENT, txid, NO_BODY);
}

/** The last operation of a segment that its writer closed in order. */
export function encodeEndLogSegment(txid: bigint): Buffer {
  return encodeOp(OP_END_LOG_SEGMENT, txid, NO_BODY);
}

/** Where an operation lies: `offset` of its opcode, `length` of the whole frame. */
export interface OpFrame {
  readonly txid: bigint;
  readonly opcode: number;
  readonly offset: number;
  readonly length: number;
}

export type FrameRead =
  | ({ readonly kind: 'op' } & OpFrame)
  /** Nothing at all is left. */
  | { readonly kind: 'end' }
  /** 0xFF or 0x00 from here to the end. */
  | { readonly kind: 'padding' }
  /** The bytes stop inside a frame: more may follow, or the writer died here. `needed` counts from `at`. */
  | { readonly kind: 'torn'; readonly needed: number }
  | { readonly kind: 'corrupt'; readonly reason: string };

/** Reads the frame at `at`; never throws, never allocates by what the bytes claim. */
export function readFrame(bytes: Buffer, at: number, maxOpSize: number = MAX_OP_SIZE): FrameRead {
  const left = bytes.length - at;
  if (left === 0) return { kind: 'end' };
  const opcode = bytes[at]!;
  if (opcode === OP_INVALID) return readPadding(bytes, at);
  if (left < 5) return { kind: 'torn', needed: MIN_OP_SIZE };
  const length = bytes.readInt32BE(at + 1) + 5;
  if (length > maxOpSize)
    return { kind: 'corrupt', reason: `operation ${opcode} claims ${length} bytes, the limit is ${maxOpSize}` };
  if (length < MIN_OP_SIZE)
    return { kind: 'corrupt', reason: `operation ${opcode} claims ${length} bytes, the least is ${MIN_OP_SIZE}` };
  if (left < length) return { kind: 'torn', needed: length };
  const end = at + length - 4;
  if (crc32(bytes.subarray(at, end)) !== bytes.readUInt32BE(end)) {
    return { kind: 'corrupt', reason: `checksum of operation ${opcode} does not match` };
  }
  return { kind: 'op', txid: bytes.readBigInt64BE(at + 5), opcode, offset: at, length };
}

function readPadding(bytes: Buffer, at: number): FrameRead {
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte !== 0xff && byte !== 0)
      return { kind: 'corrupt', reason: `bytes after the padding that begins at offset ${at}` };
  }
  return { kind: 'padding' };
}
