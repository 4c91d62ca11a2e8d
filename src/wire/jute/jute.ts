/**
 * Jute, the serialization of Apache ZooKeeper (org.apache.jute.BinaryInputArchive and BinaryOutputArchive): big-endian
 * int and long, one byte for a bool, and for ustring, buffer and vector an int length (-1: null) before the content.
 * int, long and bool are ByteReader's and ByteWriter's own; this file adds the rest. Lengths are checked against what
 * is left before anything is made of them. Limits (jute.maxbuffer) are the business of whoever cuts the stream into
 * frames.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';

/** null is written as length -1. */
export function writeUstring(w: ByteWriter, value: string | null): void {
  if (value === null) {
    w.i32(-1);
    return;
  }
  const at = w.length;
  w.i32(0).utf8(value);
  w.patchI32(at, w.length - at - 4);
}

/**
 * A null ustring reads as the empty one: no message gives the two different meanings that matter here. Throws LabError
 * MALFORMED.
 */
export function readUstring(r: ByteReader): string {
  const length = readLength(r, 'ustring');
  return length === -1 ? '' : r.utf8(length);
}

/** A path that must be there. Throws LabError MALFORMED, also for null. */
export function readPath(r: ByteReader): string {
  const path = readNullableUstring(r);
  if (path === null) throw new LabError('MALFORMED', 'malformed bytes: a path is missing');
  return path;
}

/** A null ustring reads as null. Throws LabError MALFORMED. */
export function readNullableUstring(r: ByteReader): string | null {
  const length = readLength(r, 'ustring');
  return length === -1 ? null : r.utf8(length);
}

export function writeBuffer(w: ByteWriter, value: Uint8Array | null): void {
  if (value === null) {
    w.i32(-1);
    return;
  }
  w.i32(value.length).bytes(value);
}

/** A copy, so that it may outlive the frame. Throws LabError MALFORMED. */
export function readBuffer(r: ByteReader): Buffer | null {
  const length = readLength(r, 'buffer');
  return length === -1 ? null : r.copy(length);
}

export function writeUstrings(w: ByteWriter, values: readonly string[]): void {
  w.i32(values.length);
  for (const value of values) writeUstring(w, value);
}

/** A null vector reads as an empty one. Throws LabError MALFORMED. */
export function readUstrings(r: ByteReader): string[] {
  const count = readVectorLength(r, 4);
  const values: string[] = [];
  for (let i = 0; i < count; i++) values.push(readUstring(r));
  return values;
}

/**
 * The number of elements, 0 for a null vector; refused if the bytes left cannot hold that many of at least
 * `minElementSize` bytes.
 */
export function readVectorLength(r: ByteReader, minElementSize: number): number {
  const count = r.i32();
  if (count === -1) return 0;
  if (count < 0 || count * minElementSize > r.remaining) {
    throw new LabError('MALFORMED', `malformed bytes: a vector of ${count} elements in ${r.remaining} bytes`);
  }
  return count;
}

function readLength(r: ByteReader, what: string): number {
  const length = r.i32();
  if (length < -1 || length > r.remaining) {
    throw new LabError('MALFORMED', `malformed bytes: a ${what} of ${length} bytes, ${r.remaining} left`);
  }
  return length;
}
