/**
 * A ZooKeeper server, whole: its history is loaded, its ports are opened, and it joins its ensemble, or serves alone
 * when zoo.cfg names no servers. Here the server half (server/, tree/) and the peer half (election/, zab/, storage/)
 * meet. Mirrors org.apache.zookeeper.server.quorum.QuorumPeerMain and ZooKeeperServerMain.
 */
import { LabError } from '../base/errors.js';
import type { Host } from '../host/host.js';
import type { RunningRole } from '../host/role.js';
import type { QuorumPeerConfig } from '../config/quorum-peer-config.js';
import type { Consensus } from './contract.js';
import { createZooKeeperServer } from './server/zookeeper-server.js';
import type { ZooKeeperServer } from './server/zookeeper-server.js';
import { SnapshotSchedule } from './storage/snapshot-schedule.js';
import { Storage } from './storage/storage.js';
import { EnsemblePeer } from './zab/ensemble-peer.js';
import { Standalone } from './zab/standalone.js';

export interface RunningQuorumPeer extends RunningRole {
  readonly kind: 'zookeeper';
  readonly server: ZooKeeperServer;
  readonly consensus: Consensus;
}

/**
 * Resolves when the ports are open and history is loaded; the ensemble forms afterwards. Rejects LabError
 * ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, LOCKED, CORRUPT, FOREIGN_LOG, BAD_CONFIG, each naming the port, directory or
 * file.
 */
export async function startQuorumPeer(host: Host, config: QuorumPeerConfig): Promise<RunningQuorumPeer> {
  await checkMyId(host, config);
  const storage = await Storage.open(host, config);
  const consensus =
    config.mode === 'standalone' ? new Standalone(host, config.sid, storage) : new EnsemblePeer(host, config, storage);
  const server = createZooKeeperServer(host, config, consensus);
  const snapshots = new SnapshotSchedule(host, config, storage, server);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    snapshots.stop();
    await consensus.stop();
    await server.close();
    await storage.close();
  };
  try {
    await storage.load(server, { all: config.mode === 'standalone' });
    if (consensus instanceof EnsemblePeer) await consensus.open();
    await server.listen();
  } catch (error) {
    await stop();
    throw error;
  }
  snapshots.start();
  const { host: address, port } = config.client ?? { host: 'none', port: 0 };
  host.emit({ type: 'RoleStarted', kind: 'zookeeper', address, port });
  consensus.start(server, snapshots);
  return { kind: 'zookeeper', server, consensus, stop: () => (stopping ??= stop()) };
}

/** Two servers with one number would vote twice. Rejects LabError BAD_CONFIG. */
async function checkMyId(host: Host, config: QuorumPeerConfig): Promise<void> {
  if (config.mode === 'standalone') return;
  const path = `${config.dataDir}/myid`;
  const bytes = await host.disk.readFile(path);
  if (bytes === undefined) return;
  const text = bytes.toString('latin1').trim();
  // Zeros in front are no other number.
  if (Number(text) === config.sid) return;
  throw new LabError(
    'BAD_CONFIG',
    `${path} says ${JSON.stringify(text.slice(0, 40))}, but this server is server.${config.sid}`,
    {
      remedy: `write ${config.sid} into ${path}, or give this server a dataDir of its own`,
    },
  );
}
