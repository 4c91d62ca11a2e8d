/**
 * What ZooKeeper's clients saw, judged as a whole once the run is over. Writes and version-checked sets are
 * linearizable; reads are not: for them the order within a session holds.
 *
 * - `RealTimeOrder`: a write acknowledged before another was asked for comes before it.
 * - `VersionUnique`: no two acknowledged sets of a node made the same version of it, and a checked set followed what
 *   it checked.
 * - `VersionOrder`: versions of a node grow in the order of the zxids that made them.
 * - `CheckedSetRefused`: a checked set is refused only if the node was not at that version at some time while it was
 *   under way.
 * - `MultiAtomic`: the parts of a multi are there together or not at all, and as it was answered.
 * - `SequentialUnique`: no two creations of a sequential node gave the same name.
 * - `SessionFifo`: what a session asked for takes effect in that order, answered or not.
 * - `SessionOrder`: within a session nothing older is seen than what was seen or written before.
 * - `AcknowledgedWriteKept`: what was acknowledged is there in the end, on every server.
 * - `ServersAgree`: in the end all servers show the same.
 * - `EphemeralOutlivesSession`: in the end no ephemeral node is there whose session is over.
 */
import { zxidText } from '../../base/zxid.js';
import type { Report } from './check.js';

export interface ZkOperation {
  /** Client process and session: `c1/0x1000…`. */
  readonly session: string;
  readonly kind: 'create' | 'createEphemeral' | 'createSequential' | 'set' | 'checkedSet' | 'read' | 'delete' | 'multi';
  readonly path: string;
  /** multi: what it creates beside `path`. */
  readonly twin?: string;
  readonly startMs: number;
  /** undefined: never answered, may or may not have happened. */
  endMs?: number;
  /** 0 or the KeeperException code's name; undefined: unknown. */
  outcome?: 'ok' | 'refused' | 'unknown';
  /** Of the write itself; of a read, the node's mzxid. */
  zxid?: bigint;
  version?: number;
  /** checkedSet: the version asked for. */
  checked?: number;
}

const WRITES = ['create', 'createEphemeral', 'createSequential', 'set', 'checkedSet', 'multi'];

export function judgeZkHistory(history: readonly ZkOperation[], nowMs: number, report: Report): void {
  const acknowledged = history.filter((op) => op.outcome === 'ok' && op.endMs !== undefined);
  realTimeOrder(acknowledged, nowMs, report);
  versionOrder(history, nowMs, report);

  const versions = new Map<string, string>();
  const names = new Set<string>();
  for (const op of acknowledged) {
    if ((op.kind === 'set' || op.kind === 'checkedSet') && op.version !== undefined) {
      const key = `${op.path} version ${op.version}`;
      const other = versions.get(key);
      if (other !== undefined) report('VersionUnique', nowMs, `${key} was made by ${other} and by ${op.session}`);
      versions.set(key, op.session);
      if (op.kind === 'checkedSet' && op.version !== op.checked! + 1) {
        report(
          'VersionUnique',
          nowMs,
          `${op.session} set ${op.path} at version ${op.checked} and made version ${op.version}`,
        );
      }
    }
    if (op.kind === 'createSequential') {
      if (names.has(op.path)) report('SequentialUnique', nowMs, `${op.path} was made twice`);
      names.add(op.path);
    }
  }

  const seen = new Map<string, bigint>();
  for (const op of acknowledged) {
    if (op.zxid === undefined) continue;
    // Per node: a session's writes and reads of it never go back.
    const key = `${op.session} ${op.path}`;
    const before = seen.get(key);
    if (before !== undefined && op.zxid < before)
      report(
        'SessionOrder',
        nowMs,
        `${op.session} saw ${op.path} as of ${zxidText(op.zxid)} after ${zxidText(before)}`,
      );
    if (before === undefined || op.zxid > before) seen.set(key, op.zxid);
  }
}

function realTimeOrder(acknowledged: readonly ZkOperation[], nowMs: number, report: Report): void {
  const writes = acknowledged
    .filter((op) => WRITES.includes(op.kind) && op.zxid !== undefined)
    .sort((a, b) => (a.zxid! < b.zxid! ? -1 : 1));
  let earliestEnd: ZkOperation | undefined;
  for (const op of [...writes].reverse()) {
    if (earliestEnd !== undefined && earliestEnd.endMs! < op.startMs) {
      report(
        'RealTimeOrder',
        nowMs,
        `${earliestEnd.path} (${zxidText(earliestEnd.zxid!)}) was acknowledged before ${op.path} ` +
          `(${zxidText(op.zxid!)}) was asked for`,
      );
    }
    if (earliestEnd === undefined || op.endMs! < earliestEnd.endMs!) earliestEnd = op;
  }
}

const isSet = (op: ZkOperation): boolean => op.kind === 'set' || op.kind === 'checkedSet';

