/** What an error of an RPC call says about the next attempt. Mirrors RetryPolicies.FailoverOnNetworkExceptionRetry. */
import { hasCode, type LabError } from '../../base/errors.js';
import { JavaException, remoteClassName } from '../../wire/hadoop/rpc/exceptions.js';
import type { Fault } from './failover-proxy.js';

export function faultOf(error: LabError): Fault {
  const className = remoteClassName(error);
  if (className !== undefined) {
    if (className === JavaException.STANDBY) return 'failover';
    return className === JavaException.RETRIABLE ? 'retry' : 'final';
  }
  if (hasCode(error, 'CONNECT_REFUSED', 'CONNECT_TIMEOUT', 'HOST_UNREACHABLE', 'HOST_UNKNOWN')) return 'failover';
  if (hasCode(error, 'CONNECTION_RESET', 'CONNECTION_CLOSED', 'RPC_TIMEOUT')) return 'lost';
  return 'final';
}
