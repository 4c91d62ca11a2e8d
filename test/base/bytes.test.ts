import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/base/bytes.js';
import { LabError } from '../../src/base/errors.js';

test('what is written reads back', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string(),
      fc.boolean(),
      fc.uint8Array(),
      (a, b, text, flag, raw) => {
        const utf8 = Buffer.from(text);
        const bytes = new ByteWriter(1)
          .i32(a)
          .i64(b)
          .bool(flag)
          .i32(utf8.length)
          .utf8(text)
          .u16(0xfffe)
          .bytes(raw)
          .take();
        const reader = new ByteReader(bytes);
        expect(reader.i32()).toBe(a | 0);
        expect(reader.i64()).toBe(b);
        expect(reader.bool()).toBe(flag);
        expect(reader.utf8(reader.i32())).toBe(utf8.toString());
        expect(reader.u16()).toBe(0xfffe);
        expect(reader.view(raw.length)).toEqual(Buffer.from(raw));
        expect(reader.remaining).toBe(0);
      },
    ),
  );
});

test('a length that the bytes do not back is MALFORMED, whatever it says', () => {
  for (const count of [-1, 5, 2 ** 31 - 1]) {
    const reader = new ByteReader(Buffer.alloc(4));
    expect(() => reader.view(count)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
    expect(reader.remaining).toBe(4);
  }
  expect(() => new ByteReader(Buffer.alloc(7)).i64()).toThrow(LabError);
});

test('a length can be filled in afterwards', () => {
  const writer = new ByteWriter().i32(0).utf8('abc');
  writer.patchI32(0, writer.length - 4);
  expect(writer.take()).toEqual(Buffer.from([0, 0, 0, 3, 0x61, 0x62, 0x63]));
  expect(writer.length).toBe(0);
});
