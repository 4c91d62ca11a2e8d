/**
 * One round of breaking a live lab: writers run, something is killed, the service comes back, what was killed is
 * started again, and what was acknowledged is looked for. The verdict is data; printing it is the command line's
 * business.
 */
import { LabError } from '../base/errors.js';
import type { StampedEvent } from '../base/events.js';
import { clientHost } from '../cluster/client-host.js';
import { control } from '../cluster/control.js';
import { readEvents } from '../cluster/events.js';
import type { Lab } from '../cluster/lab.js';
import { hostOf, rolesOfPlan, type PlannedRole } from '../cluster/plan.js';
import { createProber, type Prober } from '../cluster/probe.js';
import { waitFor } from '../cluster/ready.js';
import { startRoles } from '../cluster/start.js';
import { isSettled, rolesOf, type LabStatus } from '../cluster/status.js';
import { userName } from '../cluster/surroundings.js';
import { HADOOP_CLIENT, FailoverProxyShell, type NamedEndpoint } from '../namenode/client/failover-proxy-shell.js';
import { EnsembleWriter, longestSilenceMs } from './ensemble-writer.js';
import { failoverTimes, type FailoverTimes } from './stopwatch.js';
import { Workload, writableTogether, type Acknowledged, type Conflict, type Handover } from './writer.js';

export const FAULTS = ['active', 'zkfc', 'zk-leader', 'jn', 'host'] as const;
export type Fault = (typeof FAULTS)[number];

export interface RoundResult {
  readonly fault: Fault;
  readonly killed: readonly string[];
  readonly from: string;
  /** The active NameNode afterwards; the same one where no failover was needed. */
  readonly to: string;
  readonly failedOver: boolean;
  /**
   * From the fault to the first acknowledgement of a write issued by the new active (or the longest silence, without a
   * failover).
   */
  readonly outageMs: number;
  /** The longest time in which ZooKeeper acknowledged no write to a client of its own. */
  readonly zooKeeperOutageMs: number;
  readonly times: FailoverTimes | undefined;
  readonly acknowledged: number;
  /** What was acknowledged and is not there, in words. */
  readonly missing: readonly string[];
  readonly conflicts: readonly Conflict[];
}

export interface RoundOptions {
  readonly fault: Fault;
  readonly limitMs: number;
  readonly say?: (text: string) => void;
}

/**
 * Rejects LabError `NOT_SETTLED` if the lab is not fit for a round, `NO_TAKEOVER` if the service did not come back in
 * time.
 */
