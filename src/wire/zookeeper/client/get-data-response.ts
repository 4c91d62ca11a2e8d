/**
 * The answer to getData. Mirrors org.apache.zookeeper.proto.GetDataResponse.
 *
 * GetDataResponse := data buffer, stat Stat
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, writeBuffer } from '../../jute/jute.js';
import { readStat, writeStat } from '../data/stat.js';
import type { Stat } from '../data/stat.js';

export interface GetDataResponse {
  readonly data: Buffer | null;
  readonly stat: Stat;
}

export function writeGetDataResponse(w: ByteWriter, m: GetDataResponse): void {
  writeBuffer(w, m.data);
  writeStat(w, m.stat);
}

/** Throws LabError MALFORMED. */
export function readGetDataResponse(r: ByteReader): GetDataResponse {
  return { data: readBuffer(r), stat: readStat(r) };
}
