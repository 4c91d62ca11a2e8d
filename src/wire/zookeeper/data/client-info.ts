/**
 * One identity of a connection as whoAmI shows it. Mirrors org.apache.zookeeper.data.ClientInfo.
 *
 * ClientInfo := authScheme ustring, user ustring
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readUstring, readVectorLength, writeUstring } from '../../jute/jute.js';

export interface ClientInfo {
  readonly authScheme: string;
  readonly user: string;
}

export function writeClientInfos(w: ByteWriter, infos: readonly ClientInfo[]): void {
  w.i32(infos.length);
  for (const info of infos) {
    writeUstring(w, info.authScheme);
    writeUstring(w, info.user);
  }
}

/** Throws LabError MALFORMED. */
export function readClientInfos(r: ByteReader): ClientInfo[] {
  const count = readVectorLength(r, 8);
  const infos: ClientInfo[] = [];
  for (let i = 0; i < count; i++) infos.push({ authScheme: readUstring(r), user: readUstring(r) });
  return infos;
}
