/**
 * apache-3.3.6.edits was written by Hadoop 3.3.6's OfflineEditsViewer (-p binary): START_LOG_SEGMENT, MKDIR,
 * END_LOG_SEGMENT.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEndLogSegment, encodeOp, encodeStartLogSegment } from '../../../../src/wire/edits/segment/frame.js';
import { SEGMENT_HEADER, SEGMENT_HEADER_SIZE } from '../../../../src/wire/edits/segment/header.js';
import { SegmentScanner, scanOps, scanSegment } from '../../../../src/wire/edits/segment/scan.js';

const apache = readFileSync(new URL('./apache-3.3.6.edits', import.meta.url));
const mkdirBody = apache.subarray(8 + 17 + 13, apache.length - 17 - 4);

function segment(count: number): Buffer {
  const ops = [encodeStartLogSegment(1n)];
  for (let i = 2; i <= count; i++) ops.push(encodeOp(3, BigInt(i), Buffer.alloc(i % 7, i)));
  return Buffer.concat([SEGMENT_HEADER, ...ops]);
}

describe('edit log framing', () => {
  it('writes what Hadoop writes, byte for byte', () => {
    const ours = Buffer.concat([
      SEGMENT_HEADER,
      encodeStartLogSegment(1n),
      encodeOp(3, 2n, mkdirBody),
      encodeEndLogSegment(3n),
    ]);
    expect(ours.equals(apache)).toBe(true);
  });

  it('finds every operation of a file of Hadoop', () => {
    expect(
      [...scanOps(apache, SEGMENT_HEADER_SIZE)].map(({ txid, opcode, length }) => ({ txid, opcode, length })),
    ).toEqual([
      { txid: 1n, opcode: 24, length: 17 },
      { txid: 2n, opcode: 3, length: 71 },
      { txid: 3n, opcode: 23, length: 17 },
    ]);
    expect(scanSegment(apache)).toMatchObject({
      header: { ok: true, layoutVersion: -66 },
      firstTxid: 1n,
      lastTxid: 3n,
      validLength: 113,
      tail: { kind: 'clean' },
    });
  });

  it('stops at the padding that Hadoop preallocates', () => {
    const padded = Buffer.concat([apache, Buffer.alloc(1 << 20, 0xff)]);
    expect(scanSegment(padded)).toMatchObject({ lastTxid: 3n, validLength: 113, tail: { kind: 'padding' } });
    padded[padded.length - 5] = 7;
    expect(scanSegment(padded)).toMatchObject({ lastTxid: 3n, validLength: 113, tail: { kind: 'corrupt' } });
  });

  it('keeps what precedes a torn, damaged or misnumbered operation', () => {
    const bytes = segment(4);
    const upToThree = scanSegment(segment(3)).validLength;
    expect(scanSegment(bytes.subarray(0, bytes.length - 1))).toMatchObject({
      lastTxid: 3n,
      validLength: upToThree,
      tail: { kind: 'torn' },
    });
    const damaged = Buffer.from(bytes);
    damaged[upToThree + 14]! ^= 1;
    expect(scanSegment(damaged)).toMatchObject({ lastTxid: 3n, validLength: upToThree, tail: { kind: 'corrupt' } });
    const hole = Buffer.concat([segment(3), encodeOp(3, 5n, Buffer.alloc(0))]);
    expect(scanSegment(hole)).toMatchObject({ lastTxid: 3n, tail: { kind: 'corrupt' } });
  });

  it('says that a file without a header holds nothing', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(5),
      Buffer.alloc(64, 0xff),
      Buffer.from('00000000000000000000', 'hex'),
    ]) {
      expect(scanSegment(bytes)).toMatchObject({
        header: { ok: false },
        firstTxid: undefined,
        lastTxid: undefined,
        validLength: 0,
      });
    }
  });

  it('gives the same result however the file is cut into pieces, and never throws', () => {
    const good = Buffer.concat([segment(9), Buffer.alloc(40, 0xff)]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 2 }),
        fc.nat(good.length),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (changes, length, sizes) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          const file = bytes.subarray(0, length);
          const scanner = new SegmentScanner();
          for (let at = 0, i = 0; at < file.length; i++) {
            const size = sizes[i % sizes.length]!;
            scanner.push(file.subarray(at, at + size));
            at += size;
          }
          const { tail, ...pieces } = scanner.finish();
          const { tail: wholeTail, ...whole } = scanSegment(file);
          expect(pieces).toEqual(whole);
          void tail;
          void wholeTail;
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not wait for, or make room for, a length that no operation can have', () => {
    const hostile = Buffer.concat([SEGMENT_HEADER, Buffer.from([3, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])]);
    expect(scanSegment(hostile)).toMatchObject({ lastTxid: undefined, validLength: 8, tail: { kind: 'corrupt' } });
  });
});
