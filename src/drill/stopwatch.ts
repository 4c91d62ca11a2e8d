/**
 * The failover stopwatch: from a lab's events, when each phase of a takeover ended. Pure. A phase that left no event (a
 * host that died cannot say what it detected) is counted into the next one that did.
 */
import type { StampedEvent } from '../base/events.js';

export const PHASES = ['detect', 'expire', 'elect', 'fence', 'recover', 'catchUp', 'serve'] as const;
export type Phase = (typeof PHASES)[number];

export interface FailoverTimes {
  readonly totalMs: number;
  /** Length of each phase; undefined where it left no trace. Those that are there add up to the total. */
  readonly phases: Readonly<Record<Phase, number | undefined>>;
}

export interface FailoverFacts {
  /** When the fault struck, wall clock. */
  readonly faultAtMs: number;
  /** When the first write issued after it was acknowledged. */
  readonly servedAtMs: number;
  /** The NameNode that was active. */
  readonly from: string;
  /** The one that took over. */
  readonly to: string;
  /** ZKFC ids of both. */
  readonly fromZkfc: string;
  readonly toZkfc: string;
  /** Session that held the lock before. */
  readonly lockSession: bigint | undefined;
}

export function failoverTimes(events: readonly StampedEvent[], facts: FailoverFacts): FailoverTimes {
  const after = events.filter((event) => event.wallMs >= facts.faultAtMs && event.wallMs <= facts.servedAtMs);
  const first = (match: (event: StampedEvent) => boolean): number | undefined => after.find(match)?.wallMs;
  const ends: Readonly<Record<Phase, number | undefined>> = {
    // The ZKFC beside it sees that the NameNode is gone, or leaves the election for another reason.
    detect: first(
      (event) =>
        event.role === facts.fromZkfc &&
        ((event.type === 'HealthChanged' && event.to !== 'SERVICE_HEALTHY') ||
          event.type === 'LockLost' ||
          event.type === 'ElectionLeft'),
    ),
    // The lock's session is over: closed by its owner, or expired by the ensemble.
    expire: first(
      (event) =>
        (event.type === 'SessionExpired' || event.type === 'SessionClosed') && event.session === facts.lockSession,
    ),
    elect: first((event) => event.role === facts.toZkfc && event.type === 'LockCreated'),
    fence: first((event) => event.role === facts.toZkfc && event.type === 'ActivationRequested'),
    recover: first((event) => event.role === facts.to && event.type === 'SegmentsRecovered'),
    catchUp: first((event) => event.role === facts.to && event.type === 'EditsCaughtUp'),
    serve: facts.servedAtMs,
  };
  const phases = {} as Record<Phase, number | undefined>;
  let at = facts.faultAtMs;
  for (const phase of PHASES) {
    const end = ends[phase];
    phases[phase] = end === undefined ? undefined : Math.max(0, end - at);
    if (end !== undefined) at = Math.max(at, end);
  }
  return { totalMs: facts.servedAtMs - facts.faultAtMs, phases };
}
