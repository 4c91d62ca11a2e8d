/**
 * The closed set of packet types between a leader and its learners, by the numbers of
 * org.apache.zookeeper.server.quorum.Leader.
 */
export const PacketType = {
  REQUEST: 1,
  PROPOSAL: 2,
  ACK: 3,
  COMMIT: 4,
  PING: 5,
  REVALIDATE: 6,
  SYNC: 7,
  INFORM: 8,
  COMMITANDACTIVATE: 9,
  NEWLEADER: 10,
  FOLLOWERINFO: 11,
  UPTODATE: 12,
  DIFF: 13,
  TRUNC: 14,
  SNAP: 15,
  OBSERVERINFO: 16,
  LEADERINFO: 17,
  ACKEPOCH: 18,
  INFORMANDACTIVATE: 19,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

const names = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name]));

/** `PROPOSAL`, or `UNKNOWN(99)` for what is not in the set. */
export function packetTypeName(type: number): string {
  return names.get(type) ?? `UNKNOWN(${type})`;
}
