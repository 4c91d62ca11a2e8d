/**
 * reconfig. Mirrors org.apache.zookeeper.proto.ReconfigRequest.
 *
 * ReconfigRequest := joiningServers ustring, leavingServers ustring, newMembers ustring, curConfigId long
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readNullableUstring, writeUstring } from '../../jute/jute.js';

export interface ReconfigRequest {
  /** `server.N=host:port:port;port`, parted by commas or line ends; null: none. */
  readonly joiningServers: string | null;
  /** Server numbers. */
  readonly leavingServers: string | null;
  /** All of the new ensemble, instead of steps. */
  readonly newMembers: string | null;
  /** From which version of the configuration; -1: whatever it is. */
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
    joiningServers: readNullableUstring(r),
    leavingServers: readNullableUstring(r),
    newMembers: readNullableUstring(r),
    curConfigId: r.i64(),
  };
}
