import { describe, expect, test } from 'vitest';
import { create, exists } from './requests.js';
import { TestClient } from './test-client.js';
import { testServer } from './test-server.js';
import type { TestServer } from './test-server.js';

function ask({ host }: TestServer, word: string): string {
  const wire = host.connect({ host: '127.0.0.1', port: 4242 });
  wire.send(Buffer.from(word));
  host.settle();
  expect(wire.closedByServer).toBe(true);
  return wire.take().toString();
}

async function withClient(): Promise<TestServer & { session: string }> {
  const all = await testServer();
  const client = new TestClient(all.host);
  const { sessionId } = client.connect()!;
  client.call(...create('/e', 1));
  client.call(...exists('/e', true));
  return { ...all, session: `0x${sessionId.toString(16)}` };
}

describe('four-letter words', () => {
  test('ruok, isro', async () => {
    const all = await testServer();
    expect(ask(all, 'ruok')).toBe('imok');
    expect(ask(all, 'isro')).toBe('rw');
  });

  test('srvr has the lines that zkServer.sh and others look for', async () => {
    expect(ask(await withClient(), 'srvr')).toMatch(
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
    const all = await withClient();
    expect(ask(all, 'stat')).toMatch(
      /\nClients:\n \/127\.0\.0\.1:40000\[1\]\(queued=0,recved=3,sent=3\)\n \/127\.0\.0\.1:4242\[0\]\(queued=0,recved=\d,sent=0\)\n\nLatency/,
    );
    expect(ask(all, 'cons')).toMatch(
      new RegExp(
        `^ /127\\.0\\.0\\.1:40000\\[1\\]\\(queued=0,recved=3,sent=3,sid=${all.session},lop=EXIS,est=\\d+,to=10000,lcxid=0x2,lzxid=0x2,` +
          'lresp=\\d+,llat=\\d+,minlat=\\d+,avglat=\\d+,maxlat=\\d+\\)\n',
      ),
    );
  });

  test('mntr is tab-separated', async () => {
    const rows = new Map(
      ask(await withClient(), 'mntr')
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
    const all = await withClient();
    expect(ask(all, 'dump')).toContain(
      `ephemeral nodes dump:\nSessions with Ephemerals (1):\n${all.session}:\n\t/e\nConnections dump:\n`,
    );
    expect(ask(all, 'wchs')).toBe('1 connections watching 1 paths\nTotal watches:1\n');
    expect(ask(all, 'wchc')).toBe(`${all.session}\n\t/e\n\n`);
    expect(ask(all, 'wchp')).toBe(`/e\n\t${all.session}\n\n`);
  });

  test('conf, envi, dirs, gtmk, crst, srst', async () => {
    const all = await withClient();
    expect(ask(all, 'conf')).toContain('clientPort=2181\n');
    expect(ask(all, 'conf')).toContain('minSessionTimeout=4000\nmaxSessionTimeout=40000\n');
    expect(ask(all, 'envi')).toMatch(/^Environment:\nzookeeper.version=3\.8\.4/);
    expect(ask(all, 'dirs')).toMatch(/^datadir_size: \d+\nlogdir_size: \d+\n$/);
    expect(ask(all, 'gtmk')).toBe('306');
    expect(ask(all, 'crst')).toBe('Connection stats reset.\n');
    expect(ask(all, 'srst')).toBe('Server stats reset.\n');
    expect(ask(all, 'srvr')).toContain('Received: 1\n');
  });

  test('outside an ensemble it says so, as Apache does', async () => {
    const all = await testServer();
    all.server.setServing('looking');
    expect(ask(all, 'ruok')).toBe('imok');
    expect(ask(all, 'isro')).toBe('null');
    expect(ask(all, 'srvr')).toBe('This ZooKeeper instance is not currently serving requests\n');
    expect(ask(all, 'mntr')).toBe('This ZooKeeper instance is not currently serving requests\n');
  });

  test('with a whitelist, only its words and srvr', async () => {
    const all = await testServer({ fourLetterWordWhitelist: ['ruok'] });
    expect(ask(all, 'ruok')).toBe('imok');
    expect(ask(all, 'mntr')).toBe('mntr is not executed because it is not in the whitelist.\n');
    expect(ask(all, 'srvr')).toContain('Mode: standalone\n');
  });
});
