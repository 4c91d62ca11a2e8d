/**
 * Hostile bytes on every port of a running lab: nobody dies, nobody's session or state is lost, nobody swells by a
 * length that a stranger wrote. What is sent is drawn from a seed, which a failure prints.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { rolesOf, type LabStatus } from '../../src/cluster/status.js';
import { build, LabFixture } from './lab-fixture.js';

const seed = Number(process.env['HALAB_SEED'] ?? 20261121);
const random = new SeededRandom(seed);
const lab = new LabFixture();
let before: LabStatus;

beforeAll(async () => {
  build();
  const up = await lab.halab('up', 'configs/fast', '--json');
  expect(up.code, up.err).toBe(0);
  expect((await lab.on('m1', 'hdfs dfs -mkdir -p /kept')).code).toBe(0);
  before = await lab.status();
}, 180_000);
afterAll(() => lab.end());

const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)));
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
};
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const HUGE = 0x7fffffff;

/** Bytes that are wrong for any protocol. */
const anywhere = (): Buffer[] => [
  Buffer.alloc(0),
  noise(1),
  noise(64),
  noise(5_000),
  noise(300_000),
  Buffer.alloc(64, 0xff),
  Buffer.alloc(64),
  Buffer.concat([int(HUGE), noise(10)]),
  Buffer.concat([int(-1), noise(10)]),
  Buffer.concat([int(0), int(0), int(0)]),
];

const zkConnect = Buffer.concat([
  int(45),
  int(0),
  long(0n),
  int(4000),
  long(0n),
  int(16),
  Buffer.alloc(16),
  Buffer.from([0]),
]);
const zkClient = (): Buffer[] => [
  zkConnect.subarray(0, 20),
  Buffer.concat([zkConnect, int(HUGE)]),
  Buffer.concat([zkConnect, int(2 * 1024 * 1024), noise(1000)]),
  Buffer.concat([zkConnect, int(8), noise(8)]),
  // create with a path, a data and an ACL count that are not backed by bytes
  Buffer.concat([zkConnect, int(16), int(1), int(1), int(HUGE), noise(4)]),
  Buffer.concat([zkConnect, int(17), int(1), int(1), int(1), Buffer.from('/'), int(HUGE)]),
  // multi whose header never ends
  Buffer.concat([
    zkConnect,
    int(8 + 9 * 3),
    int(1),
    int(14),
    ...Array.from({ length: 3 }, () => Buffer.concat([int(1), Buffer.from([0]), int(-1)])),
  ]),
  // somebody else's session with a wrong password
  Buffer.concat([
    int(45),
    int(0),
    long(0n),
    int(4000),
    long(BigInt(before.lockHolder?.session ?? 1)),
    int(16),
    noise(16),
    Buffer.from([0]),
  ]),
  // a client from the future
  Buffer.concat([int(45), int(0), long(2n ** 60n), int(4000), long(0n), int(16), Buffer.alloc(16), Buffer.from([0])]),
  Buffer.from('ruok'.repeat(1000)),
];

const quorum = (): Buffer[] => [
  // QuorumPacket: type, zxid, data length, auth count
  Buffer.concat([int(11), long(2n ** 62n), int(HUGE), int(0)]),
  Buffer.concat([int(11), long(0n), int(20), int(99), int(0x10000), long(0n), int(0), int(HUGE)]),
  Buffer.concat([int(11), long(-1n), int(20), int(2), int(0x10000), long(0n), int(0), int(0), noise(500)]),
  Buffer.concat([int(3), long(5n), int(-1), int(0), int(2), noise(200)]),
];

const election = (): Buffer[] => [
  Buffer.concat([long(-65536n), long(999n), int(HUGE)]),
  Buffer.concat([long(-65536n), long(2n), int(4), Buffer.from('x:-1'), int(HUGE), noise(100)]),
  Buffer.concat([long(-65535n), long(1n), int(14), Buffer.from('127.0.0.1:3888'), int(40), noise(40)]),
  Buffer.concat([long(2n), int(40), noise(40)]),
];

const hrpc = Buffer.from([0x68, 0x72, 0x70, 0x63, 9, 0, 0]);
const rpc = (): Buffer[] => [
  hrpc,
  Buffer.concat([hrpc, int(HUGE)]),
  Buffer.concat([hrpc, int(-2)]),
  Buffer.concat([hrpc, int(0)]),
  Buffer.concat([hrpc, int(100), noise(100)]),
  Buffer.concat([hrpc, int(4), Buffer.from([0xff, 0xff, 0xff, 0x7f])]),
  Buffer.concat([hrpc, int(11), Buffer.alloc(11, 0x80)]),
  Buffer.from([0x68, 0x72, 0x70, 0x63, 4, 0, 0, 0]),
  Buffer.from([0x68, 0x72, 0x70, 0x63, 9, 0, 0xdf, 0, 0, 0, 3, 1, 2, 3]),
  Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
];

