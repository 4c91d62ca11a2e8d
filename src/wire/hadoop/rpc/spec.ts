/**
 * What an RPC protocol is, as data that client and server share: the Java interface's name and version as they go over
 * the wire (RequestHeaderProto.declaringClassProtocolName / clientProtocolVersion), and a request and a response type
 * for each method.
 */
import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

/** What ts-proto generates for each message. */
export interface MessageType<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}

export interface MethodSpec<Request, Response> {
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
}

export type AnyMethodSpec = MethodSpec<any, any>;

export interface ProtocolSpec<Methods extends Record<string, AnyMethodSpec> = Record<string, AnyMethodSpec>> {
  readonly name: string;
  readonly version: bigint;
  readonly methods: Methods;
}

export type RequestOf<S> = S extends MethodSpec<infer Q, infer _R> ? Q : never;
export type ResponseOf<S> = S extends MethodSpec<infer _Q, infer R> ? R : never;

/** One call as a server's handler sees it. Exactly one of reply / fail, at once or later: no promise an operation. */
export interface RpcCall<Response> {
  /** The effective user of the connection (SIMPLE auth), or the real one where no proxy user is given. */
  readonly user: string;
  readonly remoteAddress: string;
  readonly callId: number;
  readonly retryCount: number;
  /** 16 bytes. With callId: the key of the retry cache. */
  readonly clientId: Buffer;
  reply(response: Response): void;
  /** `className` is the Java exception's: `org.apache.hadoop.ipc.StandbyException`. */
  fail(className: string, message: string): void;
}

export type Handlers<P extends ProtocolSpec> = {
  readonly [M in keyof P['methods']]?: (
    request: RequestOf<P['methods'][M]>,
    call: RpcCall<ResponseOf<P['methods'][M]>>,
  ) => void;
};
