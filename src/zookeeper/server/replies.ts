/**
 * Answers what needs more than this server's own tree: a write once its transaction is applied, a sync, a connect
 * request. Mirrors the writing half of org.apache.zookeeper.server.FinalRequestProcessor, and
 * ZooKeeperServer.finishSessionInit.
 */
import { ByteReader } from '../../base/bytes.js';
import { LabError, hasCode } from '../../base/errors.js';
import { readSaslRequest } from '../../wire/zookeeper/client/sasl.js';
import { writeConnectResponse } from '../../wire/zookeeper/client/connect.js';
import { writeMultiResponse } from '../../wire/zookeeper/client/multi.js';
import type { MultiResult } from '../../wire/zookeeper/client/multi.js';
import { writeStat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { readNullableUstring, writeBuffer, writeUstring } from '../../wire/jute/jute.js';
import type { TxnResult } from '../tree/txn-result.js';
import type { ClientConnection } from './connection.js';
import { HEADER_BYTES } from './request-order.js';
import type { ClientRequest } from './request-order.js';

/** Sends the reply. `zxid`: last applied here, the transaction's own. */
export function answerWrite(
  connection: ClientConnection,
  request: ClientRequest,
  result: TxnResult,
  zxid: bigint,
): void {
  // A multi that failed is a reply like any other: each part has its own error.
  const err = result.type === Op.multi ? ErrorCode.OK : result.err;
  if (err !== ErrorCode.OK) {
    connection.replyHeader(request.xid, zxid, err);
    return;
  }
  const at = connection.mark;
  const w = connection.begin().i32(request.xid).i64(zxid).i32(ErrorCode.OK);
  switch (result.type) {
    case Op.create:
      writeUstring(w, result.path);
      break;
    case Op.create2:
    case Op.createContainer:
    case Op.createTTL:
      writeUstring(w, result.path);
      writeStat(w, result.stat!);
      break;
    case Op.setData:
    case Op.setACL:
      writeStat(w, result.stat!);
      break;
    case Op.multi:
      writeMultiResponse(w, result.parts!.map(multiResult));
      break;
    default:
      // delete, closeSession: the header says it all.
      break;
  }
  connection.finish(at);
}

/** `zxid`: last applied here. */
export function answerSync(connection: ClientConnection, { xid, frame }: ClientRequest, zxid: bigint): void {
  let path: string | null;
  try {
    path = readNullableUstring(new ByteReader(frame, HEADER_BYTES));
  } catch (error) {
    if (!hasCode(error, 'MALFORMED')) throw error;
    connection.replyHeader(xid, zxid, ErrorCode.MARSHALLINGERROR);
    return;
  }
  const at = connection.mark;
  // Nobody looks at the path: it comes back as it was sent, also where there is none.
  writeUstring(connection.begin().i32(xid).i64(zxid).i32(ErrorCode.OK), path);
  connection.finish(at);
}

/**
 * As a server without a JAAS section: it has nothing to say, and the client stays who it was. Throws LabError
 * MALFORMED.
 */
export function answerSasl(connection: ClientConnection, xid: number, body: Buffer): void {
  readSaslRequest(new ByteReader(body));
  const at = connection.mark;
  writeBuffer(connection.begin().i32(xid).i64(0n).i32(ErrorCode.OK), null);
  connection.finish(at);
}

/** A time-out of 0 says that the session is over. */
export function answerConnectRequest(
  connection: ClientConnection,
  sessionId: bigint,
  timeOut: number,
  passwd: Buffer,
): void {
  const at = connection.mark;
  const readOnly = connection.oldClient ? undefined : false;
  writeConnectResponse(connection.begin(), { protocolVersion: 0, timeOut, sessionId, passwd, readOnly });
  connection.finish(at);
}

/**
 * True if the session has moved to another server meanwhile: that is told by closing the connection, not by a reply.
 */
export function hasMoved(result: TxnResult): boolean {
  return (
    result.err === ErrorCode.SESSIONMOVED || result.parts?.some((part) => part.err === ErrorCode.SESSIONMOVED) === true
  );
}

function multiResult(part: TxnResult): MultiResult {
  // Also a part that was fine when it was prepared and failed when applied: that cannot be, but must not be called a
  // success.
  if (part.type === Op.error || part.err !== ErrorCode.OK) return { op: Op.error, err: part.err };
  switch (part.type) {
    case Op.check:
    case Op.delete:
      return { op: part.type };
    case Op.create:
      return { op: Op.create, path: part.path };
    case Op.create2:
    case Op.createContainer:
    case Op.createTTL:
      return { op: Op.create2, path: part.path, stat: part.stat! };
    case Op.setData:
      return { op: Op.setData, stat: part.stat! };
    default:
      throw new LabError('ASSERTION', `a multi has a part of type ${part.type}`);
  }
}
