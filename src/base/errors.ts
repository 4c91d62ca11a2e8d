/**
 * LabError: the one error type of the project. What a user sees is `message` (what is wrong, with the file, key, line,
 * port or directory) and `remedy` (what to do about it); what code looks at is `code` and `data`.
 */

/** The closed set of codes. The ones in capitals are ours; the others are KeeperException's names. */
const CODES = {
  JOURNAL_NOT_FORMATTED: true,
  JAVA_EXCEPTION: true,
  ADDRESS_IN_USE: true,
  ADDRESS_NOT_AVAILABLE: true,
  ALREADY_RUNNING: true,
  ASSERTION: true,
  AUTO_FAILOVER_NOT_ENABLED: true,
  BAD_CONFIG: true,
  BAD_FENCING: true,
  BAD_LAB: true,
  BAD_PATH: true,
  BAD_SEGMENT: true,
  BAD_TOPOLOGY: true,
  CLOSED: true,
  CONFIG_MISSING: true,
  CONNECTION_CLOSED: true,
  CONNECTION_RESET: true,
  CONNECT_REFUSED: true,
  CONNECT_TIMEOUT: true,
  CORRUPT: true,
  DISK_FAILED: true,
  DISK_FULL: true,
  EDITS_GAP: true,
  EXEC_FAILED: true,
  EXEC_TIMEOUT: true,
  FAILOVER_FAILED: true,
  FENCED: true,
  FOREIGN_LOG: true,
  FORMAT_FAILED: true,
  HALF_FORMATTED: true,
  HOST_UNKNOWN: true,
  HOST_UNREACHABLE: true,
  HTTP_MALFORMED: true,
  HTTP_STATUS: true,
  HTTP_TIMEOUT: true,
  IMAGE_TRANSFER: true,
  INCONSISTENT: true,
  LAUNCH_FAILED: true,
  LIVELOCK: true,
  LOCKED: true,
  MALFORMED: true,
  MYID_MISSING: true,
  NOT_BUILT: true,
  NOT_FORMATTED: true,
  NOT_FOUND: true,
  NOT_READY: true,
  NOT_RUNNING: true,
  NO_ANSWER: true,
  NO_FENCER: true,
  NO_IMAGE: true,
  NO_LAB: true,
  NO_PARENT_ZNODE: true,
  NO_SUCH_ROLE_NOW: true,
  NO_TAKEOVER: true,
  NO_ZOOKEEPER: true,
  OTHER_TOPOLOGY: true,
  PORT_FORBIDDEN: true,
  QUORUM_LOST: true,
  REMOTE: true,
  ROLE_DIED: true,
  RPC_CLIENT_CLOSED: true,
  RPC_TIMEOUT: true,
  SERVICE_FAILED: true,
  SHELL_FAILED: true,
  SUPERVISOR_GONE: true,
  TOO_LARGE: true,
  TOO_LONG: true,
  UNKNOWN_TARGET: true,
  UNSUPPORTED: true,
  UNSUPPORTED_IMAGE: true,
  UNSUPPORTED_LAYOUT: true,
  UNSUPPORTED_OP: true,
  USAGE: true,
  ZOOKEEPER_FAILED: true,
  // org.apache.zookeeper.KeeperException.Code
  APIError: true,
  AuthFailed: true,
  BadArguments: true,
  BadVersion: true,
  ConnectionLoss: true,
  DataInconsistency: true,
  EphemeralOnLocalSession: true,
  InvalidACL: true,
  InvalidCallback: true,
  MarshallingError: true,
  NewConfigNoQuorum: true,
  NoAuth: true,
  NoChildrenForEphemerals: true,
  NoNode: true,
  NoWatcher: true,
  NodeExists: true,
  NotEmpty: true,
  NotReadOnly: true,
  OperationTimeout: true,
  QuotaExceeded: true,
  ReconfigDisabled: true,
  ReconfigInProgress: true,
  RequestTimeout: true,
  RuntimeInconsistency: true,
  SessionClosedRequireSaslAuth: true,
  SessionExpired: true,
  SessionMoved: true,
  SystemError: true,
  Unimplemented: true,
  UnknownError: true,
  UnknownSession: true,
} as const;

export type LabErrorCode = keyof typeof CODES;

export class LabError extends Error {
  readonly code: LabErrorCode;
  readonly data: Readonly<Record<string, unknown>>;
  readonly remedy: string | undefined;

  constructor(
    code: LabErrorCode,
    message: string,
    options: { remedy?: string; data?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.remedy = options.remedy;
    this.data = Object.freeze({ ...options.data });
  }

  /** Two lines for a terminal: the fault, then the remedy. */
  override toString(): string {
    return this.remedy === undefined ? this.message : `${this.message}\n  ${this.remedy}`;
  }
}

/** True for a LabError with one of these codes. */
export function hasCode<Code extends LabErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is LabError & { readonly code: Code } {
  return error instanceof LabError && (codes as readonly LabErrorCode[]).includes(error.code);
}

/**
 * What a process ends with after this: the `data.exitCode` of an error that has one of its own (Hadoop and ZooKeeper
 * give some failures their own), else 1.
 */
export function exitCodeOf(error: unknown): number {
  const code = error instanceof LabError ? error.data['exitCode'] : undefined;
  return typeof code === 'number' ? code : 1;
}

/** What a person is told of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A broken invariant of our own: never the user's fault, never caught to carry on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new LabError('ASSERTION', `assertion failed: ${message}`);
}

/** Closes a switch over a closed set. */
export function unreachable(value: never): never {
  throw new LabError('ASSERTION', `unreachable value ${JSON.stringify(value)}`);
}