export async function runRound(lab: Lab, options: RoundOptions): Promise<RoundResult> {
  const prober = createProber(lab);
  const host = clientHost(lab, 'client-writer');
  const say = options.say ?? (() => {});
  const directory = `/drill/${Date.now().toString(36)}`;
  const workload = new Workload(host, nameNodesOf(lab), { user: userName(), directory, lanes: 2, pauseMs: 2 });
  const ensemble = new EnsembleWriter(host, zooKeepersOf(lab), `/halab-drill-${Date.now().toString(36)}`);
  let killed: readonly PlannedRole[] = [];
  const begunMs = Date.now();
  try {
    const before = await settled(lab, prober, 30_000);
    await Promise.all([workload.begin(), ensemble.begin()]);
    // Some writes before, so that there is something to lose.
    await waitFor(lab, { what: 'the first writes', limitMs: 10_000 }, async () =>
      workload.acknowledged.length >= 50 ? true : undefined,
    );
    killed = victims(lab, before, options.fault);
    const active = before.active!;
    const faultAtMs = Date.now();
    await control(lab, killed, 'kill');
    say(`killed ${killed.map((role) => role.id).join(', ')}`);

    const mustFailOver = options.fault === 'active' || options.fault === 'host' || options.fault === 'zkfc';
    const served = mustFailOver
      ? await firstBy(workload, lab, faultAtMs, (by) => by !== active, options.limitMs)
      : await quiet(workload, ensemble, lab, faultAtMs, options.limitMs);
    const zooKeeperOutageMs = ensemble.longestSilenceMs(faultAtMs);
    say(`${served.write.by} serves after ${served.outageMs} ms`);
    await startRoles(lab, killed, { limitMs: 60_000 });
    await settled(lab, prober, options.limitMs);
    // A JournalNode that was away takes part again only from the next segment on: until then the quorum can lose no
    // other.
    if (killed.some((role) => role.kind === 'journalnode')) await rejoined(lab, prober, killed, options.limitMs);
    const after = await settled(lab, prober, options.limitMs);
    // What the restarted ones do to the writes belongs to the round.
    await waitFor(lab, { what: 'writes after the restart', limitMs: 30_000 }, async () =>
      workload.acknowledged.some((write) => write.issuedAtMs > after.probedAt) ? true : undefined,
    );
    await workload.stop();
    const events = readEvents(lab.dir, begunMs);
    const lost = await ensemble.end();
    const missing = [
      ...(await missingOf(lab, directory, workload.acknowledged)),
      ...(lost === undefined ? [] : [lost]),
    ];
    const to = served.write.by;
    return {
      fault: options.fault,
      killed: killed.map((role) => role.id),
      from: active,
      to,
      failedOver: to !== active,
      outageMs: served.outageMs,
      zooKeeperOutageMs,
      times:
        to === active
          ? undefined
          : failoverTimes(events, {
              faultAtMs,
              servedAtMs: served.write.ackedAtMs,
              from: active,
              to,
              fromZkfc: zkfcOf(lab, active),
              toZkfc: zkfcOf(lab, to),
              lockSession: lockSession(before),
            }),
      acknowledged: workload.acknowledged.length,
      missing,
      conflicts: writableTogether(workload.acknowledged, handoversIn(events)),
    };
  } catch (error) {
    // What was broken is mended as far as it goes; the first fault is what is told.
    await startRoles(lab, killed, { limitMs: 20_000 }).catch(() => {});
    throw error;
  } finally {
    await Promise.all([workload.stop(), ensemble.close()]);
    await prober.close();
  }
}

export function nameNodesOf(lab: Lab): readonly NamedEndpoint[] {
  return rolesOfPlan(lab.plan)
    .filter((role) => role.kind === 'namenode')
    .map((role) => ({ id: role.id, host: hostOf(lab.plan, role.host).address, port: role.ports[0]! }));
}

function zooKeepersOf(lab: Lab): string {
  return rolesOfPlan(lab.plan)
    .filter((role) => role.kind === 'zookeeper')
    .map((role) => `${hostOf(lab.plan, role.host).address}:${role.ports[0]!}`)
    .join(',');
}

function victims(lab: Lab, status: LabStatus, fault: Fault): readonly PlannedRole[] {
  const all = rolesOfPlan(lab.plan);
  const active = all.find((role) => role.id === status.active)!;
  switch (fault) {
    case 'active':
      return [active];
    case 'zkfc':
      return all.filter((role) => role.kind === 'zkfc' && role.nameNodeId === active.nameNodeId);
    case 'host':
      return all.filter((role) => role.host === active.host);
    case 'zk-leader': {
      const leader = rolesOf(status).find((role) => role.mode === 'leader');
      return all.filter((role) => role.id === leader?.id);
    }
    // Not on the active's host only: each in turn.
    case 'jn': {
      const nodes = all.filter((role) => role.kind === 'journalnode');
      return [nodes[Math.floor(Date.now() / 1000) % nodes.length]!];
    }
  }
}

async function settled(lab: Lab, prober: Prober, limitMs: number): Promise<LabStatus> {
  return waitFor(
    lab,
    { what: 'the lab to settle (every role answering, one NameNode active)', limitMs, pollMs: 100 },
    async () => {
      const status = await prober.probe({ memory: false });
      return isSettled(status) && rolesOf(status).every((role) => role.answers && role.mode !== 'looking')
        ? status
        : undefined;
    },
  );
}

/**
 * Rolls the edit log, as an operator does (`hdfs dfsadmin -rollEdits`), until these JournalNodes have what is written
 * now.
 */
