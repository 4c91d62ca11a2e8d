/**
 * The answer to getChildren2. Mirrors org.apache.zookeeper.proto.GetChildren2Response.
 *
 * GetChildren2Response := children vector<ustring>, stat Stat
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstrings, writeUstrings } from '../../jute/jute.js';
import { readStat, writeStat } from '../data/stat.js';
import type { Stat } from '../data/stat.js';

export interface GetChildren2Response {
  readonly children: readonly string[];
  readonly stat: Stat;
}

export function writeGetChildren2Response(w: ByteWriter, m: GetChildren2Response): void {
  writeUstrings(w, m.children);
  writeStat(w, m.stat);
}

/** Throws LabError MALFORMED. */
export function readGetChildren2Response(r: ByteReader): GetChildren2Response {
  return { children: readUstrings(r), stat: readStat(r) };
}
