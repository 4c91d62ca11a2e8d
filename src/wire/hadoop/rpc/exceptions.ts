/**
 * Names of the Java exceptions that cross the wire (RpcResponseHeaderProto.exceptionClassName): clients look at the
 * name to decide whether to fail over, to retry or to give up.
 */
import { LabError } from '../../../base/errors.js';

export const JavaException = {
  IO: 'java.io.IOException',
  FILE_NOT_FOUND: 'java.io.FileNotFoundException',
  ILLEGAL_ARGUMENT: 'java.lang.IllegalArgumentException',
  ILLEGAL_STATE: 'java.lang.IllegalStateException',
  UNSUPPORTED_OPERATION: 'java.lang.UnsupportedOperationException',
  STANDBY: 'org.apache.hadoop.ipc.StandbyException',
  RETRIABLE: 'org.apache.hadoop.ipc.RetriableException',
  OBSERVER_RETRY_ON_ACTIVE: 'org.apache.hadoop.ipc.ObserverRetryOnActiveException',
  NO_SUCH_METHOD: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
  NO_SUCH_PROTOCOL: 'org.apache.hadoop.ipc.RpcNoSuchProtocolException',
  RPC_SERVER: 'org.apache.hadoop.ipc.RpcServerException',
  PROTOCOL_VERSION_MISMATCH: 'org.apache.hadoop.ipc.RPC$VersionMismatch',
  MALFORMED_MESSAGE: 'org.apache.hadoop.thirdparty.protobuf.InvalidProtocolBufferException',
  ACCESS_CONTROL: 'org.apache.hadoop.security.AccessControlException',
  HEALTH_CHECK_FAILED: 'org.apache.hadoop.ha.HealthCheckFailedException',
  SERVICE_FAILED: 'org.apache.hadoop.ha.ServiceFailedException',
  FAILOVER_FAILED: 'org.apache.hadoop.ha.FailoverFailedException',
  SAFE_MODE: 'org.apache.hadoop.hdfs.server.namenode.SafeModeException',
  JOURNAL_OUT_OF_SYNC: 'org.apache.hadoop.hdfs.qjournal.protocol.JournalOutOfSyncException',
  JOURNAL_NOT_FORMATTED: 'org.apache.hadoop.hdfs.qjournal.protocol.JournalNotFormattedException',
} as const;

/**
 * The error of a call that the server answered with an exception: code `REMOTE`, the Java class name in
 * `data.className`.
 */
export function remoteException(className: string, message: string, data: Record<string, unknown> = {}): LabError {
  return new LabError('REMOTE', message, { data: { ...data, className } });
}

/** The Java class name of a REMOTE error; undefined for any other. */
export function remoteClassName(error: unknown): string | undefined {
  return error instanceof LabError && error.code === 'REMOTE' && typeof error.data['className'] === 'string'
    ? error.data['className']
    : undefined;
}
