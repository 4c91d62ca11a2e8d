/**
 * Files with blocks, as edits of a NameNode with DataNodes bring them: kept, counted, saved; only no one here can serve
 * them.
 */
import { expect, test } from 'vitest';
import { applyEdit } from '../../../src/namenode/namespace/apply.js';
import { getFileInfo } from '../../../src/namenode/namespace/status.js';
import { loadImage } from '../../../src/namenode/image/load-image.js';
import { saveImage } from '../../../src/namenode/image/save-image.js';
import { SafeMode } from '../../../src/namenode/safe-mode.js';
import { ByteReader, ByteWriter } from '../../../src/base/bytes.js';
import { decodeBody, encodeBody, opcodeOf } from '../../../src/wire/edits/ops/ops.js';
import type { EditOp } from '../../../src/wire/edits/ops/ops.js';
import { NO_RPC_IDS } from '../../../src/wire/edits/ops/writable.js';
import { hdfs, newNamespace } from './new-namespace.js';
import { picture } from './picture.js';

const file = {
  inodeId: 16386,
  path: '/f',
  replication: 3,
  mtime: 1,
  atime: 1,
  blockSize: 134217728,
  permission: { user: 'hdfs', group: 'g', mode: 0o644 },
};
const block = (id: number, numBytes: number) => ({
  blockId: 1073741824n + BigInt(id),
  numBytes,
  generationStamp: 1000 + id,
});

const edits: EditOp[] = [
  { type: 'OP_START_LOG_SEGMENT' },
  {
    type: 'OP_ADD',
    ...file,
    blocks: [],
    clientName: 'c',
    clientMachine: 'm',
    overwrite: false,
    storagePolicyId: 0,
    rpcIds: NO_RPC_IDS,
  },
  { type: 'OP_ALLOCATE_BLOCK_ID', blockId: 1073741825n },
  { type: 'OP_SET_GENSTAMP_V2', genStamp: 1001 },
  { type: 'OP_ADD_BLOCK', path: '/f', blocks: [block(1, 0)], rpcIds: NO_RPC_IDS },
  { type: 'OP_ADD_BLOCK', path: '/f', blocks: [block(1, 134217728), block(2, 0)], rpcIds: NO_RPC_IDS },
  { type: 'OP_UPDATE_BLOCKS', path: '/f', blocks: [block(1, 134217728), block(2, 77)], rpcIds: NO_RPC_IDS },
  { type: 'OP_CLOSE', ...file, blocks: [block(1, 134217728), block(2, 99)] },
];

test('from the log into an image and back', () => {
  const { ns } = newNamespace();
  edits.forEach((op, i) => {
    const writer = new ByteWriter();
    encodeBody(writer, op);
    applyEdit(ns, BigInt(i + 1), decodeBody(opcodeOf(op), new ByteReader(writer.take())));
  });
  expect(getFileInfo(ns, hdfs, '/f')!.length).toBe(134217728 + 99);
  expect([ns.countBlocks(), ns.blockIds.genStampV2, ns.blockIds.lastAllocatedBlockId]).toEqual([2, 1001, 1073741825n]);
  const again = newNamespace().ns;
  loadImage(again, saveImage(ns, 1).bytes);
  expect(picture(again)).toEqual(picture(ns));
  expect(again.countBlocks()).toBe(2);
});

test('safe mode waits for blocks that nobody will report, until told to leave', () => {
  const safeMode = new SafeMode(0.999, 'm1');
  expect(safeMode.isOn).toBe(true);
  safeMode.loaded(0);
  expect(safeMode.isOn).toBe(false);
  safeMode.loaded(1000);
  expect(() => safeMode.check('Cannot create directory /x', true)).toThrow(
    'org.apache.hadoop.hdfs.server.namenode.SafeModeException: Cannot create directory /x. Name node is in safe ' +
      'mode.\nThe reported blocks 0 needs additional 999 blocks to reach the threshold 0.9990 of total blocks 1000.\n',
  );
  safeMode.leave();
  expect(safeMode.isOn).toBe(false);
  safeMode.enter();
  expect(safeMode.tip).toBe('It was turned on manually. Use "hdfs dfsadmin -safemode leave" to turn safe mode off.');
});
