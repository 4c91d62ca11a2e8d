/**
 * What a leader's and a learner's shell share: the host, the disk, the server half, and whom to tell when it is over.
 */
import type { Host } from '../../host/host.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { ReplicatedServer } from '../contract.js';
import type { Membership } from '../membership.js';
import type { Storage } from '../storage/storage.js';

export interface PeerContext {
  readonly host: Host;
  readonly config: QuorumPeerConfig;
  readonly members: Membership;
  readonly storage: Storage;
  readonly server: ReplicatedServer;
  /** The epoch is established with us in it. */
  serving(mode: 'leader' | 'follower' | 'observer', epoch: bigint): void;
  /** Called once; nothing of the shell runs afterwards. */
  ended(reason: string, wantSnapshot: boolean): void;
  /** Transactions have been applied: time for a snapshot, perhaps. */
  applied(count: number): void;
}

/**
 * Largest data of a quorum packet: a request's limit, and as much again for what the leader adds (Apache:
 * extraMaxBuffer).
 */
export function packetLimit(config: QuorumPeerConfig): number {
  return 2 * config.juteMaxBuffer + 1024;
}
