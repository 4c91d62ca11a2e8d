/** A server half on a fake host with a consensus of its own, ready for clients. */
import { quorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import type { QuorumPeerConfig } from '../../../src/config/quorum-peer-config.js';
import { createZooKeeperServer } from '../../../src/zookeeper/server/zookeeper-server.js';
import type { ZooKeeperServer } from '../../../src/zookeeper/server/zookeeper-server.js';
import { fakeHost } from './fake-host.js';
import type { FakeHost } from './fake-host.js';
import { immediateConsensus } from './immediate-consensus.js';
import type { ImmediateConsensus } from './immediate-consensus.js';

export interface TestServer {
  readonly host: FakeHost;
  readonly server: ZooKeeperServer;
  readonly consensus: ImmediateConsensus;
}

export async function testServer(given: Partial<QuorumPeerConfig> = {}): Promise<TestServer> {
  const host = fakeHost();
  const consensus = immediateConsensus(1);
  const config = quorumPeerConfig({
    sid: 1,
    servers: [],
    client: { host: '127.0.0.1', port: 2181 },
    dataDir: '/data',
    tickTimeMs: 2000,
    fourLetterWordWhitelist: ['*'],
    ...given,
  });
  const server = createZooKeeperServer(host, config, consensus);
  consensus.server = server;
  server.setServing('standalone');
  await server.listen();
  return { host, server, consensus };
}
