/** A short name for a transaction's content, the same on every server, for the simulator's checks. */
import { crc32 } from 'node:zlib';

export function digestOf(bytes: Buffer): string {
  return crc32(bytes).toString(16);
}
