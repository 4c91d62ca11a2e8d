/**
 * One connection of an RPC client without its I/O: what to send, and what an answer means. Mirrors the wire half of
 * org.apache.hadoop.ipc.Client.Connection, SIMPLE auth only.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { LabError } from '../../../base/errors.js';
import { IpcConnectionContextProto } from '../gen/ipc-connection-context.js';
import { RequestHeaderProto } from '../gen/protobuf-rpc-engine.js';
import {
  RpcKindProto,
  RpcRequestHeaderProto,
  RpcRequestHeaderProto_OperationProto as Operation,
  RpcResponseHeaderProto,
} from '../gen/rpc-header.js';
import { ByteQueue } from '../../byte-queue.js';
import { AuthProtocol, CallId, INVALID_RETRY_COUNT, IPC_MAGIC, IPC_VERSION, MAX_DATA_LENGTH } from './constants.js';
import { remoteException } from './exceptions.js';
import { finishPacket, PacketReader, startPacket, takePacket, writeDelimited } from './frame.js';
import { RpcStatus } from './response.js';
import type { AnyMethodSpec, ProtocolSpec } from './spec.js';

export type ClientOutcome =
  /** `payload` is a view: decode it before the next `receive`. */
  | { readonly kind: 'response'; readonly callId: number; readonly payload: Buffer }
  | { readonly kind: 'failure'; readonly callId: number; readonly error: LabError }
  /** The server gives the connection up: every outstanding call fails with this. */
  | { readonly kind: 'fatal'; readonly error: LabError };

function requestHeader(callId: number, retryCount: number, clientId: Buffer): RpcRequestHeaderProto {
  return { rpcKind: RpcKindProto.RPC_PROTOCOL_BUFFER, rpcOp: Operation.RPC_FINAL_PACKET, callId, clientId, retryCount };
}

/** Connection header and context: the first bytes of a connection, sent together with the first call. */
export function encodeOpening(options: {
  readonly user: string;
  readonly protocol: string;
  readonly clientId: Buffer;
}): Buffer {
  const header = Buffer.concat([IPC_MAGIC, Buffer.from([IPC_VERSION, 0, AuthProtocol.NONE])]);
  const packet = startPacket();
  writeDelimited(
    packet,
    RpcRequestHeaderProto,
    requestHeader(CallId.CONNECTION_CONTEXT, INVALID_RETRY_COUNT, options.clientId),
  );
  writeDelimited(packet, IpcConnectionContextProto, {
    userInfo: { effectiveUser: options.user },
    protocol: options.protocol,
  });
  return Buffer.concat([header, finishPacket(packet)]);
}

/** Keeps a connection alive while an answer takes long; it is not answered. */
export function encodePing(clientId: Buffer): Buffer {
  return finishPacket(
    writeDelimited(startPacket(), RpcRequestHeaderProto, requestHeader(CallId.PING, INVALID_RETRY_COUNT, clientId)),
  );
}

/** The delimited RequestHeaderProto of a method is the same in every call of it. */
const methodHeaders = new WeakMap<ProtocolSpec, Map<string, Uint8Array>>();

function methodHeader(spec: ProtocolSpec, method: string): Uint8Array {
  let known = methodHeaders.get(spec);
  if (known === undefined) methodHeaders.set(spec, (known = new Map()));
  let bytes = known.get(method);
  if (bytes === undefined) {
    bytes = writeDelimited(new BinaryWriter(), RequestHeaderProto, {
      methodName: method,
      declaringClassProtocolName: spec.name,
      clientProtocolVersion: spec.version,
    }).finish();
    known.set(method, bytes);
  }
  return bytes;
}

export function encodeCall(call: {
  readonly spec: ProtocolSpec;
  readonly method: string;
  readonly request: unknown;
  readonly callId: number;
  readonly retryCount: number;
  readonly clientId: Buffer;
}): Buffer {
  const packet = writeDelimited(
    startPacket(),
    RpcRequestHeaderProto,
    requestHeader(call.callId, call.retryCount, call.clientId),
  );
  packet.raw(methodHeader(call.spec, call.method));
  const method = call.spec.methods[call.method] as AnyMethodSpec;
  return finishPacket(writeDelimited(packet, method.request, call.request));
}

/** Cuts answers out of what a server sends. */
export class ResponseReader {
  readonly #queue = new ByteQueue();
  readonly #limit: number;

  constructor(maxResponseLength: number = MAX_DATA_LENGTH) {
    this.#limit = maxResponseLength;
  }

  /** Throws LabError MALFORMED: the connection is of no further use. */
  receive(chunk: Buffer): ClientOutcome[] {
    this.#queue.push(chunk);
    const outcomes: ClientOutcome[] = [];
    for (
      let packet = takePacket(this.#queue, this.#limit);
      packet !== undefined;
      packet = takePacket(this.#queue, this.#limit)
    ) {
      const reader = new PacketReader(packet);
      const header = reader.message(RpcResponseHeaderProto);
      const callId = header.callId | 0;
      if (header.status === RpcStatus.SUCCESS) {
        outcomes.push({ kind: 'response', callId, payload: reader.bytes() });
        continue;
      }
      const error = remoteException(
        header.exceptionClassName ?? 'ServerDidNotSetExceptionClassName',
        header.errorMsg ?? 'ServerDidNotSetErrorMsg',
        { errorDetail: header.errorDetail },
      );
      outcomes.push(header.status === RpcStatus.FATAL ? { kind: 'fatal', error } : { kind: 'failure', callId, error });
    }
    return outcomes;
  }
}
