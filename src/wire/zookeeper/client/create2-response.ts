/**
 * The answer to create2, createContainer and createTTL. Mirrors org.apache.zookeeper.proto.Create2Response.
 *
 * Create2Response := path ustring, stat Stat
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';
import { readStat, writeStat } from '../data/stat.js';
import type { Stat } from '../data/stat.js';

export interface Create2Response {
  readonly path: string;
  readonly stat: Stat;
}

export function writeCreate2Response(w: ByteWriter, m: Create2Response): void {
  writeUstring(w, m.path);
  writeStat(w, m.stat);
}

/** Throws LabError MALFORMED. */
export function readCreate2Response(r: ByteReader): Create2Response {
  return { path: readUstring(r), stat: readStat(r) };
}
