/**
 * The first bytes on an election connection (3888), from the one who connects. Version -65536 carries one address,
 * -65535 (since 3.6, sent only when multiAddress.enabled=true) several, joined by `|`; releases before 3.5 sent a bare
 * sid. Mirrors org.apache.zookeeper.server.quorum.QuorumCnxManager.InitialMessage.
 *
 * InitialMessage := version long (-65536 | -65535), sid long, length int, address*length   |   sid long (>= 0)
 */
import { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';

export const ELECTION_PROTOCOL_V1 = -65536n;
export const ELECTION_PROTOCOL_V2 = -65535n;
/** Longest address list, bytes. */
const MAX_ADDRESS_LENGTH = 2048;

export interface InitialMessage {
  readonly sid: number;
  /** `host:port` each; empty in the oldest form. */
  readonly addresses: readonly string[];
}

export function encodeInitialMessage(message: InitialMessage): Buffer {
  const version = message.addresses.length > 1 ? ELECTION_PROTOCOL_V2 : ELECTION_PROTOCOL_V1;
  const text = Buffer.from(message.addresses.join('|'));
  return new ByteWriter(20 + text.length).i64(version).i64(BigInt(message.sid)).i32(text.length).bytes(text).take();
}

/** The message at the front of `bytes` and its length; undefined while it is incomplete. Throws LabError MALFORMED. */
export function decodeInitialMessage(
  bytes: Buffer,
): { readonly message: InitialMessage; readonly length: number } | undefined {
  if (bytes.length < 8) return undefined;
  const r = new ByteReader(bytes);
  const first = r.i64();
  if (first >= 0n) return { message: { sid: Number(first), addresses: [] }, length: 8 };
  if (first !== ELECTION_PROTOCOL_V1 && first !== ELECTION_PROTOCOL_V2) {
    throw new LabError('MALFORMED', `unknown election protocol version ${first}`);
  }
  if (r.remaining < 12) return undefined;
  const sid = Number(r.i64());
  const length = r.i32();
  if (length <= 0 || length > MAX_ADDRESS_LENGTH)
    throw new LabError('MALFORMED', `malformed election handshake: an address of ${length} bytes`);
  if (r.remaining < length) return undefined;
  return { message: { sid, addresses: r.utf8(length).split('|') }, length: r.position };
}
