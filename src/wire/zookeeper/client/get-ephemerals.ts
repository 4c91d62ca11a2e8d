/**
 * getEphemerals. Mirrors org.apache.zookeeper.proto.GetEphemeralsRequest.
 *
 * GetEphemeralsRequest := prefixPath ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface GetEphemeralsRequest {
  readonly prefixPath: string;
}

export function writeGetEphemeralsRequest(w: ByteWriter, m: GetEphemeralsRequest): void {
  writeUstring(w, m.prefixPath);
}

/** Throws LabError MALFORMED. */
export function readGetEphemeralsRequest(r: ByteReader): GetEphemeralsRequest {
  return { prefixPath: readUstring(r) };
}