const http = (): Buffer[] =>
  [
    'GET /'.padEnd(200_000, 'a'),
    'GET / HTTP/1.1\r\n' + 'X: y\r\n'.repeat(50_000),
    'GET /getJournal?jid=../../../etc&segmentTxId=1&storageInfo=x HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /getJournal?jid=hdfs-cluster&segmentTxId=-9&storageInfo=:::: HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /imagetransfer?getimage=1&txid=../../x&storageInfo=-66 HTTP/1.1\r\nHost: x\r\n\r\n',
    'PUT /imagetransfer?txid=99999999&imageFile=IMAGE HTTP/1.1\r\nHost: x\r\nContent-Length: ' +
      '999999999999999\r\n\r\nabc',
    'PUT /imagetransfer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
    'GET /jmx?qry=%zz%00*((((( HTTP/1.1\r\nHost: x\r\n\r\n',
    'BREW /pot HTCPCP/1.0\r\n\r\n',
    '\r\n\r\n\r\n',
    'GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n',
  ].map((text) => Buffer.from(text, 'latin1'));

/**
 * Sends and looks no further; resolves when the other end closed, or after a short while with the connection still
 * held.
 */
function assault(host: string, port: number, bytes: Buffer, hold: Socket[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    // Held, not closed: half a message must not tie anything up.
    const timer = setTimeout(() => {
      hold.push(socket);
      resolve();
    }, 150);
    socket.on('error', done);
    socket.on('close', done);
    socket.on('data', () => undefined);
    socket.on('connect', () => {
      if (bytes.length === 0) socket.end();
      else socket.write(bytes);
    });
  });
}

interface Door {
  readonly role: string;
  readonly host: string;
  readonly port: number;
  readonly payloads: () => Buffer[];
}

function doors(): Door[] {
  return rolesOf(before).flatMap((role): Door[] => {
    const at = (port: number, payloads: () => Buffer[]): Door => ({
      role: role.id,
      host: role.address,
      port,
      payloads,
    });
    switch (role.kind) {
      case 'zookeeper':
        return [at(role.port, zkClient), at(3888, election), ...(role.mode === 'leader' ? [at(2888, quorum)] : [])];
      case 'journalnode':
        return [at(role.port, rpc), at(role.httpPort ?? 8480, http)];
      case 'namenode':
        return [at(role.port, rpc), at(role.httpPort ?? 50070, http)];
      default:
        return [at(role.port, rpc)];
    }
  });
}

describe(`hostile bytes (HALAB_SEED=${seed})`, () => {
  test('on every port: the lab stands as it stood, and works', async () => {
    const hold: Socket[] = [];
    const attacked = doors();
    expect(attacked.length).toBeGreaterThan(16);
    await Promise.all(
      attacked.map(async ({ host, port, payloads }) => {
        for (const bytes of [...anywhere(), ...payloads(), ...anywhere()]) await assault(host, port, bytes, hold);
      }),
    );
    // Many idle strangers at one door, each with half a word.
    await Promise.all(
      attacked.map(({ host, port }) =>
        Promise.all(Array.from({ length: 20 }, () => assault(host, port, Buffer.from([0]), hold))),
      ),
    );

    // With the strangers still there:
    expect((await lab.on('m2', 'hdfs dfs -mkdir -p /kept/while-attacked')).code).toBe(0);
    const after = await lab.status();
    for (const socket of hold) socket.destroy();
    const facts = (status: LabStatus): unknown =>
      rolesOf(status).map(({ id, pid, state, answers, haState, mode }) => ({ id, pid, state, answers, haState, mode }));
    expect(facts(after)).toEqual(facts(before));
    expect(after.active).toBe(before.active);
    expect(after.lockHolder).toEqual(before.lockHolder);
    for (const role of rolesOf(after)) {
      const had = rolesOf(before).find(({ id }) => id === role.id)!;
      if (role.pssKb !== undefined && had.pssKb !== undefined)
        expect(role.pssKb - had.pssKb, `${role.id} grew`).toBeLessThan(80 * 1024);
    }
    expect((await lab.on('m1', 'hdfs dfs -ls /kept')).out).toContain('/kept/while-attacked');
  }, 120_000);
});
