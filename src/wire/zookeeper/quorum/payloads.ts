/**
 * What stands in `data` of a QuorumPacket, type by type (PROPOSAL and INFORM carry a transaction, see
 * wire/zookeeper/txn). Mirrors the hand-made layouts of org.apache.zookeeper.server.quorum.Learner, LearnerHandler and
 * Leader.
 */
import { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';
import type { QuorumPacket } from './packet.js';
import { packetTypeName } from './packet-type.js';

/** The version of Zab that every release since 3.4 speaks. */
export const ZAB_PROTOCOL_VERSION = 0x10000;

function reader(p: QuorumPacket, least: number): ByteReader {
  if (p.data === null || p.data.length < least) {
    throw new LabError(
      'MALFORMED',
      `malformed ${packetTypeName(p.type)}: ${p.data?.length ?? 0} bytes of data, ${least} needed`,
    );
  }
  return new ByteReader(p.data);
}

/**
 * FOLLOWERINFO, OBSERVERINFO := sid long, protocolVersion int, configVersion long. The packet's zxid is acceptedEpoch
 * << 32.
 */
export interface LearnerInfo {
  readonly sid: number;
  readonly protocolVersion: number;
  readonly configVersion: bigint;
}

export function encodeLearnerInfo(info: LearnerInfo): Buffer {
  return new ByteWriter(20).i64(BigInt(info.sid)).i32(info.protocolVersion).i64(info.configVersion).take();
}

export function decodeLearnerInfo(p: QuorumPacket): LearnerInfo {
  const r = reader(p, 12);
  return { sid: Number(r.i64()), protocolVersion: r.i32(), configVersion: r.remaining >= 8 ? r.i64() : 0n };
}

/** LEADERINFO := protocolVersion int. The packet's zxid is newEpoch << 32. */
export function encodeLeaderInfo(protocolVersion: number): Buffer {
  return new ByteWriter(4).i32(protocolVersion).take();
}

export function decodeLeaderInfo(p: QuorumPacket): { readonly protocolVersion: number } {
  return { protocolVersion: reader(p, 4).i32() };
}

/**
 * ACKEPOCH := currentEpoch int; -1 when the epoch had been accepted before: no vote for it. The packet's zxid is the
 * last logged one.
 */
export function encodeAckEpoch(currentEpoch: bigint): Buffer {
  return new ByteWriter(4).i32(Number(BigInt.asIntN(32, currentEpoch))).take();
}

export function decodeAckEpoch(p: QuorumPacket): { readonly currentEpoch: bigint } {
  return { currentEpoch: BigInt(reader(p, 4).i32()) };
}

/** PING from a learner := {sessionId long, timeoutMs int}*: the sessions heard from since the last one. */
export function encodeTouches(sessions: ReadonlyMap<bigint, number>): Buffer {
  const w = new ByteWriter(12 * sessions.size);
  for (const [sessionId, timeoutMs] of sessions) w.i64(sessionId).i32(timeoutMs);
  return w.take();
}

export function decodeTouches(p: QuorumPacket): Map<bigint, number> {
  const sessions = new Map<bigint, number>();
  if (p.data === null) return sessions;
  const r = new ByteReader(p.data);
  while (r.remaining > 0) sessions.set(r.i64(), r.i32());
  return sessions;
}

/** REVALIDATE from a learner := sessionId long, timeoutMs int. */
export function encodeRevalidate(sessionId: bigint, timeoutMs: number): Buffer {
  return new ByteWriter(12).i64(sessionId).i32(timeoutMs).take();
}

export function decodeRevalidate(p: QuorumPacket): { readonly sessionId: bigint; readonly timeoutMs: number } {
  const r = reader(p, 12);
  return { sessionId: r.i64(), timeoutMs: r.i32() };
}

/** REVALIDATE from the leader := sessionId long, valid bool. */
export function encodeRevalidated(sessionId: bigint, valid: boolean): Buffer {
  return new ByteWriter(9).i64(sessionId).bool(valid).take();
}

export function decodeRevalidated(p: QuorumPacket): { readonly sessionId: bigint; readonly valid: boolean } {
  const r = reader(p, 9);
  return { sessionId: r.i64(), valid: r.bool() };
}

/** REQUEST := sessionId long, cxid int, op int, the request record. */
export interface ForwardedRequest {
  readonly sessionId: bigint;
  readonly cxid: number;
  readonly op: number;
  readonly body: Buffer;
}

export function encodeRequest(request: ForwardedRequest): Buffer {
  return new ByteWriter(16 + request.body.length)
    .i64(request.sessionId)
    .i32(request.cxid)
    .i32(request.op)
    .bytes(request.body)
    .take();
}

export function decodeRequest(p: QuorumPacket): ForwardedRequest {
  const r = reader(p, 16);
  return { sessionId: r.i64(), cxid: r.i32(), op: r.i32(), body: r.view(r.remaining) };
}
