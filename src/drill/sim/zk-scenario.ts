/** `zk`: an ensemble of three QuorumPeers and clients of it. */
import { ZooKeeperClient } from '../../zookeeper/client/client.js';
import { quorumPeerConfig } from '../../zookeeper/config.js';
import type { QuorumPeerConfig, QuorumServer } from '../../zookeeper/config.js';
import { startQuorumPeer } from '../../zookeeper/quorum-peer.js';
import type { Host } from '../../host/host.js';
import { hasCode } from '../../base/errors.js';
import { election } from '../checks/election.js';
import { rolesLive } from '../checks/roles.js';
import { zabDurability } from '../checks/zab-durability.js';
import { zabOrder } from '../checks/zab-order.js';
import { judgeZkEnd, judgeZkHistory } from '../checks/zk-history.js';
import type { ZkOperation, ZkServerView } from '../checks/zk-history.js';
import { zkSessions } from '../checks/zk-sessions.js';
import { addMachines, MACHINES } from './machines.js';
import { runProcess } from './process.js';
import type { Run, Scenario, Staged } from './scenario.js';
import { SHARED_KEYS, zkClient } from './zk-clients.js';

/** Fast timers, so that a storm of half a minute holds many elections. */
const TICK_MS = 200;
const SESSION_MS = 1600;
const SERVERS: readonly QuorumServer[] = MACHINES.map((host, index) => ({
  sid: index + 1, host, quorumPort: 2888, electionPort: 3888, type: 'participant' as const, client: undefined,
}));

/** Adds zk1..zk3 on m1..m3. */
export function addEnsemble({ cluster }: Run, options: Partial<QuorumPeerConfig>): void {
  for (const { sid, host } of SERVERS) {
    const config = quorumPeerConfig({
      sid, servers: SERVERS, client: { host, port: 2181 }, dataDir: '/zookeeper', initLimit: 15, syncLimit: 5, maxClientCnxns: 0, ...options,
    });
    cluster.add({ id: `zk${sid}`, machine: host, main: (on) => startQuorumPeer(on, config) });
  }
}

export const CONNECT_STRING = MACHINES.map((machine) => `${machine}:2181`).join(',');

export const zkScenario: Scenario = {
  name: 'zk',
  stormMs: 18_000,

  prepare(run): Staged {
    const { world, cluster, random, report } = run;
    addMachines(run);
    // Few transactions fit into memory and between snapshots: every way of synchronization is taken.
    addEnsemble(run, {
      tickTimeMs: TICK_MS, snapCount: 20 + random.below(80), commitLogCount: 5 + random.below(40),
      autopurge: { snapRetainCount: 3, purgeIntervalHours: random.below(2) === 0 ? 0 : 2 / 3600 },
    });
    const history: ZkOperation[] = [];
    const sessions = new Set<bigint>();
    let working = false;
    const clients = ['c1', 'c2', 'c3', 'c4'];
    clients.forEach((id, index) => {
      world.addMachine(id, `127.0.1.${index + 1}`);
      cluster.add({
        id, machine: id,
        main: (host) => zkClient(host, {
          connectString: CONNECT_STRING, sessionTimeoutMs: SESSION_MS, thinkMs: 50 + 120 * random.unit(), history, sessions, working: () => working,
        }),
      });
    });

    return {
      checks: [
        election(SERVERS.length, (sid) => `zk${sid}`, report), zabOrder(SERVERS.length, report), zabDurability(report), zkSessions(report),
        rolesLive((_role, reason) => /no space left|input\/output/.test(reason), report),
      ],
      faults: {
        weights: { kill: 5, power: 3, pause: 3, partition: 4, isolate: 3, delay: 2, loss: 1, slowDisk: 2, fullDisk: 1 },
        meanGapMs: 400 + random.below(2400),
        longestMs: 6000,
        services: [...SERVERS.map(({ sid }) => `zk${sid}`), ...SERVERS.map(({ sid }) => `zk${sid}`), ...clients],
        machines: MACHINES,
      },
      async begin() {
        for (const { sid } of SERVERS) cluster.start(`zk${sid}`);
        const made = await runProcess(run, 'm1', 'setup', 20_000, async (host) => {
          const client = new ZooKeeperClient(host, { connectString: CONNECT_STRING, sessionTimeoutMs: SESSION_MS });
          await client.connected(15_000);
          for (const path of ['/w', '/k', '/e', '/s', ...SHARED_KEYS]) await client.create(path, Buffer.from('0'));
          await client.close();
        });
        if (!made) report('Converges', world.nowMs, 'the ensemble does not come up in 20 s');
        for (const id of clients) cluster.start(id);
      },
      work() { working = true; },
      stopWork() { working = false; },
      async end() {
        const views = await viewsOf(run);
        if (views === undefined) {
          report('Converges', world.nowMs, 'some server does not serve 30 s after the last fault');
          return;
        }
        judgeZkHistory(history, world.nowMs, report);
        judgeZkEnd(history, views, sessions, world.nowMs, report);
        run.note(`${history.length} operations, ${history.filter((op) => op.outcome === 'ok').length} acknowledged`);
      },
    };
  },
};

/** Everything below the root as each server shows it, once sessions that are over have had time to end; undefined if one does not serve. */
async function viewsOf(run: Run): Promise<ZkServerView[] | undefined> {
  const { world } = run;
  const look = async (): Promise<ZkServerView[] | undefined> => {
    const views: ZkServerView[] = [];
    const done = await runProcess(run, 'm1', 'auditor', 30_000, async (host) => {
      for (const machine of MACHINES) views.push({ server: machine, nodes: await nodesOf(host, machine) });
    });
    return done ? views : undefined;
  };
  if ((await look()) === undefined) return undefined;
  // From here on all serve; a session whose client died before has expired by then, if the servers do their work.
  await world.run({ untilMs: world.nowMs + 3 * SESSION_MS });
  return look();
}

async function nodesOf(host: Host, machine: string): Promise<ZkServerView['nodes']> {
  const nodes = new Map<string, { version: number; mzxid: bigint; owner: bigint }>();
  for (;;) {
    const client = new ZooKeeperClient(host, { connectString: `${machine}:2181`, sessionTimeoutMs: SESSION_MS });
    try {
      await client.connected(10_000);
      await client.sync('/');
      const visit = async (path: string): Promise<void> => {
        const { children } = await client.getChildren(path);
        const below = await Promise.all([...children].sort().map(async (child) => {
          const full = `${path === '/' ? '' : path}/${child}`;
          return { full, stat: await client.exists(full) };
        }));
        for (const { full, stat } of below) {
          if (stat === undefined) continue;
          nodes.set(full, { version: stat.version, mzxid: stat.mzxid, owner: stat.ephemeralOwner });
          if (stat.numChildren > 0) await visit(full);
        }
      };
      for (const path of ['/w', '/k', '/e', '/s']) await visit(path);
      await client.close();
      return nodes;
    } catch (error) {
      // The servers may still be finding together.
      if (!['ConnectionLoss', 'SessionExpired', 'OperationTimeout'].some((code) => hasCode(error, code))) throw error;
      void client.close();
      nodes.clear();
      await new Promise<void>((resolve) => void host.clock.after(200, resolve));
    }
  }
}

