/**
 * The answer to whoAmI. Mirrors org.apache.zookeeper.proto.WhoAmIResponse.
 *
 * WhoAmIResponse := clientInfo vector<ClientInfo>
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readClientInfos, writeClientInfos } from '../data/client-info.js';
import type { ClientInfo } from '../data/client-info.js';

export interface WhoAmIResponse {
  readonly clientInfo: readonly ClientInfo[];
}

export function writeWhoAmIResponse(w: ByteWriter, m: WhoAmIResponse): void {
  writeClientInfos(w, m.clientInfo);
}

/** Throws LabError MALFORMED. */
export function readWhoAmIResponse(r: ByteReader): WhoAmIResponse {
  return { clientInfo: readClientInfos(r) };
}
