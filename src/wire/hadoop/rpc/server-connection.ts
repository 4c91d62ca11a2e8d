/**
 * One connection of an RPC server without its I/O: bytes in, effects out. Follows
 * org.apache.hadoop.ipc.Server.Connection: connection header, optional SASL negotiation (answered with "switch to
 * SIMPLE"), connection context, then calls. It does not know protocols: who answers a call is the business of
 * server.ts.
 */
import { hasCode } from '../../../base/errors.js';
import { IpcConnectionContextProto } from '../gen/ipc-connection-context.js';
import { RequestHeaderProto } from '../gen/protobuf-rpc-engine.js';
import {
  RpcKindProto,
  RpcRequestHeaderProto,
  RpcRequestHeaderProto_OperationProto as Operation,
  RpcSaslProto,
  RpcSaslProto_SaslState as SaslState,
} from '../gen/rpc-header.js';
import { ByteQueue } from '../../byte-queue.js';
import {
  AuthProtocol,
  CallId,
  CONNECTION_HEADER_LENGTH,
  HTTP_ANSWER,
  INVALID_RETRY_COUNT,
  IPC_MAGIC,
  IPC_VERSION,
  MAX_DATA_LENGTH,
} from './constants.js';
import { JavaException } from './exceptions.js';
import { PacketReader, takePacket } from './frame.js';
import { encodeFailure, encodeOldVersionFailure, encodeSuccess, RpcErrorCode, unknownCall } from './response.js';
import type { CallKey } from './response.js';

const VERSION_MISMATCH = 'org.apache.hadoop.ipc.RPC$VersionMismatch';
const SASL_EXCEPTION = 'javax.security.sasl.SaslException';
/** Before a client has said who it is, its packets are a few dozen bytes. */
const MAX_LENGTH_BEFORE_CONTEXT = 1024 * 1024;

export interface IncomingCall extends CallKey {
  readonly user: string;
  /** The protocol the connection was opened for; undefined where the client did not say. */
  readonly connectionProtocol: string | undefined;
  readonly protocol: string;
  readonly protocolVersion: bigint;
  readonly method: string;
  /** The request message, still encoded: a view. Undefined where the packet ends before it does. */
  readonly payload: Buffer | undefined;
}

export type ServerEffect =
  | { readonly kind: 'write'; readonly bytes: Buffer }
  | { readonly kind: 'call'; readonly call: IncomingCall }
  /**
   * The last effect of a connection: close once what was written is sent. `reason` is set when the client is at fault.
   */
  | { readonly kind: 'close'; readonly reason: string | undefined };

/** Answered with a FATAL response, after which the connection closes. */
class FatalError extends Error {
  readonly code: RpcErrorCode;
  readonly className: string;

  constructor(code: RpcErrorCode, message: string, className: string = JavaException.RPC_SERVER) {
    super(message);
    this.code = code;
    this.className = className;
  }
}

export class ServerConnection {
  readonly #queue = new ByteQueue();
  readonly #limit: number;
  #state: 'header' | 'sasl' | 'context' | 'calls' | 'closed' = 'header';
  #user = '';
  #protocol: string | undefined;
  #effects: ServerEffect[] = [];

  constructor(maxDataLength: number = MAX_DATA_LENGTH) {
    this.#limit = maxDataLength;
  }

  /** Feeds bytes; what to do follows, in order. After a `close` effect further bytes are ignored. */
  receive(chunk: Buffer): ServerEffect[] {
    if (this.#state === 'closed') return [];
    this.#queue.push(chunk);
    this.#effects = [];
    try {
      if (this.#state === 'header') this.#connectionHeader();
      while (this.#isOpen()) {
        const limit = this.#state === 'calls' ? this.#limit : Math.min(this.#limit, MAX_LENGTH_BEFORE_CONTEXT);
        const packet = takePacket(this.#queue, limit);
        if (packet === undefined) break;
        this.#packet(packet);
      }
    } catch (error) {
      // Only a bad packet length ends here: as in Hadoop, it is not worth an answer, since nothing after it can be
      // trusted.
      if (!hasCode(error, 'MALFORMED')) throw error;
      this.#close((error as Error).message);
    }
    return this.#effects;
  }

  #isOpen(): boolean {
    return this.#state !== 'closed' && this.#state !== 'header';
  }

  #write(bytes: Buffer): void {
    this.#effects.push({ kind: 'write', bytes });
  }

  #close(reason: string | undefined): void {
    this.#state = 'closed';
    this.#queue.clear();
    this.#effects.push({ kind: 'close', reason });
  }

