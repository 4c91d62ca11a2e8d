/**
 * The Writables inside edit-log operations: Hadoop's UTF8 strings (two length bytes), Text (vint length), vints,
 * blocks, PermissionStatus and the RPC ids that rebuild a retry cache. Mirrors org.apache.hadoop.hdfs.server.namenode.
 * FSImageSerialization and org.apache.hadoop.io.{UTF8, Text, WritableUtils}. Times and inode ids are numbers here: they
 * are below 2^53 for any real clock and namespace, and hot paths are spared the bigints.
 */
import { LabError } from '../../../base/errors.js';
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';

const TWO_32 = 4294967296;

/** A Java long from an integer number (which may be negative). */
export function writeLong(writer: ByteWriter, value: number): void {
  writer.i32(Math.floor(value / TWO_32)).i32(value | 0);
}

/**
 * A Java long; beyond 2^53 (nobody's time or size, but a client may have set it) the nearest that a number holds
 * exactly.
 */
export function readLong(reader: ByteReader): number {
  const high = reader.i32();
  return clampToSafe(high * TWO_32 + (reader.i32() >>> 0));
}

export function clampToSafe(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** org.apache.hadoop.io.UTF8: an unsigned short of bytes, then UTF-8. */
export function writeUtf8(writer: ByteWriter, value: string): void {
  const size = Buffer.byteLength(value);
  if (size > 0xffff)
    throw new LabError('TOO_LONG', `string of ${size} bytes is too long for an edit-log operation (at most 65535)`);
  writer.u16(size).utf8(value);
}

export function readUtf8(reader: ByteReader): string {
  return reader.utf8(reader.u16());
}

/** WritableUtils.writeVLong for what fits a number. */
export function writeVLong(writer: ByteWriter, value: number): void {
  if (value >= -112 && value <= 127) {
    writer.u8(value & 0xff);
    return;
  }
  let marker = -112;
  let rest = BigInt(value);
  if (rest < 0n) {
    rest = ~rest;
    marker = -120;
  }
  let bytes = 0;
  for (let left = rest; left !== 0n; left >>= 8n) bytes++;
  writer.u8((marker - bytes) & 0xff);
  for (let i = bytes - 1; i >= 0; i--) writer.u8(Number((rest >> BigInt(8 * i)) & 0xffn));
}

export function readVLong(reader: ByteReader): number {
  const first = (reader.u8() << 24) >> 24;
  if (first >= -112) return first;
  const negative = first < -120;
  const bytes = negative ? -(first + 120) : -(first + 112);
  let value = 0n;
  for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(reader.u8());
  const result = Number(negative ? ~value : value);
  if (!Number.isSafeInteger(result)) throw new LabError('MALFORMED', 'malformed bytes: vlong out of range');
  return result;
}

/** org.apache.hadoop.io.Text. */
export function writeText(writer: ByteWriter, value: string): void {
  writeVLong(writer, Buffer.byteLength(value));
  writer.utf8(value);
}

export function readText(reader: ByteReader): string {
  return reader.utf8(readVLong(reader));
}

/** org.apache.hadoop.fs.permission.PermissionStatus; mode has 01777 bits (sticky included). */
export interface PermissionStatus {
  readonly user: string;
  readonly group: string;
  readonly mode: number;
}

export function writePermissionStatus(writer: ByteWriter, status: PermissionStatus): void {
  writeText(writer, status.user);
  writeText(writer, status.group);
  writer.u16(status.mode);
}

export function readPermissionStatus(reader: ByteReader): PermissionStatus {
  const user = readText(reader);
  const group = readText(reader);
  return { user, group, mode: reader.u16() };
}

/** Who called, for the retry cache: 16 bytes and the call's number; empty and -2 for calls that nobody retries. */
export interface RpcIds {
  readonly clientId: Uint8Array;
  readonly callId: number;
}

export const NO_RPC_IDS: RpcIds = Object.freeze({ clientId: Buffer.alloc(0), callId: -2 });

export function writeRpcIds(writer: ByteWriter, ids: RpcIds): void {
  writer.u16(ids.clientId.length).bytes(ids.clientId).i32(ids.callId);
}

export function readRpcIds(reader: ByteReader): RpcIds {
  const clientId = reader.copy(reader.u16());
  return { clientId, callId: reader.i32() };
}

/** org.apache.hadoop.hdfs.protocol.Block. */
export interface Block {
  readonly blockId: bigint;
  readonly numBytes: number;
  readonly generationStamp: number;
}

const BLOCK_BYTES = 24;

export function writeBlocks(writer: ByteWriter, blocks: readonly Block[]): void {
  writer.i32(blocks.length);
  for (const block of blocks) {
    writer.i64(block.blockId);
    writeLong(writer, block.numBytes);
    writeLong(writer, block.generationStamp);
  }
}

export function readBlocks(reader: ByteReader): readonly Block[] {
  const count = reader.i32();
  if (count < 0 || count * BLOCK_BYTES > reader.remaining)
    throw new LabError('MALFORMED', `malformed bytes: ${count} blocks`);
  const blocks: Block[] = [];
  for (let i = 0; i < count; i++)
    blocks.push({ blockId: reader.i64(), numBytes: readLong(reader), generationStamp: readLong(reader) });
  return blocks;
}

/** Sizes and stamps as differences from the block before. */
export function writeCompactBlocks(writer: ByteWriter, blocks: readonly Block[]): void {
  writeVLong(writer, blocks.length);
  let numBytes = 0;
  let generationStamp = 0;
  for (const block of blocks) {
    writer.i64(block.blockId);
    writeVLong(writer, block.numBytes - numBytes);
    writeVLong(writer, block.generationStamp - generationStamp);
    ({ numBytes, generationStamp } = block);
  }
}

export function readCompactBlocks(reader: ByteReader): readonly Block[] {
  const count = readVLong(reader);
  if (count < 0 || count * 10 > reader.remaining) throw new LabError('MALFORMED', `malformed bytes: ${count} blocks`);
  const blocks: Block[] = [];
  let numBytes = 0;
  let generationStamp = 0;
  for (let i = 0; i < count; i++) {
    const blockId = reader.i64();
    numBytes += readVLong(reader);
    generationStamp += readVLong(reader);
    blocks.push({ blockId, numBytes, generationStamp });
  }
  return blocks;
}

/** ACL entries (a count) and XAttrs (a length-delimited message), both empty: this namespace has neither. */
export function writeNoAclNorXAttrs(writer: ByteWriter): void {
  writer.i32(0).u8(0);
}

export function readNoAclNorXAttrs(reader: ByteReader, operation: string): void {
  if (reader.i32() !== 0)
    throw new LabError('UNSUPPORTED_OP', `${operation} with ACL entries is not supported by this NameNode`);
  if (reader.u8() !== 0)
    throw new LabError('UNSUPPORTED_OP', `${operation} with extended attributes is not supported by this NameNode`);
}
