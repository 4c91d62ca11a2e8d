/**
 * Our server against recordings of Apache's: conversation*.txt hold what org.apache.zookeeper 3.8.4, standalone and
 * fresh, answered to conversation*.ts. To record one anew, start such a server (with the properties named below) and
 * run this file with ZK_RECORD=host:port and -t 'record NAME'.
 */
import { connect } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.js';
import type { QuorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import { readConnectResponse, writeConnectRequest } from '../../../src/wire/zookeeper/client/connect.js';
import { decodeTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import type { DecodedTxn } from '../../../src/wire/zookeeper/txn/txn.js';
import { DataTree } from '../../../src/zookeeper/tree/data-tree.js';
import { transactions } from '../tree/apache-log.js';
import { OPTIONS } from './conversation-options.js';
import { PLAIN } from './conversation.js';
import { normalise } from './scribe.js';
import type { Step } from './scribe.js';
import { packet, packets } from './test-client.js';
import { testServer } from './test-server.js';

interface Conversation {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly config: Partial<QuorumPeerConfig>;
}

const conversations: readonly Conversation[] = [
  { name: 'conversation', steps: PLAIN, config: {} },
  {
    // -Dzookeeper.extendedTypesEnabled=true -Dzookeeper.enforceQuota=true
    // -Dzookeeper.DigestAuthenticationProvider.superDigest=super:...: of super:secret
    name: 'conversation-options',
    steps: OPTIONS,
    config: { extendedTypesEnabled: true, enforceQuota: true, superDigest: 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=' },
  },
];

const recording = (name: string): string => fileURLToPath(new URL(`${name}.txt`, import.meta.url));

/** A connection that a player can talk through. */
interface Line {
  send(bytes: Buffer): void;
  received(): Buffer;
  isClosed(): boolean;
}

interface Stage {
  open(): Promise<Line>;
  /** Resolves once nothing more is to be expected. */
  quiet(): Promise<void>;
  wallMs(): number;
}

async function play(script: readonly Step[], { open, quiet, wallMs }: Stage): Promise<string[]> {
  const from = BigInt(wallMs() - 5000);
  const lines: Record<string, Line> = {};
  const sessions: bigint[] = [];
  const out: string[] = [];
  for (const name of [...new Set(script.map(({ client }) => client))].sort()) {
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
  for (const step of script) {
    // Closed meanwhile: what is sent then is not heard.
    lines[step.client]?.send(
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

describe('answers as Apache does, byte for byte', () => {
  test.each(conversations)('$name', async ({ name, steps, config }) => {
    const server = await testServer(config);
    const said = await play(steps, {
      open: () => {
        const wire = server.connect();
        return Promise.resolve({
          send: (bytes) => wire.send(bytes),
          received: () => wire.take(),
          isClosed: () => wire.closedByServer,
        });
      },
      quiet: () => server.settle(),
      wallMs: () => server.wallMs(),
    });
    expect(said).toEqual(readFileSync(recording(name), 'utf8').trimEnd().split('\n'));

    // What the leader foretells of the tree comes true.
    const ours = server.consensus.log.map(({ bytes }) => decodeTxn(bytes));
    const tree = new DataTree({ extendedTypes: config.extendedTypesEnabled ?? false });
    for (const { header, record, digest } of ours) {
      tree.apply(header, record);
      if (digest !== undefined) expect([header.zxid, digest.treeDigest]).toEqual([header.zxid, BigInt(tree.digest)]);
    }
    if (name !== 'conversation') return;

    // The same transactions, too, but for times and sessions: a log of ours is a log of theirs.
    const theirs = transactions(readFileSync(new URL('../tree/apache-log.bin', import.meta.url))).map((bytes) =>
      decodeTxn(bytes),
    );
    expect(ours.map(plain)).toEqual(theirs.map(plain));
  });
});

function plain({ header, record, digest }: DecodedTxn): unknown {
  return { zxid: header.zxid, cxid: header.cxid, type: header.type, record, digest: digest?.version };
}

const target = process.env['ZK_RECORD'];

test.runIf(target !== undefined).each(conversations)(
  'record $name',
  async ({ name, steps }) => {
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
    const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
    const said = await play(steps, { open, quiet, wallMs: () => Date.now() });
    writeFileSync(recording(name), `${said.join('\n')}\n`);
  },
  120_000,
);
