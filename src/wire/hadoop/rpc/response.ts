/** Response packets as a server writes them: org.apache.hadoop.ipc.Server.setupResponse. */
import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ByteWriter } from '../../../base/bytes.js';
import {
  RpcResponseHeaderProto,
  RpcResponseHeaderProto_RpcErrorCodeProto,
  RpcResponseHeaderProto_RpcStatusProto,
} from '../gen/rpc-header.js';
import { INVALID_RETRY_COUNT, IPC_VERSION } from './constants.js';
import { finishPacket, startPacket, writeDelimited } from './frame.js';
import type { MessageType } from './spec.js';

export const RpcStatus = RpcResponseHeaderProto_RpcStatusProto;
export const RpcErrorCode = RpcResponseHeaderProto_RpcErrorCodeProto;
export type RpcErrorCode = RpcResponseHeaderProto_RpcErrorCodeProto;

/** Which call is answered. */
export interface CallKey {
  readonly callId: number;
  readonly retryCount: number;
  readonly clientId: Buffer;
}

/** A call that could not be read far enough to know its key. */
export function unknownCall(callId: number, retryCount = INVALID_RETRY_COUNT): CallKey {
  return { callId, retryCount, clientId: Buffer.alloc(0) };
}

function header(
  key: CallKey,
  rest: Omit<RpcResponseHeaderProto, 'callId' | 'clientId' | 'retryCount' | 'serverIpcVersionNum'>,
): BinaryWriter {
  return writeDelimited(startPacket(), RpcResponseHeaderProto, {
    ...rest,
    callId: key.callId >>> 0,
    clientId: key.clientId,
    retryCount: key.retryCount,
    serverIpcVersionNum: IPC_VERSION,
  });
}

/** Written by hand, byte for byte as the generated code would: every answer of a server passes here. */
export function encodeSuccess<T>(key: CallKey, type: MessageType<T>, message: T): Buffer {
  const body = type.encode(message).finish();
  const callId = key.callId >>> 0;
  const retryCount = ((key.retryCount << 1) ^ (key.retryCount >> 31)) >>> 0;
  const { clientId } = key;
  const headerLength =
    1 + varintLength(callId) + 4 + 1 + varintLength(clientId.length) + clientId.length + 1 + varintLength(retryCount);
  const length = varintLength(headerLength) + headerLength + varintLength(body.length) + body.length;
  const packet = Buffer.allocUnsafe(4 + length);
  packet.writeInt32BE(length, 0);
  let at = writeVarint(packet, 4, headerLength);
  packet[at++] = 0x08;
  at = writeVarint(packet, at, callId);
  packet[at++] = 0x10;
  packet[at++] = RpcStatus.SUCCESS;
  packet[at++] = 0x18;
  packet[at++] = IPC_VERSION;
  packet[at++] = 0x3a;
  at = writeVarint(packet, at, clientId.length);
  packet.set(clientId, at);
  at += clientId.length;
  packet[at++] = 0x40;
  at = writeVarint(packet, at, retryCount);
  at = writeVarint(packet, at, body.length);
  packet.set(body, at);
  return packet;
}

function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest > 0x7f) {
    bytes[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[position++] = rest;
  return position;
}

/** `fatal`: the server closes the connection after it. */
export function encodeFailure(
  key: CallKey,
  failure: {
    readonly fatal: boolean;
    readonly code: RpcErrorCode;
    readonly className: string;
    readonly message: string;
  },
): Buffer {
  return finishPacket(
    header(key, {
      status: failure.fatal ? RpcStatus.FATAL : RpcStatus.ERROR,
      exceptionClassName: failure.className,
      errorMsg: failure.message,
      errorDetail: failure.code,
    }),
  );
}

/**
 * What clients of older IPC versions understand of a refusal. Versions 3 to 8: call id -1, status -1 (fatal); version
 * 2: call id 0, a byte for "error"; then class name and message, each behind an int length. Older ones understand
 * nothing: undefined.
 */
export function encodeOldVersionFailure(version: number, className: string, message: string): Buffer | undefined {
  if (version < 2) return undefined;
  const w = new ByteWriter();
  if (version === 2) w.i32(0).bool(true);
  else w.i32(-1).i32(-1);
  for (const text of [className, message]) w.i32(Buffer.byteLength(text)).utf8(text);
  return w.take();
}
