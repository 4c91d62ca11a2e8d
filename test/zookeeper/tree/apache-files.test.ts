/**
 * The tree against files that org.apache.zookeeper 3.8.4 wrote while it answered test/zookeeper/server/conversation.ts:
 * its transaction log (apache-log.bin, padding cut off) and the snapshot it took when started again
 * (apache-snapshot.bin).
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeTxn, encodeTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { transactions } from './apache-log.js';
import { readSnapshot, writeSnapshot } from '../../../src/zookeeper/tree/snapshot.js';

const file = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));

test('every transaction of its log is read and written back as it was', () => {
  const all = transactions(file('apache-log.bin'));
  expect(all.length).toBeGreaterThan(90);
  for (const bytes of all) {
    const { header, record, digest } = decodeTxn(bytes);
    expect(encodeTxn(header, record, digest).toString('hex')).toBe(bytes.toString('hex'));
  }
});

test('after every transaction the tree has the digest that Apache wrote with it', () => {
  const tree = new DataTree({ extendedTypes: false });
  for (const bytes of transactions(file('apache-log.bin'))) {
    const { header, record, digest } = decodeTxn(bytes);
    tree.apply(header, record);
    if (record.kind === 'error') expect(digest).toBeUndefined();
    else expect([header.zxid, BigInt(tree.digest)]).toEqual([header.zxid, digest!.treeDigest]);
  }
});

test('its snapshot is read and written back byte for byte', () => {
  const bytes = file('apache-snapshot.bin').subarray(16);
  const tree = new DataTree({ extendedTypes: false });
  const sessions = readSnapshot(tree, bytes);
  expect([...sessions.values()]).toEqual([30_000, 30_000]);
  const written = writeSnapshot(tree, sessions);
  expect(written.toString('hex')).toBe(bytes.subarray(0, written.length).toString('hex'));
  // What follows in the file: checksum long, "/", digest (zxid long, version int, digest long), checksum long, "/".
  const tail = bytes.subarray(written.length + 8 + 5);
  expect(tail.readBigInt64BE(12)).toBe(BigInt(tree.digest));
});

test('log and snapshot make the same tree', () => {
  const played = new DataTree({ extendedTypes: false });
  for (const bytes of transactions(file('apache-log.bin'))) {
    const { header, record } = decodeTxn(bytes);
    played.apply(header, record);
  }
  const restored = new DataTree({ extendedTypes: false });
  readSnapshot(restored, file('apache-snapshot.bin').subarray(16));
  expect(restored.digest).toBe(played.digest);
  const shape = (tree: DataTree): unknown =>
    [...tree.nodes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, node]) => [
        path,
        node.data?.toString('hex'),
        path.startsWith('/zookeeper/config') ? undefined : node.stat,
        [...(node.children ?? [])].sort(),
        tree.aclOf(node),
      ]);
  expect(shape(restored)).toEqual(shape(played));
  expect(restored.nodeCount).toBe(played.nodeCount);
  expect(restored.approximateDataSize).toBe(played.approximateDataSize);
});