/** Per node: versions and zxids grow together, and what refused a checked set had happened. */
function versionOrder(history: readonly ZkOperation[], nowMs: number, report: Report): void {
  const sets = history.filter(isSet);
  for (const path of new Set(sets.map((op) => op.path))) {
    const ops = sets.filter((op) => op.path === path);
    const made = new Map(ops.filter((op) => op.outcome === 'ok').map((op) => [op.version!, op]));
    let last: ZkOperation | undefined;
    for (const op of [...made.values()].sort((a, b) => (a.zxid! < b.zxid! ? -1 : 1))) {
      if (last !== undefined && op.version! <= last.version!)
        report(
          'VersionOrder',
          nowMs,
          `${path} has version ${op.version} at ${zxidText(op.zxid!)} after version ${last.version} at ` +
            `${zxidText(last.zxid!)}`,
        );
      last = op;
    }
    for (const op of ops) {
      if (op.kind !== 'checkedSet' || op.outcome !== 'refused') continue;
      // Was at this version before it was asked, and still when it was answered: as far as both neighbours are known.
      const maker = made.get(op.checked!);
      const next = made.get(op.checked! + 1);
      if (
        (op.checked === 0 || (maker !== undefined && maker.endMs! < op.startMs)) &&
        next !== undefined &&
        next.startMs > op.endMs!
      ) {
        report(
          'CheckedSetRefused',
          nowMs,
          `${op.session} asked to set ${path} at version ${op.checked} and was refused, but it was at that version`,
        );
      }
    }
  }
}

/**
 * A creation that nobody answered, and that happened after what its session asked for later: it came by a server that
 * the session had left.
 */
function sessionFifo(history: readonly ZkOperation[], { nodes }: ZkServerView, nowMs: number, report: Report): void {
  /** session -> the first zxid of what it was answered, from the end of its history to where we are. */
  const firsts = new Map<string, ZkOperation>();
  for (const op of [...history].reverse()) {
    const first = firsts.get(op.session);
    const zxid = op.kind === 'create' && op.outcome !== 'ok' ? nodes.get(op.path)?.mzxid : undefined;
    if (zxid !== undefined && first !== undefined && first.startMs > (op.endMs ?? Infinity) && zxid > first.zxid!) {
      report(
        'SessionFifo',
        nowMs,
        `${op.session} asked for ${op.path} before ${first.path}, but they are at ${zxidText(zxid)} and ` +
          `${zxidText(first.zxid!)}`,
      );
    }
    if (
      op.outcome === 'ok' &&
      op.zxid !== undefined &&
      WRITES.includes(op.kind) &&
      (first === undefined || op.zxid < first.zxid!)
    )
      firsts.set(op.session, op);
  }
}

/** `children`: names in the directory of multis at one moment, on one server; each is `name-a` or its twin `name-b`. */
export function judgeTwins(children: readonly string[], where: string, nowMs: number, report: Report): void {
  const there = new Set(children);
  for (const child of children) {
    const twin = child.replace(/[ab]$/, (end) => (end === 'a' ? 'b' : 'a'));
    if (!there.has(twin)) report('MultiAtomic', nowMs, `${where} shows ${child} without ${twin}`);
  }
}

/** What one server shows in the end. */
export interface ZkServerView {
  readonly server: string;
  /** path -> version and mzxid, and the owner of an ephemeral node (0n: none). */
  readonly nodes: ReadonlyMap<string, { readonly version: number; readonly mzxid: bigint; readonly owner: bigint }>;
}

/** `liveSessions`: those that may still own nodes. */
export function judgeZkEnd(
  history: readonly ZkOperation[],
  views: readonly ZkServerView[],
  liveSessions: ReadonlySet<bigint>,
  nowMs: number,
  report: Report,
): void {
  const text = (view: ZkServerView): string =>
    [...view.nodes]
      .map(([path, node]) => `${path} ${node.version} ${node.mzxid} ${node.owner}`)
      .sort()
      .join('\n');
  for (const view of views.slice(1)) {
    if (text(view) !== text(views[0]!)) {
      const ours = new Set(text(views[0]!).split('\n'));
      const differing =
        text(view)
          .split('\n')
          .find((line) => !ours.has(line)) ?? 'a node is missing';
      report('ServersAgree', nowMs, `${views[0]!.server} and ${view.server} differ: ${differing}`);
    }
  }
  // A deletion that was not refused may have happened, at any time after it was asked for.
  const mayBeGone = new Set(
    history.filter((op) => op.kind === 'delete' && op.outcome !== 'refused').map((op) => op.path),
  );
  if (views[0] !== undefined) sessionFifo(history, views[0], nowMs, report);
  for (const view of views) {
    for (const op of history) {
      if (op.kind === 'multi' && op.outcome !== undefined && op.outcome !== 'unknown') {
        const parts = [op.path, op.twin!].filter((path) => view.nodes.has(path)).length;
        if (parts !== (op.outcome === 'ok' ? 2 : 0))
          report(
            'MultiAtomic',
            nowMs,
            `a multi was answered with ${op.outcome}, and ${view.server} shows ${parts} of ${op.path} and ${op.twin}`,
          );
      }
      if (op.outcome !== 'ok' || mayBeGone.has(op.path)) continue;
      const node = view.nodes.get(op.path);
      if (op.kind === 'create' || op.kind === 'createSequential') {
        if (node === undefined)
          report(
            'AcknowledgedWriteKept',
            nowMs,
            `${op.path} (${zxidText(op.zxid ?? 0n)}) was acknowledged and is not on ${view.server}`,
          );
      } else if (op.kind === 'set' || op.kind === 'checkedSet') {
        if (node === undefined || node.version < op.version!) {
          report(
            'AcknowledgedWriteKept',
            nowMs,
            `version ${op.version} of ${op.path} was acknowledged; ${view.server} has ${node?.version ?? 'nothing'}`,
          );
        }
      }
    }
    for (const [path, { owner }] of view.nodes) {
      if (owner !== 0n && !liveSessions.has(owner)) {
        report(
          'EphemeralOutlivesSession',
          nowMs,
          `${view.server} shows ${path} of session 0x${owner.toString(16)}, which is over`,
        );
      }
    }
  }
}