  #connectionHeader(): void {
    const header = this.#queue.take(CONNECTION_HEADER_LENGTH);
    if (header === undefined) return;
    const version = header.readInt8(4);
    if (header.toString('latin1', 0, 4) === 'GET ') {
      this.#write(HTTP_ANSWER);
      this.#close('an HTTP request on an IPC port');
    } else if (!header.subarray(0, 4).equals(IPC_MAGIC) || version !== IPC_VERSION) {
      this.#badVersion(version);
    } else {
      const auth = header.readInt8(6);
      if (auth === AuthProtocol.NONE) this.#state = 'context';
      else if (auth === AuthProtocol.SASL) this.#state = 'sasl';
      else {
        this.#write(
          encodeFailure(unknownCall(CallId.AUTHORIZATION_FAILED), {
            fatal: true,
            code: RpcErrorCode.FATAL_UNAUTHORIZED,
            className: 'org.apache.hadoop.ipc.IpcException',
            message: `Unknown auth protocol:${auth}`,
          }),
        );
        this.#close(`unknown auth protocol ${auth}`);
      }
    }
  }

  #badVersion(version: number): void {
    const message = `Server IPC version ${IPC_VERSION} cannot communicate with client version ${version}`;
    if (version >= 9) {
      this.#write(
        encodeFailure(unknownCall(-1), {
          fatal: true,
          code: RpcErrorCode.FATAL_VERSION_MISMATCH,
          className: VERSION_MISMATCH,
          message,
        }),
      );
    } else {
      const answer = encodeOldVersionFailure(version, VERSION_MISMATCH, message);
      if (answer !== undefined) this.#write(answer);
    }
    this.#close(message);
  }

  #packet(packet: Buffer): void {
    let callId: number = CallId.AUTHORIZATION_FAILED;
    let retryCount: number = INVALID_RETRY_COUNT;
    try {
      const reader = new PacketReader(packet);
      const header = readOrFatal('RpcRequestHeaderProto', () => reader.message(RpcRequestHeaderProto));
      callId = header.callId;
      retryCount = header.retryCount ?? INVALID_RETRY_COUNT;
      if (header.rpcOp === undefined)
        throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, ' IPC Server: No rpc op in rpcRequestHeader');
      if (header.rpcOp !== Operation.RPC_FINAL_PACKET) {
        throw new FatalError(
          RpcErrorCode.FATAL_INVALID_RPC_HEADER,
          `IPC Server does not implement rpc header operation${nameOf(Operation, header.rpcOp)}`,
        );
      }
      if (header.rpcKind === undefined)
        throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, ' IPC Server: No rpc kind in rpcRequestHeader');
      if (callId < 0) this.#outOfBand(callId, reader);
      else if (this.#state !== 'calls')
        throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, 'Connection context not established');
      else this.#call(header, reader);
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      this.#write(
        encodeFailure(unknownCall(callId, retryCount), {
          fatal: true,
          code: error.code,
          className: error.className,
          message: error.message,
        }),
      );
      this.#close(error.message);
    }
  }

  #outOfBand(callId: number, reader: PacketReader): void {
    if (callId === CallId.CONNECTION_CONTEXT) {
      if (this.#state === 'sasl')
        throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, 'Connection header sent during SASL negotiation');
      if (this.#state === 'calls')
        throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, 'Connection context already processed');
      const context = readOrFatal('IpcConnectionContextProto', () => reader.message(IpcConnectionContextProto));
      this.#protocol = context.protocol;
      this.#user = context.userInfo?.effectiveUser ?? context.userInfo?.realUser ?? '';
      this.#state = 'calls';
    } else if (callId === CallId.SASL) {
      this.#sasl(reader);
    } else if (callId !== CallId.PING) {
      throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, `Unknown out of band call #${callId}`);
    }
  }

  /** A SIMPLE-only server answers an offer to negotiate with SUCCESS, which a client takes as "speak SIMPLE". */
  #sasl(reader: PacketReader): void {
    if (this.#state !== 'sasl')
      throw new FatalError(RpcErrorCode.FATAL_INVALID_RPC_HEADER, 'SASL protocol not requested by client');
    const message = readOrFatal('RpcSaslProto', () => reader.message(RpcSaslProto));
    if (message.state !== SaslState.NEGOTIATE) {
      const text =
        message.state === SaslState.INITIATE
          ? 'Client mechanism is malformed'
          : `Client sent unsupported state ${nameOf(SaslState, message.state)}`;
      throw new FatalError(RpcErrorCode.FATAL_UNAUTHORIZED, text, SASL_EXCEPTION);
    }
    this.#write(encodeSuccess(unknownCall(CallId.SASL), RpcSaslProto, { state: SaslState.SUCCESS, auths: [] }));
    this.#state = 'context';
  }

  #call(header: RpcRequestHeaderProto, reader: PacketReader): void {
    if (header.rpcKind !== RpcKindProto.RPC_PROTOCOL_BUFFER) {
      throw new FatalError(
        RpcErrorCode.FATAL_INVALID_RPC_HEADER,
        `Unknown rpc kind in rpc header${nameOf(RpcKindProto, header.rpcKind ?? 0)}`,
      );
    }
    const request = readOrFatal('RequestHeaderProto', () => reader.message(RequestHeaderProto));
    let payload: Buffer | undefined;
    try {
      payload = reader.bytes();
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
    }
    this.#effects.push({
      kind: 'call',
      call: {
        callId: header.callId,
        retryCount: header.retryCount ?? INVALID_RETRY_COUNT,
        clientId: header.clientId,
        user: this.#user,
        connectionProtocol: this.#protocol,
        protocol: request.declaringClassProtocolName,
        protocolVersion: request.clientProtocolVersion,
        method: request.methodName,
        payload,
      },
    });
  }
}

/** As Java prints an enum constant. */
function nameOf(constants: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(constants).find((name) => constants[name] === value) ?? String(value);
}

function readOrFatal<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, 'MALFORMED')) throw error;
    throw new FatalError(
      RpcErrorCode.FATAL_DESERIALIZING_REQUEST,
      `Error decoding ${what}: ${(error as Error).message}`,
    );
  }
}
