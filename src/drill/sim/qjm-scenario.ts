/** `qjm`: three JournalNodes, and two writers that take the journal from each other. */
import { configurationOf } from '../../config/hadoop/load.js';
import type { Host } from '../../host/host.js';
import { quorumJournalConfigFrom } from '../../journal/writer/config.js';
import { openQuorumJournal } from '../../journal/writer/quorum-journal.js';
import type { NamespaceInfo, QuorumJournal } from '../../journal/writer/api.js';
import { OpBatch } from '../../wire/edits/ops/batch.js';
import { opDigests } from '../../wire/edits/segment/digest.js';
import { judgeEdits, judgeSegments, qjm } from '../checks/qjm.js';
import { rolesLive } from '../checks/roles.js';
import { momentsOf } from './faults.js';
import { addJournalNodes, finalizedSegments } from './journal-nodes.js';
import { addMachines, MACHINES } from './machines.js';
import { relays } from './qjm-relay.js';
import { runProcess } from './process.js';
import type { Scenario, Staged } from './scenario.js';

const JOURNAL = 'hdfs-cluster';
const DIRECTORY = '/journal';

const conf = configurationOf(
  {
    'dfs.journalnode.edits.dir': DIRECTORY,
    'dfs.ha.tail-edits.in-progress': 'false',
    'ipc.client.connect.timeout': '1000',
    'dfs.qjournal.write-txns.timeout.ms': '2000',
    'dfs.qjournal.start-segment.timeout.ms': '2000',
    'dfs.qjournal.finalize-segment.timeout.ms': '2000',
    'dfs.qjournal.new-epoch.timeout.ms': '2000',
    'dfs.qjournal.prepare-recovery.timeout.ms': '2000',
    'dfs.qjournal.accept-recovery.timeout.ms': '3000',
    'dfs.qjournal.get-journal-state.timeout.ms': '2000',
    'dfs.qjournal.select-input-streams.timeout.ms': '3000',
  },
  'simulation',
);

const nsInfo: NamespaceInfo = {
  namespaceId: 4711,
  clusterId: 'CID-sim',
  blockPoolId: 'BP-1-127.0.0.1-1',
  cTime: 0n,
  layoutVersion: -66,
};

function journalOf(host: Host, onFailed: () => void = () => {}): QuorumJournal {
  return openQuorumJournal(host, {
    uri: `qjournal://${MACHINES.map((machine) => `${machine}:8485`).join(';')}/${JOURNAL}`,
    nsInfo,
    config: quorumJournalConfigFrom(conf),
    rpcUser: 'hdfs',
    onFailed,
  });
}

/** Writers that have waited for a moment of these begin together. */
const CONTEST_MS = 1500;

/** So long before the storm is over nobody is kept away on purpose any more. */
const RELAYS_END_MS = 1000;
/** How often a writer that waits looks whether it is wanted. */
const LOOK_MS = 100;

interface WriterOptions {
  readonly working: () => boolean;
  readonly meanWriterMs: number;
  /** Writers that are wanted at once. */
  readonly summoned: Set<string>;
}

/** Becomes the writer, writes until that ends or it has had enough, and again after a while. */
async function writer(host: Host, options: WriterOptions): Promise<void> {
  const { random, clock } = host;
  const { summoned } = options;
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  for (;;) {
    const restMs = options.meanWriterMs * random.unit();
    for (let atMs = clock.nowMs() + restMs; clock.nowMs() < atMs && !summoned.has(host.id); ) await sleep(LOOK_MS);
    if (!summoned.delete(host.id) && random.below(2) === 0)
      await sleep(CONTEST_MS - (clock.nowMs() % CONTEST_MS) + 8 * random.unit() * random.unit());
    if (!options.working()) {
      await sleep(LOOK_MS);
      continue;
    }
    let over = false;
    const journal = journalOf(host, () => {
      over = true;
    });
    try {
      const { lastTxid } = await journal.becomeWriter();
      let txid = lastTxid + 1n;
      const enoughMs = clock.nowMs() + 2 * options.meanWriterMs * random.unit();
      while (!over && clock.nowMs() < enoughMs) {
        const first = txid;
        await journal.startSegment(first);
        const put = (batch: OpBatch): void => {
          const { bytes, firstTxid, count } = batch.take();
          journal.write(bytes, firstTxid, count);
        };
        const batch = new OpBatch();
        batch.append({ type: 'OP_START_LOG_SEGMENT' }, txid++);
        put(batch);
        for (let i = random.below(12); i > 0 && !over; i--) {
          for (let k = random.below(5); k >= 0; k--) {
            const path = `/${host.id}/${txid}/${'x'.repeat(random.below(80))}`;
            batch.append(
              {
                type: 'OP_MKDIR',
                inodeId: Number(txid),
                path,
                timestamp: clock.wallMs(),
                permission: { user: 'u', group: 'g', mode: 0o755 },
              },
              txid++,
            );
          }
          put(batch);
          if (random.below(3) > 0) await journal.flush();
          await sleep(60 * random.unit());
        }
        // Some go in the midst of a segment, as a process does that nobody stops in order.
        if (random.below(10) === 0) break;
        batch.append({ type: 'OP_END_LOG_SEGMENT' }, txid++);
        put(batch);
        await journal.flush();
        await journal.finalizeSegment(first, txid - 1n);
        // Nothing is old enough to go, but what was left in progress is set aside.
        if (random.below(8) === 0) journal.purge(1n);
      }
    } catch {
      // Fenced, or the quorum is gone: as a NameNode, it would exit here.
    }
    await journal.close();
  }
}

