/**
 * The I/O around FastLeaderElection (fast-leader-election.ts): its connections and its timers. Who is elected, it tells
 * ensemble-peer.ts. Mirrors the Messenger of org.apache.zookeeper.server.quorum.FastLeaderElection.
 */
import { Driver } from '../../base/machine.js';
import type { Carried } from '../../base/machine.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Host } from '../../host/host.js';
import type { PeerState } from '../../wire/zookeeper/election/notification.js';
import type { Membership } from '../membership.js';
import { ElectionConnections } from './connections.js';
import { FastLeaderElection } from './fast-leader-election.js';
import type { ElectionEffect, ElectionInput, Vote } from './fast-leader-election.js';

export class FastLeaderElectionShell {
  readonly #host: Host;
  readonly #connections: ElectionConnections;
  readonly #driver: Driver<ElectionInput, ElectionEffect>;
  readonly #elected: (vote: Vote, state: PeerState) => void;

  constructor(
    host: Host,
    config: QuorumPeerConfig,
    members: Membership,
    elected: (vote: Vote, state: PeerState) => void,
  ) {
    this.#host = host;
    this.#elected = elected;
    this.#driver = new Driver(new FastLeaderElection(config.sid, members), {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
    });
    this.#connections = new ElectionConnections(
      host,
      {
        sid: config.sid,
        members,
        listenOnAllIPs: config.quorumListenOnAllIPs,
        connectTimeoutMs: config.cnxTimeoutMs,
      },
      (from, notification) => this.#driver.feed({ type: 'notification', from, notification }),
    );
  }

  /** Opens the election port. Rejects LabError ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE. */
  start(): Promise<void> {
    return this.#connections.start();
  }

  /** Resolves when the port is free again. */
  async stop(): Promise<void> {
    this.#driver.stop();
    await this.#connections.stop();
  }

  look(lastZxid: bigint, currentEpoch: bigint): void {
    this.#connections.setLooking(true);
    this.#driver.feed({ type: 'look', lastZxid, currentEpoch });
  }

  leave(): void {
    this.#driver.feed({ type: 'leave' });
  }

  established(epoch: bigint): void {
    this.#driver.feed({ type: 'established', epoch });
  }

  #carryOut(effect: Carried<ElectionEffect>): void {
    switch (effect.type) {
      case 'looking':
        this.#host.emit({ type: 'LookingStarted', round: effect.round });
        return;
      case 'send':
        this.#connections.send(effect.to, effect.notification);
        return;
      case 'connectAll':
        this.#connections.connectAll();
        return;
      case 'elected': {
        const { vote, state, supporters } = effect;
        this.#connections.setLooking(false);
        if (supporters !== undefined) this.#host.trace?.({ type: 'VotesCounted', leader: vote.leader, supporters });
        this.#elected(vote, state);
      }
    }
  }
}
