/**
 * A short name for a transaction's bytes, by which the simulator's checks compare what servers logged and committed.
 */
import { crc32 } from 'node:zlib';

/** Hexadecimal, without leading zeros. */
export function shortDigest(bytes: Uint8Array): string {
  return crc32(bytes).toString(16);
}
