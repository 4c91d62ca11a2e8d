/**
 * Which operation a state serves, and who may ask for a transition. Pure. Mirrors HAState.checkOperation in
 * org.apache.hadoop.hdfs.server.namenode.ha.{ActiveState, StandbyState} and NameNode.checkHaStateChange.
 */
import type { HaState } from '../../base/events.js';
import { HadoopError } from '../namespace/errors.js';

export type OperationCategory = 'READ' | 'WRITE' | 'CHECKPOINT' | 'JOURNAL' | 'UNCHECKED';

/** HAServiceState's own names. */
export function stateText(state: HaState): string {
  return state.toLowerCase();
}

/** Why the state does not serve this category; undefined if it does. */
export function refusedInState(
  state: HaState,
  category: OperationCategory,
  allowStaleReads: boolean,
): HadoopError | undefined {
  if (state === 'ACTIVE' || category === 'UNCHECKED') return undefined;
  if (category === 'READ' && (state === 'OBSERVER' || (allowStaleReads && state === 'STANDBY'))) return undefined;
  return new HadoopError(
    // A client of an observer is sent to the active alone, not on to the next NameNode.
    category === 'WRITE' && state === 'OBSERVER' ? 'ObserverRetryOnActiveException' : 'StandbyException',
    `Operation category ${category} is not supported in state ${stateText(state)}. Visit ` +
      `https://s.apache.org/sbnn-error`,
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
