/**
 * Our server against a recording of Apache's: conversation.txt holds what org.apache.zookeeper 3.8.4, standalone and
 * fresh, answered to conversation.ts. To record it anew, start such a server and run this file with
 * ZK_RECORD=host:port.
 */
import { connect } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.js';
import { readConnectResponse, writeConnectRequest } from '../../../src/wire/zookeeper/client/connect.js';
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import { decodeTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import type { DecodedTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { transactions } from '../tree/apache-log.js';
import { createZooKeeperServer } from '../../../src/zookeeper/server/zookeeper-server.js';
import { STEPS, normalise } from './conversation.js';
import { fakeHost } from './fake-host.js';
import { immediateConsensus } from './immediate-consensus.js';
import { packet, packets } from './test-client.js';

const recording = fileURLToPath(new URL('conversation.txt', import.meta.url));

/** A connection that a player can talk through; `quiet` resolves once nothing more is to be expected. */
interface Line {
  send(bytes: Buffer): void;
  received(): Buffer;
  isClosed(): boolean;
}

async function play(open: () => Promise<Line>, quiet: () => Promise<void>, wallMs: () => number): Promise<string[]> {
  const from = BigInt(wallMs() - 5000);
  const lines: Record<string, Line> = {};
  const sessions: bigint[] = [];
  const out: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const line = await open();
    line.send(
      packet((w) =>
        writeConnectRequest(w, {
          protocolVersion: 0,
          lastZxidSeen: 0n,
          timeOut: 30_000,
          sessionId: 0n,
          passwd: Buffer.alloc(16),
          readOnly: false,
        }),
      ),
    );
    await quiet();
    const [answer] = packets(line.received());
    const response = readConnectResponse(new ByteReader(answer!));
    sessions.push(response.sessionId);
    out.push(`connect ${name}: ${answer!.length} bytes, time-out ${response.timeOut}, read-only ${response.readOnly}`);
    lines[name] = line;
  }
  let xid = 1;
  for (const step of STEPS) {
    lines[step.client]!.send(
      packet((w) =>
        w
          .i32(step.xid ?? xid++)
          .i32(step.op)
          .bytes(step.body),
      ),
    );
    await quiet();
    out.push(`${step.client}: ${step.name.replace(/[\u0000-\u001f]/g, '?')}`);
    for (const [name, line] of Object.entries(lines)) {
      for (const bytes of packets(line.received())) {
        out.push(`  ${name} < ${normalise(step, bytes, sessions, from, BigInt(wallMs() + 5000))}`);
      }
      if (line.isClosed()) {
        out.push(`  ${name} closed`);
        delete lines[name];
      }
    }
  }
  return out;
}

test('answers as Apache does, byte for byte', async () => {
  const host = fakeHost();
  const consensus = immediateConsensus(0);
  const config = quorumPeerConfig({
    sid: 0,
    servers: [],
    client: { host: '127.0.0.1', port: 2181 },
    dataDir: '/data',
    tickTimeMs: 2000,
  });
  const server = createZooKeeperServer(host, config, consensus);
  consensus.server = server;
  server.setServing('standalone');
  await server.listen();
  const open = (): Promise<Line> => {
    const client = host.connect();
    return Promise.resolve({
      send: (bytes) => client.send(bytes),
      received: () => client.take(),
      isClosed: () => client.closedByServer,
    });
  };
  const said = await play(
    open,
    () => Promise.resolve(host.settle()),
    () => host.clock.wallMs(),
  );
  expect(said).toEqual(readFileSync(recording, 'utf8').trimEnd().split('\n'));

  // The same transactions, too, but for times and sessions: a log of ours is a log of theirs.
  const theirs = transactions(readFileSync(new URL('../tree/apache-log.bin', import.meta.url))).map((bytes) =>
    decodeTxn(bytes),
  );
  const ours = consensus.log.map(({ bytes }) => decodeTxn(bytes));
  expect(ours.map(plain)).toEqual(theirs.map(plain));

  // And what the leader foretells of the tree comes true.
  const tree = new DataTree({ extendedTypes: false });
  for (const { header, record, digest } of ours) {
    tree.apply(header, record);
    if (digest !== undefined) expect([header.zxid, digest.treeDigest]).toEqual([header.zxid, BigInt(tree.digest)]);
  }
});

function plain({ header, record, digest }: DecodedTxn): unknown {
  return { zxid: header.zxid, cxid: header.cxid, type: header.type, record, digest: digest?.version };
}

const target = process.env['ZK_RECORD'];

test.runIf(target !== undefined)(
  'record',
  async () => {
    const [host, port] = target!.split(':');
    const open = (): Promise<Line> =>
      new Promise((resolve, reject) => {
        let chunks: Buffer[] = [];
        let closed = false;
        const socket = connect(Number(port), host, () =>
          resolve({
            send: (bytes) => socket.write(bytes),
            received: () => {
              const all = Buffer.concat(chunks);
              chunks = [];
              return all;
            },
            isClosed: () => closed,
          }),
        );
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('close', () => {
          closed = true;
        });
        socket.on('error', reject);
      });
    const said = await play(
      open,
      () => new Promise((resolve) => setTimeout(resolve, 60)),
      () => Date.now(),
    );
    writeFileSync(recording, `${said.join('\n')}\n`);
  },
  120_000,
);
