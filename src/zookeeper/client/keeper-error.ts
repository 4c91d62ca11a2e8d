/**
 * What a failed call of the client rejects with: a LabError whose code is the name that KeeperException gives its own
 * code (`NoNode`, `NodeExists`, `BadVersion`, `ConnectionLoss`, `SessionExpired`, ...).
 */
import { LabError } from '../../base/errors.js';
import type { LabErrorCode } from '../../base/errors.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';

const names: ReadonlyMap<number, string> = new Map<number, string>([
  [ErrorCode.OK, 'ok'],
  [ErrorCode.SYSTEMERROR, 'SystemError'],
  [ErrorCode.RUNTIMEINCONSISTENCY, 'RuntimeInconsistency'],
  [ErrorCode.DATAINCONSISTENCY, 'DataInconsistency'],
  [ErrorCode.CONNECTIONLOSS, 'ConnectionLoss'],
  [ErrorCode.MARSHALLINGERROR, 'MarshallingError'],
  [ErrorCode.NEWCONFIGNOQUORUM, 'NewConfigNoQuorum'],
  [ErrorCode.RECONFIGINPROGRESS, 'ReconfigInProgress'],
  [ErrorCode.UNKNOWNSESSION, 'UnknownSession'],
  [ErrorCode.UNIMPLEMENTED, 'Unimplemented'],
  [ErrorCode.OPERATIONTIMEOUT, 'OperationTimeout'],
  [ErrorCode.BADARGUMENTS, 'BadArguments'],
  [ErrorCode.APIERROR, 'APIError'],
  [ErrorCode.NONODE, 'NoNode'],
  [ErrorCode.NOAUTH, 'NoAuth'],
  [ErrorCode.BADVERSION, 'BadVersion'],
  [ErrorCode.NOCHILDRENFOREPHEMERALS, 'NoChildrenForEphemerals'],
  [ErrorCode.NODEEXISTS, 'NodeExists'],
  [ErrorCode.NOTEMPTY, 'Directory not empty'],
  [ErrorCode.SESSIONEXPIRED, 'SessionExpired'],
  [ErrorCode.INVALIDCALLBACK, 'Invalid callback'],
  [ErrorCode.INVALIDACL, 'InvalidACL'],
  [ErrorCode.AUTHFAILED, 'AuthFailed'],
  [ErrorCode.SESSIONMOVED, 'Session moved'],
  [ErrorCode.NOTREADONLY, 'Not a read-only call'],
  [ErrorCode.EPHEMERALONLOCALSESSION, 'Ephemeral node on local session'],
  [ErrorCode.NOWATCHER, 'No such watcher'],
  [ErrorCode.REQUESTTIMEOUT, 'Request timeout'],
  [ErrorCode.RECONFIGDISABLED, 'Reconfig is disabled'],
  [ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, 'Session closed because client failed to authenticate'],
  [ErrorCode.QUOTAEXCEEDED, 'Quota has exceeded'],
]);

/** What KeeperException prints for a code: `NoNode` for -101, `Directory not empty` for -111. */
export function keeperCodeName(code: number): string {
  return names.get(code) ?? `Unknown error ${code}`;
}

/** The code as a LabError carries it: one word, so `NotEmpty` where ZooKeeper prints a sentence. */
export function keeperErrorCode(code: number): LabErrorCode {
  const name = keeperCodeName(code);
  return singleWords.get(code) ?? (names.has(code) ? (name as LabErrorCode) : 'UnknownError');
}

const singleWords: ReadonlyMap<number, LabErrorCode> = new Map<number, LabErrorCode>([
  [ErrorCode.NOTEMPTY, 'NotEmpty'],
  [ErrorCode.INVALIDCALLBACK, 'InvalidCallback'],
  [ErrorCode.SESSIONMOVED, 'SessionMoved'],
  [ErrorCode.NOTREADONLY, 'NotReadOnly'],
  [ErrorCode.EPHEMERALONLOCALSESSION, 'EphemeralOnLocalSession'],
  [ErrorCode.NOWATCHER, 'NoWatcher'],
  [ErrorCode.REQUESTTIMEOUT, 'RequestTimeout'],
  [ErrorCode.RECONFIGDISABLED, 'ReconfigDisabled'],
  [ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, 'SessionClosedRequireSaslAuth'],
  [ErrorCode.QUOTAEXCEEDED, 'QuotaExceeded'],
]);

/** `KeeperErrorCode = NoNode for /a`; `data.code` holds the number. */
export function keeperError(code: number, path?: string): LabError {
  const message = `KeeperErrorCode = ${keeperCodeName(code)}${path === undefined ? '' : ` for ${path}`}`;
  return new LabError(keeperErrorCode(code), message, { data: path === undefined ? { code } : { code, path } });
}
