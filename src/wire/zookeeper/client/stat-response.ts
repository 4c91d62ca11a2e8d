/**
 * The answer to setData, setACL and exists, all of one shape. Mirrors org.apache.zookeeper.proto.SetDataResponse,
 * SetACLResponse and ExistsResponse.
 *
 * StatResponse := stat Stat
 */
import type { ByteReader } from '../../../base/bytes.js';
import { readStat } from '../data/stat.js';
import type { Stat } from '../data/stat.js';

export interface StatResponse {
  readonly stat: Stat;
}

/** Throws LabError MALFORMED. */
export function readStatResponse(r: ByteReader): StatResponse {
  return { stat: readStat(r) };
}