export const qjmScenario: Scenario = {
  name: 'qjm',
  stormMs: 18_000,

  prepare(run): Staged {
    const { world, cluster, random, report } = run;
    addMachines(run);
    addJournalNodes(run, conf);
    const acknowledged = new Map<bigint, string>();
    let working = false;
    const summoned = new Set<string>();
    const writers = ['w1', 'w2'];
    const meanWriterMs = 1000 + random.below(6000);
    writers.forEach((id, index) => {
      world.addMachine(id, `127.0.1.${index + 1}`);
      const options = { working: () => working, meanWriterMs, summoned };
      cluster.add({ id, machine: id, main: (host) => writer(host, options) });
    });
    const nodes = ['jn1', 'jn2', 'jn3'];

    return {
      checks: [
        qjm(nodes.length, acknowledged, report),
        rolesLive((_role, reason) => /no space left|input\/output/.test(reason), report),
      ],
      faults: {
        weights: { kill: 5, power: 3, pause: 4, partition: 7, isolate: 3, delay: 2, loss: 1, slowDisk: 2, fullDisk: 1 },
        moments: {
          ...momentsOf(random.below(3) * 0.1, [
            'EpochPromised',
            'WriterEpochEstablished',
            'RecoveryAccepted',
            'SegmentsRecovered',
          ]),
          ...momentsOf(random.below(3) * 0.012, ['SegmentStarted', 'SegmentFinalized']),
        },
        prey: ['WriterEpochEstablished'],
        meanGapMs: 400 + random.below(2500),
        longestMs: 6000,
        services: [...nodes, ...nodes, ...writers],
        machines: [...MACHINES, ...writers],
      },
      async begin() {
        for (const id of nodes) cluster.start(id);
        await world.run({ untilMs: world.nowMs + 500 });
        const made = await runProcess(run, 'w1', 'setup', 10_000, async (host) => {
          const journal = journalOf(host);
          await journal.format({ force: false });
          await journal.close();
        });
        if (!made) report('Converges', world.nowMs, 'the journal cannot be formatted within 10 s');
        for (const id of writers) cluster.start(id);
      },
      work() {
        working = true;
        const relayed = relays(run, writers, random.below(3) * 0.03, world.forkRandom(), (id) => summoned.add(id));
        world.at(qjmScenario.stormMs - RELAYS_END_MS, () => relayed.end());
      },
      stopWork() {
        working = false;
      },
      async end() {
        for (const id of writers) cluster.kill(id);
        await world.run({ untilMs: world.nowMs + 1000 });
        const found = new Map<bigint, string>();
        let failure: unknown;
        const read = await runProcess(run, 'w1', 'auditor', 60_000, async (host) => {
          const journal = journalOf(host);
          try {
            const { lastTxid } = await journal.becomeWriter();
            for await (const { bytes } of journal.readEdits(1n, { inProgressOk: false, onlyDurable: false })) {
              for (const { txid, digest } of opDigests(bytes)) found.set(txid, digest);
            }
            for (let txid = 1n; txid <= lastTxid; txid++)
              if (!found.has(txid)) throw new Error(`transaction ${txid} of ${lastTxid} cannot be read`);
          } catch (error) {
            failure = error;
          }
        });
        if (!read || failure !== undefined) {
          report(
            'Converges',
            world.nowMs,
            `no writer can take the journal and read it after the last fault: ` +
              `${failure === undefined ? 'time-out' : String(failure)}`,
          );
          return;
        }
        judgeEdits(acknowledged, found, world.nowMs, report);
        judgeSegments(finalizedSegments(run, `${DIRECTORY}/${JOURNAL}`), world.nowMs, report);
        run.note(`${acknowledged.size} edits acknowledged, ${found.size} found`);
      },
    };
  },
};
