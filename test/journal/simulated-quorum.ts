/**
 * Three JournalNodes and two writers that compete for their journal, in a simulated world with crashes, power cuts,
 * pauses and partitions. Watches what a quorum journal promises and throws where a promise is broken.
 */
import { SeededRandom } from '../../src/base/prng.js';
import type { Host } from '../../src/host/host.js';
import { DirectoryNode, FileNode, NO_DISK_FAULTS } from '../../src/host/sim/file-system.js';
import { createWorld } from '../../src/host/sim/index.js';
import type { Instance, World } from '../../src/host/sim/index.js';
import { startJournalNode } from '../../src/journal/journal-node.js';
import type { QuorumJournal } from '../../src/journal/writer/api.js';
import { openQuorumJournal } from '../../src/journal/writer/quorum-journal.js';
import { opDigests } from '../../src/wire/edits/segment/digest.js';
import { encodeOp, encodeStartLogSegment } from '../../src/wire/edits/segment/frame.js';
import { parseEditsName } from '../../src/journal/names.js';
import { nsInfo, writerConfig } from './quorum-fixture.js';

const NODES = ['j1', 'j2', 'j3'];
const WRITERS = ['w1', 'w2'];
const URI = `qjournal://${NODES.map((name) => `${name}:8485`).join(';')}/book`;
/** Short time-outs, so that a few virtual seconds hold many take-overs. */
const config = {
  ...writerConfig,
  startSegmentTimeoutMs: 1500,
  prepareRecoveryTimeoutMs: 2000,
  acceptRecoveryTimeoutMs: 2000,
  finalizeSegmentTimeoutMs: 2000,
  selectInputStreamsTimeoutMs: 1500,
  getJournalStateTimeoutMs: 1500,
  newEpochTimeoutMs: 1500,
  writeTxnsTimeoutMs: 1500,
  operationsTimeoutMs: 3000,
  httpConnectTimeoutMs: 500,
  httpReadTimeoutMs: 1000,
  connectTimeoutMs: 500,
  connectRetries: 1,
  connectRetryIntervalMs: 100,
};

export interface Outcome {
  readonly digest: string;
  readonly acknowledged: number;
  readonly takeOvers: number;
  readonly faults: number;
  readonly log: readonly string[];
}

interface Facts {
  /** txid -> digest */
  readonly acknowledged: Map<bigint, string>;
  highest: bigint;
  readonly promised: Map<string, bigint>;
  /** txid/digest -> nodes that have it on disk */
  readonly written: Map<string, Set<string>>;
  takeOvers: number;
  stop: boolean;
}

const sleep = (host: Host, ms: number): Promise<void> =>
  new Promise((resolve) => {
    host.clock.after(ms, resolve);
  });

/** One writer's life: take over, check what is there, write on, be driven out, again. */
async function write(host: Host, facts: Facts): Promise<void> {
  const { random } = host;
  await sleep(host, random.below(300));
  let turn = 0;
  while (!facts.stop) {
    turn += 1;
    const journal = openQuorumJournal(host, { uri: URI, nsInfo, config, rpcUser: 'hdfs' });
    try {
      await writeTurn(host, journal, facts, turn);
    } catch (error) {
      if (
        !(error instanceof Error) ||
        !['LabError'].includes(error.name) ||
        (error as { code?: string }).code === 'ASSERTION'
      )
        throw error;
      host.log.info(`turn ${turn} ended: ${error.message.split('\n')[0]}`);
    }
    await journal.close();
    await sleep(host, 100 + random.below(1500));
  }
}

async function writeTurn(host: Host, journal: QuorumJournal, facts: Facts, turn: number): Promise<void> {
  const { random } = host;
  const known = new Map(facts.acknowledged);
  const { epoch, lastTxid } = await journal.becomeWriter();
  facts.takeOvers += 1;
  let read = 0n;
  for await (const range of journal.readEdits(1n, { inProgressOk: false, onlyDurable: false })) {
    for (const { txid, digest } of opDigests(range.bytes)) {
      if (txid !== read + 1n) throw new Error(`epoch ${epoch}: transaction ${txid} follows ${read}`);
      read = txid;
      const expected = known.get(txid);
      if (expected !== undefined && expected !== digest)
        throw new Error(`epoch ${epoch}: acknowledged transaction ${txid} was ${expected} and is ${digest}`);
      known.delete(txid);
    }
  }
  // More than was recovered: another writer has been here since, and will fence this one.
  if (read < lastTxid) throw new Error(`epoch ${epoch}: recovered up to ${lastTxid}, read up to ${read}`);
  if (known.size > 0) throw new Error(`epoch ${epoch}: acknowledged and lost: ${[...known.keys()].join(', ')}`);
  let next = lastTxid + 1n;
  for (let segments = 1 + random.below(4); segments > 0 && !facts.stop; segments--) {
    const first = next;
    await journal.startSegment(first);
    journal.write(encodeStartLogSegment(first), first, 1);
    next += 1n;
    for (let batches = random.below(30); batches > 0; batches--) {
      const count = 1 + random.below(4);
      const ops = Array.from({ length: count }, (_, i) =>
        encodeOp(3, next + BigInt(i), Buffer.from(`${host.id} ${turn} ${epoch} ${random.below(1000)}`)),
      );
      journal.write(Buffer.concat(ops), next, count);
      next += BigInt(count);
      if (random.below(3) === 0) await journal.flush();
      if (random.below(4) === 0) await sleep(host, random.below(60));
    }
    // Sometimes a writer goes in the midst of a segment.
    if (random.below(5) === 0) return;
    await journal.flush();
    await journal.finalizeSegment(first, next - 1n);
    if (random.below(4) === 0) journal.purge(1n);
  }
}

