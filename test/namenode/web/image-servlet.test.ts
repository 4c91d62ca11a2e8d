/**
 * PUT /imagetransfer: only what is an image of this namespace, whole and at the transaction it is said to be, is kept.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../../src/namenode/namespace/namespace.js';
import { mkdirs } from '../../../src/namenode/namespace/mkdirs.js';
import { saveImage } from '../../../src/namenode/image/save-image.js';
import { httpRequest } from '../../../src/wire/http/client.js';
import { startCluster } from '../cluster-fixture.js';
import type { Cluster } from '../cluster-fixture.js';
import { LIMITS, hdfs } from '../namespace/new-namespace.js';

let cluster: Cluster;
let storageInfo: string;
let namespaceId: number;
beforeAll(async () => {
  cluster = await startCluster({ 'dfs.namenode.checkpoint.period': '0', 'dfs.namenode.checkpoint.txns': '1' });
  const version = Object.fromEntries(
    readFileSync(join(cluster.directory, 'nn1/current/VERSION'), 'utf8')
      .split('\n')
      .map((line) => line.split('=')),
  );
  namespaceId = Number(version['namespaceID']);
  storageInfo = `${version['layoutVersion']}:${version['namespaceID']}:${version['cTime']}:${version['clusterID']}`;
});
afterAll(() => cluster.end());

function image(txids: number): Buffer {
  const ns = new Namespace(LIMITS, { nowMs: () => 0, wallMs: () => 1 });
  let txid = 0n;
  ns.openForWrite({ append: () => ++txid });
  for (let i = 0; i < txids; i++) mkdirs(ns, hdfs, `/image/${i}`, 0o755, true);
  return saveImage(ns, namespaceId).bytes;
}

async function put(
  index: 0 | 1,
  txid: number,
  body: Buffer,
  options: { length?: number; info?: string; md5?: string } = {},
): Promise<{ status: number; text: string }> {
  const response = await httpRequest(cluster.nn[0].host, {
    endpoint: cluster.nn[index].config.http,
    method: 'PUT',
    body,
    connectTimeoutMs: 2000,
    timeoutMs: 5000,
    path:
      `/imagetransfer?txid=${txid}&storageInfo=${encodeURIComponent(options.info ?? storageInfo)}` +
      `&File-Length=${options.length ?? body.length}&imageFile=IMAGE`,
    ...(options.md5 === undefined ? {} : { headers: { 'X-MD5-Digest': options.md5 } }),
  });
  let text = '';
  for await (const chunk of response.body) text += chunk.toString('utf8');
  return { status: response.status, text };
}

const images = (): string[] =>
  readdirSync(join(cluster.directory, 'nn1/current')).filter((name) => name.startsWith('fsimage'));

test('refusals', async () => {
  const good = image(10);
  const before = images();
  expect((await put(1, 11, good)).status).toBe(417);
  expect((await put(0, 11, good, { info: '-66:1:0:CID-other' })).text).toContain(
    `This namenode has storage info ${storageInfo} but the secondary expected -66:1:0:CID-other`,
  );
  expect((await put(0, 11, good, { md5: '0'.repeat(32) })).status).toBe(410);
  expect((await put(0, 12, good)).text).toContain(
    `The image is of namespace ${namespaceId} at transaction 11, not of ${namespaceId} at 12`,
  );
  expect((await put(0, 11, Buffer.from('rubbish'))).text).toContain('no HDFSIMG1 at its start');
  expect((await put(0, 11, good, { length: good.length + 5 })).text).toContain('of the advertised');
  expect(images()).toEqual(before);
});

test('what is right is kept, once', async () => {
  const good = image(10);
  expect((await put(0, 11, good)).status).toBe(200);
  expect(images()).toContain('fsimage_0000000000000000011');
  expect((await put(0, 11, good)).status).toBe(409);
});
