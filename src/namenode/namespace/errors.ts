/** What the namespace refuses, as the Java exception a client will see: class name and Hadoop's words. */
import { LabError } from '../../base/errors.js';

const CLASSES = {
  IOException: 'java.io.IOException',
  FileNotFoundException: 'java.io.FileNotFoundException',
  UnsupportedOperationException: 'java.lang.UnsupportedOperationException',
  IllegalArgumentException: 'java.lang.IllegalArgumentException',
  HadoopIllegalArgumentException: 'org.apache.hadoop.HadoopIllegalArgumentException',
  FileAlreadyExistsException: 'org.apache.hadoop.fs.FileAlreadyExistsException',
  ParentNotDirectoryException: 'org.apache.hadoop.fs.ParentNotDirectoryException',
  PathIsNotEmptyDirectoryException: 'org.apache.hadoop.fs.PathIsNotEmptyDirectoryException',
  InvalidPathException: 'org.apache.hadoop.fs.InvalidPathException',
  AccessControlException: 'org.apache.hadoop.security.AccessControlException',
  PathComponentTooLongException: 'org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException',
  MaxDirectoryItemsExceededException:
    'org.apache.hadoop.hdfs.protocol.FSLimitException$MaxDirectoryItemsExceededException',
  AlreadyBeingCreatedException: 'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException',
  LeaseExpiredException: 'org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException',
  SafeModeException: 'org.apache.hadoop.hdfs.server.namenode.SafeModeException',
  StandbyException: 'org.apache.hadoop.ipc.StandbyException',
  RetriableException: 'org.apache.hadoop.ipc.RetriableException',
  ObserverRetryOnActiveException: 'org.apache.hadoop.ipc.ObserverRetryOnActiveException',
  ServiceFailedException: 'org.apache.hadoop.ha.ServiceFailedException',
  HealthCheckFailedException: 'org.apache.hadoop.ha.HealthCheckFailedException',
} as const;

export type JavaException = keyof typeof CLASSES;

/** Becomes `RpcCall.fail(className, message)`. */
export class HadoopError extends LabError {
  readonly exception: JavaException;
  readonly className: string;

  constructor(exception: JavaException, message: string) {
    super('JAVA_EXCEPTION', message);
    this.name = 'HadoopError';
    this.exception = exception;
    this.className = CLASSES[exception];
  }
}

/** `new InvalidPathException(path)` puts words of its own before the path. */
export function invalidPath(path: string): HadoopError {
  return new HadoopError('InvalidPathException', `Invalid path name ${path}`);
}
