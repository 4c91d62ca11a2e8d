/**
 * The handshake of a client connection, before anything else. Clients before 3.4 leave out the last byte of the request
 * and get none in the answer. Mirrors org.apache.zookeeper.proto.ConnectRequest and ConnectResponse and
 * ZooKeeperServer.processConnectRequest.
 *
 * ConnectRequest := protocolVersion int, lastZxidSeen long, timeOut int, sessionId long, passwd buffer, [readOnly bool]
 * ConnectResponse := protocolVersion int, timeOut int, sessionId long, passwd buffer, [readOnly bool]
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { readBuffer, writeBuffer } from '../../jute/jute.js';

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: bigint;
  /** Wanted, milliseconds. */
  readonly timeOut: number;
  /** 0: a new session. */
  readonly sessionId: bigint;
  readonly passwd: Buffer | null;
  /** Whether the client puts up with a read-only server; undefined: a client that does not know of such. */
  readonly readOnly: boolean | undefined;
}

export interface ConnectResponse {
  readonly protocolVersion: number;
  /** Granted, milliseconds; 0: the session is not (or no longer) valid. */
  readonly timeOut: number;
  readonly sessionId: bigint;
  readonly passwd: Buffer | null;
  readonly readOnly: boolean | undefined;
}

export function writeConnectRequest(w: ByteWriter, m: ConnectRequest): void {
  w.i32(m.protocolVersion).i64(m.lastZxidSeen).i32(m.timeOut).i64(m.sessionId);
  writeBuffer(w, m.passwd);
  if (m.readOnly !== undefined) w.bool(m.readOnly);
}

/** Throws LabError MALFORMED. */
export function readConnectRequest(r: ByteReader): ConnectRequest {
  return {
    protocolVersion: r.i32(),
    lastZxidSeen: r.i64(),
    timeOut: r.i32(),
    sessionId: r.i64(),
    passwd: readBuffer(r),
    readOnly: r.remaining > 0 ? r.bool() : undefined,
  };
}

export function writeConnectResponse(w: ByteWriter, m: ConnectResponse): void {
  w.i32(m.protocolVersion).i32(m.timeOut).i64(m.sessionId);
  writeBuffer(w, m.passwd);
  if (m.readOnly !== undefined) w.bool(m.readOnly);
}

/** Throws LabError MALFORMED. */
export function readConnectResponse(r: ByteReader): ConnectResponse {
  return {
    protocolVersion: r.i32(),
    timeOut: r.i32(),
    sessionId: r.i64(),
    passwd: readBuffer(r),
    readOnly: r.remaining > 0 ? r.bool() : undefined,
  };
}
