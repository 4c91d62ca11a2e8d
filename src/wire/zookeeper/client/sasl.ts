/**
 * sasl. Mirrors org.apache.zookeeper.proto.GetSASLRequest.
 *
 * SaslRequest := token buffer
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, writeBuffer } from '../../jute/jute.js';

export interface SaslRequest {
  readonly token: Buffer | null;
}

export function writeSaslRequest(w: ByteWriter, m: SaslRequest): void {
  writeBuffer(w, m.token);
}

/** Throws LabError MALFORMED. */
export function readSaslRequest(r: ByteReader): SaslRequest {
  return { token: readBuffer(r) };
}