async function rejoined(lab: Lab, prober: Prober, roles: readonly PlannedRole[], limitMs: number): Promise<void> {
  const client = new FailoverProxyShell(clientHost(lab, 'client-check'), nameNodesOf(lab), {
    ...HADOOP_CLIENT,
    user: userName(),
  });
  const nodes = roles.filter((role) => role.kind === 'journalnode');
  try {
    const written = (await client.call('rollEdits', {})).response.newSegmentTxId;
    await waitFor(
      lab,
      {
        what: `${nodes.map((role) => role.id).join(', ')} to take part in the quorum again`,
        limitMs,
        roles: nodes,
        pollMs: 50,
      },
      async () => {
        const found = await Promise.all(nodes.map((role) => prober.look(role)));
        return found.every(({ txid }) => txid !== undefined && BigInt(txid) >= written) ? true : undefined;
      },
    );
  } finally {
    client.close();
  }
}

interface Served {
  readonly write: Acknowledged;
  readonly outageMs: number;
}

async function firstBy(
  workload: Workload,
  lab: Lab,
  faultAtMs: number,
  match: (by: string) => boolean,
  limitMs: number,
): Promise<Served> {
  try {
    return await waitFor(lab, { what: 'another NameNode to serve', limitMs, pollMs: 10 }, async () => {
      const write = workload.acknowledged.find((candidate) => candidate.ackedAtMs > faultAtMs && match(candidate.by));
      return write === undefined ? undefined : { write, outageMs: write.ackedAtMs - faultAtMs };
    });
  } catch (error) {
    throw new LabError('NO_TAKEOVER', `no other NameNode acknowledged a write within ${limitMs / 1000} s`, {
      remedy: `see \`halab status\` and the logs in ${lab.dir}/logs`,
      cause: error,
    });
  }
}

/**
 * How long the effects of a fault that needs no failover are watched: longer than an election of the ensemble takes.
 */
const WATCH_MS = 4000;

/** The longest silence after the fault: nobody has to take over. */
async function quiet(
  workload: Workload,
  ensemble: EnsembleWriter,
  lab: Lab,
  faultAtMs: number,
  limitMs: number,
): Promise<Served> {
  const write = await waitFor(lab, { what: 'a write after the fault', limitMs, pollMs: 20 }, async () => {
    const last = workload.acknowledged.at(-1);
    return last !== undefined && last.issuedAtMs > faultAtMs + WATCH_MS && ensemble.wroteAfter(faultAtMs + WATCH_MS)
      ? last
      : undefined;
  });
  return {
    write,
    outageMs: longestSilenceMs(
      workload.acknowledged.map(({ ackedAtMs }) => ackedAtMs),
      faultAtMs,
    ),
  };
}

/** Paths that were acknowledged and are not there. */
export async function missingOf(
  lab: Lab,
  directory: string,
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const client = new FailoverProxyShell(clientHost(lab, 'client-check'), nameNodesOf(lab), {
    ...HADOOP_CLIENT,
    user: userName(),
  });
  try {
    const listed = (await client.list(directory)) ?? [];
    const found = new Set(listed.map(({ path }) => `${directory}/${path.toString('utf8')}`));
    return acknowledged
      .filter(({ path }) => !found.has(path))
      .map(({ path }) => `${path} was acknowledged and is not there`);
  } finally {
    client.close();
  }
}

function handoversIn(events: readonly StampedEvent[]): readonly Handover[] {
  return events
    .filter((event) => event.type === 'BecameActive')
    .map((event) => ({ nameNode: event.role, atMs: event.wallMs }));
}

function zkfcOf(lab: Lab, nameNodeId: string): string {
  return (
    rolesOfPlan(lab.plan).find((role) => role.kind === 'zkfc' && role.nameNodeId === nameNodeId)?.id ??
    `zkfc of ${nameNodeId}`
  );
}

function lockSession(status: LabStatus): bigint | undefined {
  return status.lockHolder === undefined ? undefined : BigInt.asIntN(64, BigInt(status.lockHolder.session));
}
