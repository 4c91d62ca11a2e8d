import { describe, expect, test } from 'vitest';
import { QUORUM_PEER_DEFAULTS } from '../../../src/config/quorum-peer-config.js';
import { create, exists } from './requests.js';
import { TestClient } from './test-client.js';
import { testServer } from './test-server.js';
import type { TestServer } from './test-server.js';

async function ask(host: TestServer, word: string): Promise<string> {
  const wire = host.connect();
  wire.send(Buffer.from(word));
  await host.settle();
  expect(wire.closedByServer).toBe(true);
  return wire.take().toString();
}

async function withClient(): Promise<{ host: TestServer; session: string }> {
  const host = await testServer();
  const client = new TestClient(host);
  const { sessionId } = (await client.connect())!;
  await client.call(...create('/e', 1));
  await client.call(...exists('/e', true));
  return { host, session: `0x${sessionId.toString(16)}` };
}

describe('four-letter words', () => {
  test('ruok, isro', async () => {
    const host = await testServer();
    expect(await ask(host, 'ruok')).toBe('imok');
    expect(await ask(host, 'isro')).toBe('rw');
  });

  test('srvr has the lines that zkServer.sh and others look for', async () => {
    expect(await ask((await withClient()).host, 'srvr')).toMatch(
      new RegExp(
        [
          '^Zookeeper version: 3\\.8\\.4-.*, built on .*',
          'Latency min/avg/max: \\d+/\\d+\\.\\d+/\\d+',
          'Received: \\d+',
          'Sent: \\d+',
          'Connections: 2',
          'Outstanding: 0',
          'Zxid: 0x2',
          'Mode: standalone',
          'Node count: 6',
          '$',
        ].join('\n'),
      ),
    );
  });

  test('stat and cons tell of clients', async () => {
    const { host, session } = await withClient();
    expect(await ask(host, 'stat')).toMatch(
      new RegExp(
        '\nClients:\n /127\\.0\\.0\\.1:\\d+\\[1\\]\\(queued=0,recved=3,sent=3\\)\n' +
          ' /127\\.0\\.0\\.1:\\d+\\[0\\]\\(queued=0,recved=\\d,sent=0\\)\n\nLatency',
      ),
    );
    expect(await ask(host, 'cons')).toMatch(
      new RegExp(
        `^ /127\\.0\\.0\\.1:\\d+\\[1\\]\\(queued=0,recved=3,sent=3,sid=${session},lop=EXIS,est=\\d+,to=10000,` +
          'lcxid=0x2,lzxid=0x2,lresp=\\d+,llat=\\d+,minlat=\\d+,avglat=\\d+,maxlat=\\d+\\)\n',
      ),
    );
  });

  test('mntr is tab-separated', async () => {
    const rows = new Map(
      (await ask((await withClient()).host, 'mntr'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );
    expect(rows.get('zk_server_state')).toBe('standalone');
    expect(rows.get('zk_znode_count')).toBe('6');
    expect(rows.get('zk_ephemerals_count')).toBe('1');
    expect(rows.get('zk_watch_count')).toBe('1');
    expect(rows.get('zk_global_sessions')).toBe('1');
    expect(rows.get('zk_num_alive_connections')).toBe('2');
  });

  test('dump, wchs, wchc, wchp', async () => {
    const { host, session } = await withClient();
    expect(await ask(host, 'dump')).toContain(
      `ephemeral nodes dump:\nSessions with Ephemerals (1):\n${session}:\n\t/e\nConnections dump:\n`,
    );
    expect(await ask(host, 'wchs')).toBe('1 connections watching 1 paths\nTotal watches:1\n');
    expect(await ask(host, 'wchc')).toBe(`${session}\n\t/e\n\n`);
    expect(await ask(host, 'wchp')).toBe(`/e\n\t${session}\n\n`);
  });

  test('conf, envi, dirs, gtmk, crst, srst', async () => {
    const { host, session } = await withClient();
    expect(await ask(host, 'conf')).toContain('clientPort=2181\n');
    expect(await ask(host, 'conf')).toContain('minSessionTimeout=4000\nmaxSessionTimeout=40000\n');
    expect(await ask(host, 'envi')).toMatch(/^Environment:\nzookeeper.version=3\.8\.4/);
    expect(await ask(host, 'dirs')).toMatch(/^datadir_size: \d+\nlogdir_size: \d+\n$/);
    expect(await ask(host, 'gtmk')).toBe('306');
    expect(await ask(host, 'crst')).toBe('Connection stats reset.\n');
    expect(await ask(host, 'srst')).toBe('Server stats reset.\n');
    expect(await ask(host, 'srvr')).toContain('Received: 1\n');
  });

  test('outside an ensemble it says so, as Apache does', async () => {
    const host = await testServer();
    host.server.setServing('looking');
    expect(await ask(host, 'ruok')).toBe('imok');
    expect(await ask(host, 'isro')).toBe('null');
    expect(await ask(host, 'srvr')).toBe('This ZooKeeper instance is not currently serving requests\n');
    expect(await ask(host, 'mntr')).toBe('This ZooKeeper instance is not currently serving requests\n');
  });

  test('by default srvr alone', async () => {
    const host = await testServer({ fourLetterWordWhitelist: QUORUM_PEER_DEFAULTS.fourLetterWordWhitelist });
    expect(await ask(host, 'srvr')).toContain('Mode: standalone\n');
    for (const word of ['ruok', 'stat', 'mntr', 'cons', 'conf', 'isro', 'dump', 'stmk', 'hash'])
      expect(await ask(host, word)).toBe(`${word} is not executed because it is not in the whitelist.\n`);
  });

  test('with a whitelist, only its words and srvr', async () => {
    const host = await testServer({ fourLetterWordWhitelist: ['ruok'] });
    expect(await ask(host, 'ruok')).toBe('imok');
    expect(await ask(host, 'mntr')).toBe('mntr is not executed because it is not in the whitelist.\n');
    expect(await ask(host, 'srvr')).toContain('Mode: standalone\n');
  });
});
