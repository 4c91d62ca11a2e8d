/**
 * The answer to create. Mirrors org.apache.zookeeper.proto.CreateResponse.
 *
 * CreateResponse := path ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, writeUstring } from '../../jute/jute.js';

export interface CreateResponse {
  readonly path: string;
}

export function writeCreateResponse(w: ByteWriter, m: CreateResponse): void {
  writeUstring(w, m.path);
}

/** Throws LabError MALFORMED. */
export function readCreateResponse(r: ByteReader): CreateResponse {
  return { path: readUstring(r) };
}