export async function simulateQuorum(
  seed: number,
  options: { durationMs?: number; nodeMain?: (host: Host) => Promise<unknown> } = {},
): Promise<Outcome> {
  const world = createWorld({ seed });
  const random = new SeededRandom(seed, 77);
  NODES.forEach((name, i) => world.addMachine(name, `127.0.0.${i + 1}`));
  WRITERS.forEach((name, i) => world.addMachine(name, `127.0.0.${i + 11}`));
  const facts: Facts = {
    acknowledged: new Map(),
    highest: 0n,
    promised: new Map(),
    written: new Map(),
    takeOvers: 0,
    stop: false,
  };
  const log: string[] = [];
  const broken: string[] = [];
  let faults = 0;

  world.observe({
    onEvent: (event, nowMs) => {
      log.push(
        `${nowMs.toFixed(1)} ${event.role} ` +
          `${JSON.stringify(event, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`,
      );
      if (event.type !== 'EpochPromised') return;
      const before = facts.promised.get(event.role) ?? 0n;
      if (event.epoch <= before) broken.push(`${event.role} promised ${event.epoch} after ${before}`);
      facts.promised.set(event.role, event.epoch);
    },
    onTrace: (event) => {
      if (event.type === 'EditsWritten') {
        if (event.epoch < (facts.promised.get(event.role) ?? 0n))
          broken.push(
            `${event.role} wrote ${event.firstTxid} for epoch ${event.epoch} after it promised ` +
              `${facts.promised.get(event.role)}`,
          );
        const key = `${event.firstTxid} ${event.digest}`;
        facts.written.set(key, (facts.written.get(key) ?? new Set()).add(event.role));
      } else if (event.type === 'EditsAcknowledged') {
        const before = facts.acknowledged.get(event.firstTxid);
        if (before !== undefined && before !== event.digest)
          broken.push(`transaction ${event.firstTxid} acknowledged twice: ${before}, ${event.digest}`);
        if ((facts.written.get(`${event.firstTxid} ${event.digest}`)?.size ?? 0) < 2)
          broken.push(`transaction ${event.firstTxid} acknowledged and not on a majority`);
        facts.acknowledged.set(event.firstTxid, event.digest);
        if (event.firstTxid > facts.highest) facts.highest = event.firstTxid;
      }
    },
    onLog: (role, level, message, nowMs) => log.push(`${nowMs.toFixed(1)} ${role} ${level} ${message}`),
    onEnd: (instance, end) => {
      log.push(`${world.nowMs.toFixed(1)} ${instance.id} ended: ${end.how} ${end.reason}`);
      if (end.how === 'crash' || (end.how === 'exit' && end.code !== 0))
        broken.push(`${instance.id} ${end.how}: ${end.reason}`);
    },
  });

  const nodes = new Map<string, Instance>();
  const startNode = (name: string): void =>
    void nodes.set(
      name,
      world.machine(name).launch(
        name,
        options.nodeMain ??
          ((host) =>
            startJournalNode(host, {
              editsDir: '/jn',
              editsDirs: {},
              rpc: { host: name, port: 8485 },
              http: { host: name, port: 8480 },
              cacheBytes: undefined,
              fetchTimeoutMs: 1000,
              connectTimeoutMs: 500,
            })),
      ),
    );
  NODES.forEach(startNode);
  let formatted = false;
  world.machine('w1').launch('format', async (host) => {
    const journal = openQuorumJournal(host, { uri: URI, nsInfo, config, rpcUser: 'hdfs' });
    await journal.format({ force: false });
    await journal.close();
    formatted = true;
  });
  await world.run({ untilMs: 5000, until: () => formatted });
  const writers = new Map<string, Instance>();
  const startWriter = (name: string): void =>
    void writers.set(
      name,
      world.machine(name).launch(name, (host) => write(host, facts)),
    );
  WRITERS.forEach(startWriter);

  const end = world.nowMs + (options.durationMs ?? 20_000);
  const fault = (): void => {
    if (world.nowMs >= end - 4000) return;
    faults += 1;
    const name = NODES[random.below(3)]!;
    const downMs = 50 + random.below(2500);
    const machine = world.machine(name);
    switch (random.below(8)) {
      case 0:
        nodes.get(name)!.kill();
        world.at(downMs, () => {
          if (machine.isUp && nodes.get(name)!.dead) startNode(name);
        });
        break;
      case 1:
        machine.powerOff();
        world.at(downMs, () => {
          machine.powerOn();
          if (nodes.get(name)!.dead) startNode(name);
        });
        break;
      case 2: {
        const instance = nodes.get(name)!;
        instance.pause();
        world.at(downMs, () => instance.resume());
        break;
      }
      case 3: {
        const writer = WRITERS[random.below(2)]!;
        world.partition(writer, name);
        world.at(downMs, () => world.healAll());
        break;
      }
      case 4: {
        const writer = WRITERS[random.below(2)]!;
        writers.get(writer)!.kill();
        world.at(downMs, () => {
          if (writers.get(writer)!.dead) startWriter(writer);
        });
        break;
      }
      case 5: {
        machine.files.faults = { failure: undefined, slowMs: 20 + random.below(300) };
        world.at(downMs, () => {
          machine.files.faults = NO_DISK_FAULTS;
        });
        break;
      }
      case 6:
        // The whole rack: what was not synced is lost on all of them at once.
        for (const each of NODES) world.machine(each).files.faults = { failure: undefined, slowMs: 500 };
        world.at(20 + random.below(250), () => {
          for (const each of NODES) {
            world.machine(each).powerOff();
            world.machine(each).files.faults = NO_DISK_FAULTS;
            world.at(random.below(1000), () => {
              world.machine(each).powerOn();
              if (nodes.get(each)!.dead) startNode(each);
            });
          }
        });
        break;
      default: {
        const instance = writers.get(WRITERS[random.below(2)]!)!;
        instance.pause();
        world.at(downMs, () => instance.resume());
      }
    }
    world.at(random.below(1200), fault);
  };
  world.at(500, fault);
  await world.run({ untilMs: end, until: () => broken.length > 0 });
  facts.stop = true;
  const fail = (what: string): never => {
    throw Object.assign(new Error(`seed=${seed} at ${world.nowMs.toFixed(0)} ms: ${what}`), { log });
  };
  if (broken.length > 0) fail(broken[0]!);

  // All healed: one more take-over must find everything.
  for (const instance of writers.values()) instance.kill();
  for (const name of NODES) if (nodes.get(name)!.dead) startNode(name);
  world.healAll();
  let last: bigint | undefined;
  world.machine('w1').launch('last', async (host) => {
    await sleep(host, 2000);
    const journal = openQuorumJournal(host, { uri: URI, nsInfo, config, rpcUser: 'hdfs' });
    await writeTurn(host, journal, { ...facts, stop: true }, 0);
    await journal.close();
    last = facts.highest;
  });
  await world.run({ untilMs: world.nowMs + 15_000, until: () => last !== undefined || broken.length > 0 });
  if (broken.length > 0) fail(broken[0]!);
  if (last === undefined) fail('the journal does not come back when all faults are over');
  compareFinalized(world, fail);
  return { digest: world.digest(), acknowledged: facts.acknowledged.size, takeOvers: facts.takeOvers, faults, log };
}

/** Finalized segments of the same range hold the same bytes on every node. */
function compareFinalized(world: World, fail: (what: string) => never): void {
  const seen = new Map<string, { node: string; bytes: Buffer }>();
  for (const node of NODES) {
    for (const { name, bytes } of filesOf(world, node)) {
      if (parseEditsName(name)?.kind !== 'finalized') continue;
      const other = seen.get(name);
      if (other === undefined) seen.set(name, { node, bytes });
      else if (!other.bytes.equals(bytes)) fail(`${name} differs between ${other.node} and ${node}`);
    }
  }
}

function filesOf(world: World, node: string): { name: string; bytes: Buffer }[] {
  const directory = world.machine(node).files.find('/jn/book/current');
  if (!(directory instanceof DirectoryNode)) return [];
  return [...directory.children].flatMap(([name, file]) =>
    file instanceof FileNode ? [{ name, bytes: file.read(0, file.size) }] : [],
  );
}
