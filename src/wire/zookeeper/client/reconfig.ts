/**
 * reconfig. Mirrors org.apache.zookeeper.proto.ReconfigRequest.
 *
 * ReconfigRequest := joiningServers ustring, leavingServers ustring, newMembers ustring, curConfigId long
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface ReconfigRequest {
  readonly joiningServers: string;
  readonly leavingServers: string;
  readonly newMembers: string;
  readonly curConfigId: bigint;
}

export function writeReconfigRequest(w: ByteWriter, m: ReconfigRequest): void {
  writeUstring(w, m.joiningServers);
  writeUstring(w, m.leavingServers);
  writeUstring(w, m.newMembers);
  w.i64(m.curConfigId);
}

/** Throws LabError MALFORMED. */
export function readReconfigRequest(r: ByteReader): ReconfigRequest {
  return {
    joiningServers: readUstring(r),
    leavingServers: readUstring(r),
    newMembers: readUstring(r),
    curConfigId: r.i64(),
  };
}
