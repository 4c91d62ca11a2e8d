/**
 * The vote that election messages carry, and their framing. Mirrors
 * org.apache.zookeeper.server.quorum.FastLeaderElection (buildMsg and Messenger.WorkerReceiver) and QuorumCnxManager
 * (SendWorker, RecvWorker).
 *
 * Frame        := length int (1..524288), Notification
 * Notification := state int, leader long, zxid long, round long, peerEpoch long, version int (2), length int,
 * config*length
 *
 * Shorter forms of old releases: 28 bytes (no peerEpoch), 36 or 40 (no version or version 1 without configuration).
 */
import { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';
import { epochOf } from '../../../base/zxid.js';

export const PeerState = { LOOKING: 0, FOLLOWING: 1, LEADING: 2, OBSERVING: 3 } as const;
export type PeerState = (typeof PeerState)[keyof typeof PeerState];

export const NOTIFICATION_VERSION = 2;
const MAX_NOTIFICATION_LENGTH = 512 * 1024;

export interface Notification {
  readonly state: PeerState;
  /** The sid voted for; -2^63 from an observer that has none. */
  readonly leader: number;
  /** The last zxid of the one voted for. */
  readonly zxid: bigint;
  /** The election's logical clock (Apache: electionEpoch). */
  readonly round: bigint;
  /** The epoch of the one voted for. */
  readonly peerEpoch: bigint;
  readonly version: number;
  /** The sender's membership as text (see quorum-config.ts); empty in old forms. */
  readonly config: string;
}

/** With the length in front. */
export function encodeNotification(n: Notification): Buffer {
  const config = Buffer.from(n.config);
  return new ByteWriter(48 + config.length)
    .i32(44 + config.length)
    .i32(n.state)
    .i64(BigInt(n.leader))
    .i64(n.zxid)
    .i64(n.round)
    .i64(n.peerEpoch)
    .i32(NOTIFICATION_VERSION)
    .i32(config.length)
    .bytes(config)
    .take();
}

/** Without the length in front. Throws LabError MALFORMED. */
export function decodeNotification(bytes: Buffer): Notification {
  const r = new ByteReader(bytes);
  const state = r.i32();
  if (state < 0 || state > 3) throw new LabError('MALFORMED', `malformed notification: state ${state}`);
  const leader = Number(r.i64());
  const zxid = r.i64();
  const round = r.i64();
  const peerEpoch = r.remaining >= 8 ? r.i64() : epochOf(zxid);
  const version = r.remaining >= 4 ? r.i32() : 0;
  let config = '';
  if (version > 1) {
    const length = r.i32();
    if (length < 0 || length > r.remaining)
      throw new LabError('MALFORMED', `malformed notification: a configuration of ${length} bytes`);
    config = r.utf8(length);
  }
  return { state: state as PeerState, leader, zxid, round, peerEpoch, version, config };
}

/** Cuts an election stream, behind its initial message, into the bytes of notifications. */
export class NotificationFrames {
  #held: Buffer = Buffer.alloc(0);

  /**
   * The frames that `chunk` completes, without their lengths. Throws LabError MALFORMED on a length that is out of
   * bounds.
   */
  push(chunk: Buffer): Buffer[] {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const frames: Buffer[] = [];
    while (bytes.length >= 4) {
      const length = bytes.readInt32BE(0);
      if (length <= 0 || length > MAX_NOTIFICATION_LENGTH)
        throw new LabError('MALFORMED', `malformed election frame: ${length} bytes`);
      if (bytes.length < 4 + length) break;
      frames.push(bytes.subarray(4, 4 + length));
      bytes = bytes.subarray(4 + length);
    }
    this.#held = bytes;
    return frames;
  }
}
