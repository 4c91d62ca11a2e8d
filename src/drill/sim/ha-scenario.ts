/**
 * `ha`: the book's cluster, whole: three ZooKeeper servers, three JournalNodes, two NameNodes, two ZKFCs, and clients.
 */
import type { Configuration } from '../../config/hadoop/contract.js';
import { configurationOf } from '../../config/hadoop/load.js';
import { hasCode, LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { nameNodeConfigFrom } from '../../namenode/config.js';
import { bootstrapStandby, formatNameNode, startNameNode } from '../../namenode/name-node.js';
import { ZooKeeperClient } from '../../zookeeper/client/client.js';
import { decodeActiveNodeInfo } from '../../zkfc/breadcrumb.js';
import { zkfcConfigFrom } from '../../zkfc/config.js';
import { formatZk } from '../../zkfc/format-zk.js';
import { startZkfc } from '../../zkfc/zkfc.js';
import { election } from '../checks/election.js';
import { ha, judgeNamespace } from '../checks/ha.js';
import type { NamespaceOperation } from '../checks/ha.js';
import { qjm } from '../checks/qjm.js';
import { rolesLive } from '../checks/roles.js';
import { zabDurability } from '../checks/zab-durability.js';
import { zabOrder } from '../checks/zab-order.js';
import { zkSessions } from '../checks/zk-sessions.js';
import { momentsOf } from './faults.js';
import { haClient, NAME_NODES, operator, simulatedClient } from './ha-clients.js';
import { addJournalNodes } from './journal-nodes.js';
import { addMachines, MACHINES } from './machines.js';
import { runProcess } from './process.js';
import type { Scenario, Staged } from './scenario.js';
import { addEnsemble, CONNECT_STRING } from './zk-scenario.js';

const NAMESERVICE = 'hdfs-cluster';
const JOURNAL_NODES = MACHINES.map((machine) => `${machine}:8485`).join(';');

/** Why a role may end by itself: its supervisor starts it again. */
const GIVES_UP = [
  // A NameNode that loses its journal.
  'flush failed for required journal',
  'requiring NN shutdown',
  // A ZKFC that cannot reach ZooKeeper.
  'Unable to connect to ZooKeeper',
  'Failed to reEstablish connection with ZooKeeper',
  'could not start: KeeperErrorCode = SessionExpired',
  'could not start: KeeperErrorCode = ConnectionLoss',
];

/** The book's files, with the timers of a storm. */
const confWith = (fencing: string): Configuration =>
  configurationOf(
    {
      'fs.defaultFS': `hdfs://${NAMESERVICE}`,
      'ha.zookeeper.quorum': CONNECT_STRING,
      'dfs.namenode.name.dir': '/root/hdfs/namenode',
      'dfs.nameservices': NAMESERVICE,
      [`dfs.ha.namenodes.${NAMESERVICE}`]: 'nn1,nn2',
      [`dfs.namenode.rpc-address.${NAMESERVICE}.nn1`]: 'm1:9000',
      [`dfs.namenode.rpc-address.${NAMESERVICE}.nn2`]: 'm2:9000',
      [`dfs.namenode.http-address.${NAMESERVICE}.nn1`]: 'm1:50070',
      [`dfs.namenode.http-address.${NAMESERVICE}.nn2`]: 'm2:50070',
      'dfs.journalnode.edits.dir': '/root/journalnode/data',
      'dfs.namenode.shared.edits.dir': `qjournal://${JOURNAL_NODES}/${NAMESERVICE}`,
      'dfs.ha.automatic-failover.enabled': 'true',
      'dfs.ha.fencing.methods': fencing,
      'dfs.permissions.enabled': 'false',
      'ha.zookeeper.session-timeout.ms': '1500',
      'ha.health-monitor.check-interval.ms': '250',
      'ha.health-monitor.connect-retry-interval.ms': '250',
      'ha.health-monitor.sleep-after-disconnect.ms': '250',
      'ha.health-monitor.rpc-timeout.ms': '1500',
      'ha.failover-controller.graceful-fence.rpc-timeout.ms': '1000',
      'ha.failover-controller.new-active.rpc-timeout.ms': '8000',
      'ipc.client.connect.timeout': '1000',
      'ipc.client.connect.retry.interval': '200',
      'dfs.ha.tail-edits.period': '500ms',
      'dfs.ha.log-roll.period': '3s',
      'dfs.namenode.checkpoint.txns': '150',
      'dfs.namenode.checkpoint.check.period': '3s',
      'dfs.qjournal.write-txns.timeout.ms': '3000',
      'dfs.qjournal.start-segment.timeout.ms': '3000',
      'dfs.qjournal.finalize-segment.timeout.ms': '3000',
      'dfs.qjournal.new-epoch.timeout.ms': '3000',
      'dfs.qjournal.prepare-recovery.timeout.ms': '3000',
      'dfs.qjournal.accept-recovery.timeout.ms': '4000',
      'dfs.qjournal.get-journal-state.timeout.ms': '3000',
      'dfs.qjournal.select-input-streams.timeout.ms': '3000',
    },
    'simulation',
  );

/** The book's, which does nothing, and one that ends the process or says that it could not. */
const POWER_SWITCH = 'power-off $target_namenodeid';
const BOOK = confWith('shell(/bin/true)');
const SWITCHED = confWith(`shell(${POWER_SWITCH})`);

const CONVERGE_LIMIT_MS = 60_000;
const AGREE_ATTEMPTS = 5;

export const haScenario: Scenario = {
  name: 'ha',
  stormMs: 20_000,

  prepare(run): Staged {
    const { world, cluster, random, report } = run;
    const fencingWorks = random.below(3) > 0;
    const conf = fencingWorks ? SWITCHED : BOOK;
    addMachines(run);
    const voters = addEnsemble(run, { tickTimeMs: 250, snapCount: 60, commitLogCount: 30 });
    addJournalNodes(run, conf);
    const nameNodes = NAME_NODES.map(({ id, rpc }) => ({
      id,
      machine: rpc.host,
      config: nameNodeConfigFrom(conf, { nameserviceId: NAMESERVICE, nameNodeId: id, user: 'hdfs', address: rpc.host }),
      zkfc: zkfcConfigFrom(conf, { nameserviceId: NAMESERVICE, nameNodeId: id, user: 'hdfs' }),
    }));
    nameNodes.forEach(({ id, machine, config, zkfc }, index) => {
      cluster.add({ id, machine, main: (host) => startNameNode(host, config) });
      cluster.add({ id: `zkfc${index + 1}`, machine, main: (host) => startZkfc(host, zkfc) });
    });
    const history: NamespaceOperation[] = [];
    const state = ha(report, { fencingWorks });
    let working = false;
    const clients = ['c1', 'c2', 'c3'];
    clients.forEach((id, index) => {
      world.addMachine(id, `127.0.1.${index + 1}`);
      cluster.add({
        id,
        machine: id,
        main: (host) =>
          haClient(host, {
            thinkMs: 150 + 200 * random.unit(),
            history,
            working: () => working,
            // Fenced by /bin/true, an old active may still answer reads: Hadoop's own limit. The writer of the journal
            // may not be wrong.
            onMissing: (path, nameNode) => {
              if (fencingWorks || nameNode === state.newestWriter)
                report(
                  'ReadsSeeAcknowledged',
                  world.nowMs,
                  `${nameNode} does not know ${path}, which was acknowledged`,
                );
            },
          }),
      });
    });

    world.addMachine('admin', '127.0.1.9');
    cluster.add({
      id: 'admin',
      machine: 'admin',
      main: (host) => operator(host, { meanPauseMs: 3000 + random.below(12_000), working: () => working }),
    });

    const servers = ['zk1', 'zk2', 'zk3', 'jn1', 'jn2', 'jn3'];
    const controllers = ['nn1', 'nn2', 'zkfc1', 'zkfc2'];
    const active = (): string | undefined => {
      const found = [...state.states].filter(([, is]) => is === 'ACTIVE').map(([id]) => id);
      return found.length === 1 ? found[0] : undefined;
    };
    const until = async (what: string, limitMs: number, holds: () => boolean): Promise<boolean> => {
      if ((await world.run({ untilMs: world.nowMs + limitMs, until: holds })) === 'until') return true;
      report('Converges', world.nowMs, `${what} does not come about within ${limitMs} ms`);
      return false;
    };
    const settled = (): boolean =>
      active() !== undefined && [...state.states.values()].filter((is) => is === 'STANDBY').length === 1;

    return {
      checks: [
        state,
        qjm(3, new Map(), report),
        election(voters, report),
        zabOrder(voters, report),
        zabDurability(report),
        zkSessions(report),
        rolesLive((_role, reason) => GIVES_UP.some((words) => reason.includes(words)), report),
      ],
      faults: {
        weights: { kill: 5, power: 3, pause: 6, partition: 4, isolate: 4, delay: 2, loss: 1, slowDisk: 2 },
        moments: {
          ...momentsOf(random.below(3) * 0.08, [
            'LeaderElected',
            'LeaderEstablished',
            'LockCreated',
            'LockLost',
            'ActiveFenced',
            'BreadcrumbWritten',
            'ActivationRequested',
            'WriterEpochEstablished',
            'RecoveryAccepted',
            'SegmentsRecovered',
            'EditsCaughtUp',
            'BecameActive',
            'BecameStandby',
          ]),
          FencingStarted: random.below(3) * 0.3,
        },
        prey: ['BecameActive', 'LockCreated', 'LeaderEstablished'],
        meanGapMs: 650 + random.below(2600),
        longestMs: 7000,
        services: [...servers, ...controllers, ...controllers, ...controllers],
        machines: [...MACHINES],
      },
      runCommand({ args, env }) {
        const target = env['target_namenodeid'];
        if (args.at(-1) !== POWER_SWITCH || target === undefined) return { exitCode: 0 };
        const tookMs = 5 + 100 * random.unit();
        if (random.below(2) === 0) return { exitCode: 1, tookMs };
        cluster.kill(target);
        world.at(300 + 3000 * random.unit(), () => cluster.release(target));
        return { exitCode: 0, tookMs };
      },
      async begin() {
        for (const id of servers) cluster.start(id);
        await world.run({ untilMs: world.nowMs + 1500 });
        const made = await runProcess(run, 'm1', 'setup', 30_000, async (host) => {
          await formatZk(host, nameNodes[0]!.zkfc, { force: true, nonInteractive: true, confirm: async () => true });
          await formatNameNode(host, nameNodes[0]!.config, { interactive: false });
        });
        cluster.start('nn1');
        if (!made || !(await until('nn1 as a standby', 20_000, () => state.states.get('nn1') === 'STANDBY'))) return;
        let exitCode = -1;
        await runProcess(run, 'm2', 'setup2', 30_000, async (host) => {
          exitCode = (await bootstrapStandby(host, nameNodes[1]!.config, { interactive: false })).exitCode;
        });
        if (exitCode !== 0) report('Converges', world.nowMs, `bootstrapStandby ends with ${exitCode}`);
        for (const id of ['nn2', 'zkfc1', 'zkfc2', ...clients, 'admin']) cluster.start(id);
        if (!(await until('one active and one standby', 30_000, settled))) return;
        const ready = await runProcess(run, 'c1', 'setup3', 20_000, async (host) => {
          const client = simulatedClient(host);
          for (const src of ['/d', '/r'])
            await client.call('mkdirs', { src, masked: { perm: 0o777 }, createParent: true });
        });
        if (!ready) report('Converges', world.nowMs, 'the first directories cannot be made within 20 s');
      },
      work() {
        working = true;
      },
      stopWork() {
        working = false;
      },
      async end() {
        if (!(await until('one active and one standby after the last fault', CONVERGE_LIMIT_MS, settled))) return;
        await agree();
        if (!(await until('one active and one standby', CONVERGE_LIMIT_MS, settled))) return;
        // One more failover: what the other one knows is what the journal holds.
        const before = active()!;
        cluster.kill(before);
        if (!(await until('a takeover', CONVERGE_LIMIT_MS, () => active() !== undefined && active() !== before)))
          return;
        const paths = new Set<string>();
        const read = await runProcess(run, 'c1', 'auditor', 30_000, (host) => listAll(host, ['/d', '/r'], paths));
        if (!read) {
          report('Converges', world.nowMs, 'the namespace cannot be read after the last failover');
          return;
        }
        judgeNamespace(history, paths, world.nowMs, report);
        run.note(
          `${history.length} operations, ${history.filter((op) => op.outcome === 'ok').length} acknowledged, ` +
            `${paths.size} paths`,
        );
      },
    };

    /** Lock holder, breadcrumb and active are one: at once, or as soon as a failover that is under way is over. */
    async function agree(): Promise<void> {
      let differs = 'ZooKeeper cannot be read';
      for (let attempt = 0; attempt < AGREE_ATTEMPTS; attempt++) {
        const seen: Record<string, string> = {};
        const read = await runProcess(run, 'c1', 'observer', 20_000, async (host) => {
          const client = new ZooKeeperClient(host, { connectString: CONNECT_STRING, sessionTimeoutMs: 2000 });
          await client.connected(10_000);
          for (const name of ['ActiveStandbyElectorLock', 'ActiveBreadCrumb']) {
            seen[name] = await client.getData(`/hadoop-ha/${NAMESERVICE}/${name}`).then(
              ({ data }) => (data === null ? 'nobody' : decodeActiveNodeInfo(data).namenodeId),
              (error: unknown) => {
                if (error instanceof LabError) return hasCode(error, 'NoNode') ? 'nobody' : error.message;
                throw error;
              },
            );
          }
          await client.close();
        });
        if (!read) continue;
        const expected = active();
        const other = Object.entries(seen).find(([, holder]) => holder !== expected);
        if (expected !== undefined && other === undefined) return;
        differs = `${expected ?? 'nobody'} is active, but ${other?.[0]} names ${other?.[1]}`;
        await world.run({ untilMs: world.nowMs + 1000 });
      }
      report('HolderAgrees', world.nowMs, differs);
    }
  },
};

async function listAll(host: Host, directories: readonly string[], into: Set<string>): Promise<void> {
  const client = simulatedClient(host);
  for (const directory of directories)
    for (const { path } of (await client.list(directory)) ?? []) into.add(`${directory}/${path.toString('utf8')}`);
}
