/**
 * `zk`: an ensemble of QuorumPeers and clients of it: three voters mostly, an observer beside them or five voters in
 * some runs.
 */
import { ZooKeeperClient } from '../../zookeeper/client/client.js';
import { quorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { QuorumPeerConfig, QuorumServer } from '../../config/quorum-peer-config.js';
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
import { momentsOf } from './faults.js';
import { addMachines, MACHINES } from './machines.js';
import { runProcess } from './process.js';
import type { Run, Scenario, Staged } from './scenario.js';
import { SHARED_KEYS, zkClient } from './zk-clients.js';

/** Fast timers, so that a storm of half a minute holds many elections. */
const TICK_MS = 200;
const SESSION_MS = 1600;
const SHAPES = [
  { voters: 3, observers: 0 },
  { voters: 3, observers: 0 },
  { voters: 3, observers: 0 },
  { voters: 3, observers: 0 },
  { voters: 3, observers: 1 },
  { voters: 5, observers: 0 },
] as const;

/** Participants 1, 2, ... on m1, m2, ... and, behind them, observers. */
export function ensembleServers(voters: number, observers: number): readonly QuorumServer[] {
  return Array.from(
    { length: voters + observers },
    (_, index): QuorumServer => ({
      sid: index + 1,
      host: `m${index + 1}`,
      quorumPort: 2888,
      electionPort: 3888,
      type: index < voters ? 'participant' : 'observer',
      client: undefined,
    }),
  );
}

/** Adds zk1, zk2, ... on m1, m2, ...: the voters first, then the observers. Gives back the voters. */
export function addEnsemble(
  { cluster }: Pick<Run, 'cluster'>,
  options: Partial<QuorumPeerConfig>,
  { voters = 3, observers = 0 } = {},
): readonly string[] {
  const servers = ensembleServers(voters, observers);
  for (const { sid, host } of servers) {
    const config = quorumPeerConfig({
      sid,
      servers,
      client: { host, port: 2181 },
      dataDir: '/zookeeper',
      initLimit: 15,
      syncLimit: 5,
      maxClientCnxns: 0,
      ...options,
    });
    cluster.add({ id: `zk${sid}`, machine: host, main: (on) => startQuorumPeer(on, config) });
  }
  return servers.slice(0, voters).map(({ sid }) => `zk${sid}`);
}

const connectString = (machines: readonly string[]): string => machines.map((machine) => `${machine}:2181`).join(',');

export const CONNECT_STRING = connectString(MACHINES);

export const zkScenario: Scenario = {
  name: 'zk',
  stormMs: 18_000,

  prepare(run): Staged {
    const { world, cluster, random, report } = run;
    const shape = SHAPES[random.below(SHAPES.length)]!;
    const machines = Array.from({ length: shape.voters + shape.observers }, (_, index) => `m${index + 1}`);
    const servers = machines.map((_, index) => `zk${index + 1}`);
    addMachines(run, machines);
    // A follower may be given up sooner than the sessions of its clients, or later.
    const patient = random.below(2) === 0;
    // Few transactions fit into memory and between snapshots: every way of synchronization is taken.
    const voters = addEnsemble(
      run,
      {
        tickTimeMs: TICK_MS,
        syncLimit: patient ? 12 : 5,
        snapCount: 20 + random.below(80),
        commitLogCount: 5 + random.below(40),
        autopurge: { snapRetainCount: 3, purgeIntervalHours: random.below(2) === 0 ? 0 : 2 / 3600 },
      },
      shape,
    );
    const history: ZkOperation[] = [];
    const sessions = new Set<bigint>();
    let working = false;
    const clients = ['c1', 'c2', 'c3', 'c4'];
    clients.forEach((id, index) => {
      world.addMachine(id, `127.0.1.${index + 1}`);
      cluster.add({
        id,
        machine: id,
        main: (host) =>
          zkClient(host, {
            connectString: connectString(machines),
            sessionTimeoutMs: SESSION_MS,
            thinkMs: 50 + 120 * random.unit(),
            history,
            sessions,
            working: () => working,
            report,
          }),
      });
    });

    // Who stood still or was cut off comes back in the very moment in which it is given up.
    world.observe({
      onEvent({ type }) {
        if (type !== 'SessionExpired') return;
        world.at(3 * random.unit(), () => {
          for (const id of servers) cluster.resume(id);
          for (const id of clients) {
            cluster.resume(id);
            for (const machine of machines) world.links.between(id, machine).heal();
          }
          for (const from of machines) for (const to of machines) world.links.between(from, to).heal();
        });
      },
    });

    // A patient leader hears everything so late that it gives up the sessions of its followers' clients, who have
    // noticed nothing and go on asking. Their end takes as long to be agreed on.
    let leader: string | undefined;
    world.observe({
      onEvent({ type, role }) {
        if (type === 'LeaderEstablished') leader = role.replace('zk', 'm');
      },
    });
    const deafen = (): void => {
      if (!working || leader === undefined) return;
      const into = machines.filter((machine) => machine !== leader).map((from) => world.links.between(from, leader!));
      const delayMs = SESSION_MS + 50 + 300 * random.unit();
      for (const link of into) link.faults = { delayMs, jitterMs: 0, loss: 0 };
      world.at(1000 + delayMs, () => {
        for (const link of into) link.clearFaults();
      });
    };

    return {
      checks: [
        election(voters, report),
        zabOrder(voters, report),
        zabDurability(report),
        zkSessions(report),
        rolesLive((_role, reason) => /no space left|input\/output/.test(reason), report),
      ],
      faults: {
        weights: { kill: 5, power: 3, pause: 3, partition: 4, isolate: 3, delay: 3, loss: 1, slowDisk: 2, fullDisk: 1 },
        moments: momentsOf(random.below(3) * 0.15, [
          'LeaderElected',
          'EpochAccepted',
          'LeaderEstablished',
          'FollowingEstablished',
        ]),
        prey: ['LeaderEstablished'],
        meanGapMs: 400 + random.below(2400),
        longestMs: 6000,
        services: [...servers, ...servers, ...servers, ...clients],
        machines,
      },
      async begin() {
        for (const id of servers) cluster.start(id);
        const made = await runProcess(run, 'm1', 'setup', 20_000, async (host) => {
          const client = new ZooKeeperClient(host, {
            connectString: connectString(machines),
            sessionTimeoutMs: SESSION_MS,
          });
          await client.connected(15_000);
          for (const path of ['/w', '/k', '/e', '/s', '/m', ...SHARED_KEYS])
            await client.create(path, Buffer.from('0'));
          await client.close();
        });
        if (!made) report('Converges', world.nowMs, 'the ensemble does not come up in 20 s');
        for (const id of clients) cluster.start(id);
      },
      work() {
        working = true;
        if (patient) for (const atMs of [3000, 9000, 15_000]) world.at(atMs * random.unit(), deafen);
      },
      stopWork() {
        working = false;
      },
      async end() {
        const views = await viewsOf(run, machines);
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

/**
 * Everything below the root as each server shows it, once sessions that are over have had time to end; undefined if one
 * does not serve.
 */
async function viewsOf(run: Run, machines: readonly string[]): Promise<ZkServerView[] | undefined> {
  const { world } = run;
  const look = async (): Promise<ZkServerView[] | undefined> => {
    const views: ZkServerView[] = [];
    const done = await runProcess(run, 'm1', 'auditor', 30_000, async (host) => {
      for (const machine of machines) views.push({ server: machine, nodes: await nodesOf(host, machine) });
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
        const below = await Promise.all(
          [...children].sort().map(async (child) => {
            const full = `${path === '/' ? '' : path}/${child}`;
            return { full, stat: await client.exists(full) };
          }),
        );
        for (const { full, stat } of below) {
          if (stat === undefined) continue;
          nodes.set(full, { version: stat.version, mzxid: stat.mzxid, owner: stat.ephemeralOwner });
          if (stat.numChildren > 0) await visit(full);
        }
      };
      for (const path of ['/w', '/k', '/e', '/s', '/m']) await visit(path);
      await client.close();
      return nodes;
    } catch (error) {
      // The servers may still be finding together.
      if (!hasCode(error, 'ConnectionLoss', 'SessionExpired', 'OperationTimeout')) throw error;
      void client.close();
      nodes.clear();
      await new Promise<void>((resolve) => void host.clock.after(200, resolve));
    }
  }
}
