/**
 * The digest of a node, and so of the tree (their sum): servers send it along with transactions and compare, to notice that they
 * have grown apart. Held as a number: exact below 2^53, that is two million nodes; beyond it a peer would only log a mismatch.
 * Mirrors org.apache.zookeeper.server.DigestCalculator (version 2) and util.AdHash.
 */
import { crc32 } from 'node:zlib';
import type { StatPersisted } from '../../wire/zookeeper/data/stat.js';

export const DIGEST_VERSION = 2;

const fields = Buffer.alloc(60);

/** CRC-32 of path, data and stat; 0 for everything below /zookeeper, which is not covered. `path` is '' for the root. */
export function nodeDigest(path: string, data: Buffer | null, s: StatPersisted): number {
  if (path.startsWith('/zookeeper/')) return 0;
  fields.writeBigInt64BE(s.czxid, 0);
  fields.writeBigInt64BE(s.mzxid, 8);
  fields.writeBigInt64BE(s.pzxid, 16);
  fields.writeBigInt64BE(s.ctime, 24);
  fields.writeBigInt64BE(s.mtime, 32);
  fields.writeInt32BE(s.version, 40);
  fields.writeInt32BE(s.cversion, 44);
  fields.writeInt32BE(s.aversion, 48);
  fields.writeBigInt64BE(s.ephemeralOwner, 52);
  let crc = crc32(path);
  if (data !== null && data.length > 0) crc = crc32(data, crc);
  return crc32(fields, crc);
}
