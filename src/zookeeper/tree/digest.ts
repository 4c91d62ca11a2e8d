/**
 * The digest of a node, and so of the tree (their sum): servers send it along with transactions and compare, to notice
 * that they have grown apart. Held as a number: exact below 2^53, that is two million nodes; beyond it a peer would
 * only log a mismatch. Mirrors org.apache.zookeeper.server.DigestCalculator (version 2) and util.AdHash.
 */
import { crc32 } from 'node:zlib';
import { putI64 } from '../../base/bytes.js';
import type { StatPersisted } from '../../wire/zookeeper/data/stat.js';

export const DIGEST_VERSION = 2;

const fields = Buffer.alloc(60);

/**
 * CRC-32 of path, data and stat; 0 for everything below /zookeeper, which is not covered. `path` is '' for the root.
 */
export function nodeDigest(path: string, data: Buffer | null, s: StatPersisted): number {
  if (path.startsWith('/zookeeper/')) return 0;
  putI64(fields, s.czxid, 0);
  putI64(fields, s.mzxid, 8);
  putI64(fields, s.pzxid, 16);
  putI64(fields, s.ctime, 24);
  putI64(fields, s.mtime, 32);
  fields.writeInt32BE(s.version, 40);
  fields.writeInt32BE(s.cversion, 44);
  fields.writeInt32BE(s.aversion, 48);
  putI64(fields, s.ephemeralOwner, 52);
  let crc = crc32(path);
  if (data !== null && data.length > 0) crc = crc32(data, crc);
  return crc32(fields, crc);
}
