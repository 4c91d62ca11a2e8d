/**
 * Session ids and their passwords, made as Apache makes them, so that a session may move between its servers and ours.
 * Mirrors SessionTrackerImpl.initializeNextSessionId and ZooKeeperServer.generatePasswd.
 */
import { CONTAINER_OWNER } from '../tree/ephemeral-owner.js';

/** Server id in the top byte, milliseconds below it, and 16 bits to count. */
export function firstSessionId(sid: number, nowMs: number): bigint {
  const millis = (BigInt(Math.floor(nowMs)) & 0xffffffffffn) << 16n;
  const id = BigInt.asIntN(64, (BigInt(sid & 0xff) << 56n) | millis);
  return id === CONTAINER_OWNER ? id + 1n : id;
}

const SUPER_SECRET = 0xb3415c00n;

/**
 * 16 bytes, always the same for a session: java.util.Random seeded with its id and a constant that is no secret at all.
 */
export function sessionPassword(sessionId: bigint): Buffer {
  const mask = (1n << 48n) - 1n;
  let seed = (BigInt.asUintN(64, sessionId) ^ SUPER_SECRET ^ 0x5deece66dn) & mask;
  const password = Buffer.alloc(16);
  for (let i = 0; i < 16; i += 4) {
    seed = (seed * 0x5deece66dn + 0xbn) & mask;
    password.writeInt32LE(Number(BigInt.asIntN(32, seed >> 16n)), i);
  }
  return password;
}

export const NO_PASSWORD = Buffer.alloc(16);

/** As ZooKeeper's logs and four-letter words print it. */
export function sessionText(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}
