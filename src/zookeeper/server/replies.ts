/**
 * Answers a write once its transaction is applied. Mirrors the writing half of
 * org.apache.zookeeper.server.FinalRequestProcessor.
 */
import { LabError } from '../../base/errors.js';
import { writeMultiResponse } from '../../wire/zookeeper/client/multi.js';
import type { MultiResult } from '../../wire/zookeeper/client/multi.js';
import { writeStat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { writeUstring } from '../../wire/jute/jute.js';
import type { TxnResult } from '../tree/data-tree.js';
import type { ClientConnection, PendingRequest } from './connection.js';

/** Sends the reply; returns the ErrorCode in its header. `zxid`: last applied here, the transaction's own. */
export function answerWrite(
  connection: ClientConnection,
  request: PendingRequest,
  result: TxnResult,
  zxid: bigint,
): number {
  // A multi that failed is a reply like any other: each part has its own error.
  const err = result.type === Op.multi ? ErrorCode.OK : result.err;
  if (err !== ErrorCode.OK) {
    connection.replyHeader(request.xid, zxid, err);
    return err;
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
  return err;
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
