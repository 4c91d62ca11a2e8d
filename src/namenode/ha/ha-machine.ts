/**
 * The HA states of a NameNode as data: which transition is legal, what it consists of, which operation a state serves,
 * and who may ask. Pure. Mirrors org.apache.hadoop.hdfs.server.namenode.{NameNode, ha.HAState, ha.ActiveState,
 * ha.StandbyState}.
 *
 *     INITIALIZING -> STANDBY <-> ACTIVE        (without HA: INITIALIZING -> ACTIVE)
 *                     STANDBY <-> OBSERVER
 */
import type { HaState } from '../../base/events.js';
import { HadoopError } from '../namespace/errors.js';

/** The parts of a transition, carried out in this order by ha-service.ts. */
export type HaStep =
  | 'stopStandbyServices'
  /** Newer epoch, recovery, catch up, open for write, leases. */
  | 'startActiveServices'
  /** No edit any more; the last segment is closed and every reply is out. */
  | 'stopActiveServices'
  | 'startStandbyServices';

const STEPS: Readonly<Partial<Record<`${HaState}->${HaState}`, readonly HaStep[]>>> = {
  'INITIALIZING->STANDBY': ['startStandbyServices'],
  'INITIALIZING->OBSERVER': ['startStandbyServices'],
  'INITIALIZING->ACTIVE': ['startActiveServices'],
  'STANDBY->ACTIVE': ['stopStandbyServices', 'startActiveServices'],
  'ACTIVE->STANDBY': ['stopActiveServices', 'startStandbyServices'],
  'STANDBY->OBSERVER': ['stopStandbyServices', 'startStandbyServices'],
  'OBSERVER->STANDBY': ['stopStandbyServices', 'startStandbyServices'],
};

/** HAServiceState's own names. */
export function stateText(state: HaState): string {
  return state.toLowerCase();
}

export interface TransitionContext {
  readonly haEnabled: boolean;
  readonly inSafeMode: boolean;
  /** dfs.ha.nn.not-become-active-in-safemode */
  readonly notBecomeActiveInSafeMode: boolean;
}

/** The steps, none if the NameNode is there already. Throws ServiceFailedException in Hadoop's words. */
export function transition(from: HaState, to: HaState, context: TransitionContext): readonly HaStep[] {
  const refuse = (message: string): HadoopError => new HadoopError('ServiceFailedException', message);
  if (from !== 'INITIALIZING') {
    if (!context.haEnabled) throw refuse('HA for namenode is not enabled');
    if ((from === 'OBSERVER' && to === 'ACTIVE') || (from === 'ACTIVE' && to === 'OBSERVER')) {
      throw refuse(`Cannot transition from '${stateText(from)}' to '${stateText(to)}'`);
    }
    if (to === 'ACTIVE' && context.notBecomeActiveInSafeMode && context.inSafeMode)
      throw refuse('NameNode still not leave safemode');
  }
  if (from === to) return [];
  const steps = STEPS[`${from}->${to}`];
  if (steps === undefined) throw refuse(`Transition from state ${stateText(from)} to ${stateText(to)} is not allowed.`);
  return steps;
}

export type OperationCategory = 'READ' | 'WRITE' | 'CHECKPOINT' | 'JOURNAL' | 'UNCHECKED';

/** The words of a StandbyException; undefined if the state serves this category. */
export function refusedInState(
  state: HaState,
  category: OperationCategory,
  allowStaleReads: boolean,
): string | undefined {
  if (state === 'ACTIVE' || category === 'UNCHECKED') return undefined;
  if (category === 'READ' && (state === 'OBSERVER' || (allowStaleReads && state === 'STANDBY'))) return undefined;
  return (
    `Operation category ${category} is not supported in state ${stateText(state)}. Visit ` +
    `https://s.apache.org/sbnn-error`
  );
}

/** HAServiceProtocol.RequestSource */
export type RequestSource = 'REQUEST_BY_USER' | 'REQUEST_BY_USER_FORCED' | 'REQUEST_BY_ZKFC';

/** Throws AccessControlException: people may not act while ZKFCs do, and the other way round. */
export function checkRequestSource(source: RequestSource, automaticFailover: boolean, remoteAddress: string): void {
  if (source === 'REQUEST_BY_USER' && automaticFailover) {
    throw new HadoopError(
      'AccessControlException',
      'Manual HA control for this NameNode is disallowed, because automatic HA is enabled.',
    );
  }
  if (source === 'REQUEST_BY_ZKFC' && !automaticFailover) {
    throw new HadoopError(
      'AccessControlException',
      `Request from ZK failover controller at ${remoteAddress} denied since automatic HA is not enabled`,
    );
  }
}
