/**
 * Operations against a segment that Apache's NameNode 3.3.6 wrote (mkdirs, create, rename, owners, times, quota, append
 * ...).
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../../../src/base/bytes.js';
import { OpBatch } from '../../../../src/wire/edits/ops/batch.js';
import { decodeBody } from '../../../../src/wire/edits/ops/ops.js';
import type { EditOp } from '../../../../src/wire/edits/ops/ops.js';
import { readLong, readVLong, writeLong, writeVLong } from '../../../../src/wire/edits/ops/writable.js';
import { SEGMENT_HEADER_SIZE } from '../../../../src/wire/edits/segment/header.js';
import { scanOps } from '../../../../src/wire/edits/segment/scan.js';

const segment = readFileSync(new URL('fixtures/edits_1-29.bin', import.meta.url));

function operations(): { txid: bigint; op: EditOp }[] {
  const found: { txid: bigint; op: EditOp }[] = [];
  for (const frame of scanOps(segment, SEGMENT_HEADER_SIZE)) {
    const op = decodeBody(frame.opcode, new ByteReader(segment, frame.offset + 13, frame.offset + frame.length - 4));
    found.push({ txid: frame.txid, op });
  }
  return found;
}

test('every operation of the segment is read', () => {
  const ops = operations();
  expect(ops).toHaveLength(29);
  expect(ops.map(({ op }) => op.type)).toEqual([
    'OP_START_LOG_SEGMENT',
    'OP_MKDIR',
    'OP_MKDIR',
    'OP_MKDIR',
    'OP_MKDIR',
    'OP_ADD',
    'OP_CLOSE',
    'OP_MKDIR',
    'OP_SET_PERMISSIONS',
    'OP_ADD',
    'OP_CLOSE',
    'OP_ADD',
    'OP_CLOSE',
    'OP_RENAME_OLD',
    'OP_RENAME',
    'OP_MKDIR',
    'OP_RENAME',
    'OP_SET_OWNER',
    'OP_SET_OWNER',
    'OP_TIMES',
    'OP_SET_REPLICATION',
    'OP_SET_QUOTA',
    'OP_SET_STORAGE_POLICY',
    'OP_DELETE',
    'OP_ADD',
    'OP_APPEND',
    'OP_ADD',
    'OP_CLOSE',
    'OP_END_LOG_SEGMENT',
  ]);
  expect(ops[9]!.op).toMatchObject({
    path: '/user/hdfs/übung-名前',
    overwrite: true,
    permission: { user: 'hdfs', group: 'supergroup', mode: 0o644 },
  });
  expect(ops[19]!.op).toMatchObject({ mtime: 1234567890123, atime: 1234567890999 });
});

test('written again, they are the same bytes', () => {
  const batch = new OpBatch();
  for (const { op, txid } of operations()) batch.append(op, txid);
  const { bytes, firstTxid, count } = batch.take();
  expect([firstTxid, count]).toEqual([1n, 29]);
  expect(bytes.equals(segment.subarray(SEGMENT_HEADER_SIZE, SEGMENT_HEADER_SIZE + bytes.length))).toBe(true);
});

test('what is not supported is refused by name', () => {
  expect(() => decodeBody(40, new ByteReader(Buffer.alloc(0)))).toThrow('OP_SET_ACL');
  expect(() => decodeBody(99, new ByteReader(Buffer.alloc(0)))).toThrow('unknown opcode 99');
});

test('truncated bodies are malformed, whatever is missing', () => {
  for (const frame of scanOps(segment, SEGMENT_HEADER_SIZE)) {
    for (let cut = 1; cut < frame.length - 17; cut += 3) {
      expect(() =>
        decodeBody(frame.opcode, new ByteReader(segment, frame.offset + 13, frame.offset + frame.length - 4 - cut)),
      ).toThrow();
    }
  }
});

test('vlongs of every size', () => {
  for (const value of [
    0,
    1,
    -1,
    127,
    128,
    -112,
    -113,
    255,
    256,
    65535,
    -65536,
    2 ** 31,
    -(2 ** 31),
    2 ** 52,
    -(2 ** 52),
    1234567890123,
  ]) {
    const writer = new ByteWriter();
    writeVLong(writer, value);
    expect(readVLong(new ByteReader(writer.take()))).toBe(value);
  }
});

test('longs: any that a number holds, and the nearest of those beyond', () => {
  for (const value of [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 32 - 1,
    -(2 ** 32) - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    1795254522121,
  ]) {
    const bytes = new ByteWriter();
    writeLong(bytes, value);
    const written = bytes.take();
    expect(written.readBigInt64BE(0)).toBe(BigInt(value));
    expect(readLong(new ByteReader(written))).toBe(value);
  }
  expect(readLong(new ByteReader(new ByteWriter().i64(2n ** 63n - 1n).take()))).toBe(Number.MAX_SAFE_INTEGER);
});

test('an operation that cannot be written leaves the batch as it was', () => {
  const batch = new OpBatch();
  batch.append({ type: 'OP_START_LOG_SEGMENT' }, 1n);
  const before = batch.length;
  expect(() => batch.append({ type: 'OP_SET_PERMISSIONS', src: 'x'.repeat(70000), mode: 0 }, 2n)).toThrow('too long');
  expect(batch.length).toBe(before);
});
