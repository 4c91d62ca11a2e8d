/**
 * HA: who may write, and who is active.
 *
 * - `ActiveBeforeFenced`: no NameNode becomes active while another is, unless that one has been fenced.
 * - `FencedIsOut`: who was active when it was to be fenced is not active when it is told to be fenced.
 * - `FencedBeforeBreadcrumb`: a ZKFC whose fencing failed names its own NameNode only under another lock, and after it
 *   has fenced.
 * - `AcceptedBeyondFence`: no NameNode acknowledges a write that the next writer of the journal does not have.
 * - `ActiveWithoutBreadcrumb`: whoever is made active has its name in the breadcrumb.
 */
import type { HaState } from '../../base/events.js';
import type { Check, Report } from './check.js';

export interface HaView {
  /** NameNode -> its state by its own word; a process that is gone has none. */
  readonly states: ReadonlyMap<string, HaState>;
  /** The NameNode that established the newest writer epoch. */
  readonly newestWriter: string | undefined;
}

/** `fencingWorks`: a fencing method that reports success has ended the target, which `shell(/bin/true)` does not. */
export function ha(report: Report, { fencingWorks }: { readonly fencingWorks: boolean }): Check & HaView {
  const states = new Map<string, HaState>();
  const activeSinceMs = new Map<string, number>();
  /** ZKFC -> when it began to fence. */
  const fencingSinceMs = new Map<string, number>();
  /** ZKFC -> whom it could not fence, under the lock that it holds. */
  const unfenced = new Map<string, string>();
  /** Active ones that somebody has fenced since. */
  const fenced = new Set<string>();
  const writerEpoch = new Map<string, bigint>();
  const recovered = new Map<bigint, bigint>();
  let newest: { role: string; epoch: bigint } | undefined;
  let breadcrumb: string | undefined;

  return {
    states,
    get newestWriter() {
      return newest?.role;
    },

    onEvent(event, nowMs) {
      const { role } = event;
      switch (event.type) {
        case 'HaStateChanged':
          states.set(role, event.to);
          activeSinceMs.set(role, nowMs);
          fenced.delete(role);
          if (event.to !== 'ACTIVE') break;
          for (const [other, state] of states) {
            if (other !== role && state === 'ACTIVE' && !fenced.has(other))
              report('ActiveBeforeFenced', nowMs, `${role} becomes active, and ${other} is active and was not fenced`);
          }
          break;
        case 'FencingStarted':
          fencingSinceMs.set(role, nowMs);
          break;
        case 'FencingFailed':
          unfenced.set(role, event.target);
          break;
        case 'LockLost':
          unfenced.delete(role);
          break;
        case 'ActiveFenced':
          fenced.add(event.target);
          if (
            states.get(event.target) === 'ACTIVE' &&
            activeSinceMs.get(event.target)! < (fencingSinceMs.get(role) ?? 0) &&
            (fencingWorks || event.method === 'transitionToStandby')
          ) {
            report(
              'FencedIsOut',
              nowMs,
              `${role} takes ${event.target} for fenced (by ${event.method}), which is active all the same`,
            );
          }
          break;
        case 'BreadcrumbWritten':
          breadcrumb = event.nameNode;
          if (unfenced.has(role))
            report(
              'FencedBeforeBreadcrumb',
              nowMs,
              `${role} puts ${event.nameNode} into the breadcrumb in place of ${unfenced.get(role)}, which it could ` +
                'not fence',
            );
          break;
        case 'ActivationRequested':
          if (breadcrumb !== event.target)
            report(
              'ActiveWithoutBreadcrumb',
              nowMs,
              `${event.target} is to become active, but the breadcrumb names ${breadcrumb ?? 'nobody'}`,
            );
          break;
        case 'WriterEpochEstablished':
          writerEpoch.set(role, event.epoch);
          if (newest === undefined || event.epoch > newest.epoch) newest = { role, epoch: event.epoch };
          break;
        case 'SegmentsRecovered':
          recovered.set(writerEpoch.get(role) ?? 0n, event.lastTxid);
          break;
        default:
      }
    },

    onTrace(event) {
      if (event.type !== 'MutationAcknowledged') return;
      const epoch = writerEpoch.get(event.role) ?? 0n;
      for (const [later, end] of recovered) {
        if (later > epoch && event.txid > end) {
          report(
            'AcceptedBeyondFence',
            event.nowMs,
            `${event.role}, writer of epoch ${epoch}, acknowledges ${event.path} (transaction ${event.txid}), but ` +
              `epoch ${later} went on from ${end}`,
          );
        }
      }
    },

    onEnd(role) {
      states.delete(role);
      fenced.delete(role);
      unfenced.delete(role);
    },
  };
}

export interface NamespaceOperation {
  readonly client: string;
  readonly kind: 'mkdirs' | 'rename';
  readonly path: string;
  /** rename */
  readonly target?: string;
  readonly startMs: number;
  endMs?: number;
  /** `refused`: answered with false. */
  outcome?: 'ok' | 'refused';
}

/**
 * In the end, after one more failover.
 *
 * - `AcknowledgedWriteKept`: everything acknowledged is in the namespace.
 * - `RetryAnsweredOnce`: a call that is repeated after a failover is not carried out twice.
 */
export function judgeNamespace(
  history: readonly NamespaceOperation[],
  paths: ReadonlySet<string>,
  nowMs: number,
  report: Report,
): void {
  const moved = new Map(history.filter((op) => op.kind === 'rename').map((op) => [op.path, op]));
  for (const op of history) {
    if (op.kind === 'mkdirs') {
      if (op.outcome !== 'ok') continue;
      const later = moved.get(op.path);
      if (later === undefined && !paths.has(op.path))
        report('AcknowledgedWriteKept', nowMs, `${op.path} was acknowledged and is not there`);
      // A rename without an answer: one of the two.
      if (later !== undefined && later.outcome === undefined && !paths.has(op.path) && !paths.has(later.target!))
        report('AcknowledgedWriteKept', nowMs, `${op.path} was acknowledged and is not there`);
    } else if (op.outcome === 'ok') {
      if (!paths.has(op.target!))
        report('AcknowledgedWriteKept', nowMs, `the rename to ${op.target} was acknowledged and is not there`);
      if (paths.has(op.path)) report('AcknowledgedWriteKept', nowMs, `${op.path} was renamed and is still there`);
    } else if (op.outcome === 'refused') {
      report(
        'RetryAnsweredOnce',
        nowMs,
        `the rename of ${op.path} was answered with false, though nobody else renames it`,
      );
    }
  }
}
