/**
 * One server of an ensemble: it looks for a leader, leads or follows until that ends, and looks again. Election,
 * leading and learning are each their own; this joins them, and is the Consensus of the server half. Mirrors the main
 * loop of org.apache.zookeeper.server.quorum.QuorumPeer.
 */
import { assert } from '../../base/errors.js';
import type { Host, Timer } from '../../host/host.js';
import { PeerState } from '../../wire/zookeeper/election/notification.js';
import type { QuorumPeerConfig } from '../../config/quorum-peer-config.js';
import type { Consensus, ReplicatedServer, Request } from '../contract.js';
import { FastLeaderElectionShell } from '../election/fast-leader-election-shell.js';
import type { Vote } from '../election/fast-leader-election.js';
import { Membership } from '../membership.js';
import type { SnapshotSchedule } from '../storage/snapshot-schedule.js';
import type { Storage } from '../storage/storage.js';
import { LeaderShell } from './leader-shell.js';
import { LearnerShell } from './learner-shell.js';
import type { PeerContext } from './peer-context.js';

/** After fruitless attempts in a row: none for the first ones, then longer and longer. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
const LONGEST_LEADER_PAUSE_MS = 200;

export class EnsemblePeer implements Consensus {
  readonly sid: number;
  readonly #host: Host;
  readonly #config: QuorumPeerConfig;
  readonly #members: Membership;
  readonly #storage: Storage;
  readonly #election: FastLeaderElectionShell;
  #server: ReplicatedServer | undefined;
  #snapshots: SnapshotSchedule | undefined;
  #mode: 'looking' | 'leader' | 'follower' | 'observer' = 'looking';
  #epoch: bigint;
  #leaderSid: number | undefined;
  #leading: LeaderShell | undefined;
  #learning: LearnerShell | undefined;
  #pause: Timer | undefined;
  #fruitless = 0;
  #wantSnapshot = false;
  #stopped = false;

  constructor(host: Host, config: QuorumPeerConfig, storage: Storage) {
    this.#host = host;
    this.#config = config;
    this.#storage = storage;
    this.sid = config.sid;
    this.#epoch = 0n;
    this.#members = new Membership(config.servers);
    this.#election = new FastLeaderElectionShell(host, config, this.#members, (vote, state) =>
      this.#elected(vote, state),
    );
  }

  /**
   * Opens the election port; rejects LabError ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE. The quorum port is only tried: a
   * leader opens it.
   */
  async open(): Promise<void> {
    const me = this.#members.server(this.sid)!;
    const host = this.#config.quorumListenOnAllIPs ? '0.0.0.0' : me.host;
    const probe = await this.#host.net.listen({ host, port: me.quorumPort }, (stream) => {
      stream.destroy();
      return { onData: () => {}, onClose: () => {} };
    });
    await probe.close();
    await this.#election.start();
  }

  /** History is loaded: begins to look for a leader. */
  start(server: ReplicatedServer, snapshots: SnapshotSchedule): void {
    this.#server = server;
    this.#snapshots = snapshots;
    this.#epoch = this.#storage.currentEpoch;
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause?.cancel();
    this.#learning?.stop();
    await this.#leading?.stop();
    await this.#election.stop();
  }

  get mode(): Consensus['mode'] {
    return this.#mode;
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  submit(request: Request): void {
    if (this.#leading !== undefined) this.#leading.submit(request);
    else this.#learning?.submit(request);
  }

  revalidate(sessionId: bigint, timeoutMs: number): void {
    this.#learning?.revalidate(sessionId, timeoutMs);
  }

  status(): ReturnType<Consensus['status']> {
    const { history, currentEpoch, acceptedEpoch } = this.#storage;
    const leading = this.#leading?.machine.status();
    return {
      leader: this.#leaderSid,
      followers: leading?.followers ?? 0,
      syncedFollowers: leading?.syncedFollowers ?? 0,
      pendingSyncs: leading?.pendingSyncs ?? this.#learning?.machine.pendingSyncs ?? 0,
      lastLoggedZxid: history.lastZxid,
      lastCommittedZxid: history.lastCommitted,
      currentEpoch,
      acceptedEpoch,
    };
  }

  // --- looking

  #look(): void {
    this.#mode = 'looking';
    this.#leaderSid = undefined;
    this.#election.leave();
    this.#server!.setServing('looking');
    // The vote tells of our history, which must not be less after a crash.
    this.#storage.whenDurable(() => {
      if (this.#stopped) return;
      if (this.#server!.lastProcessedZxid === this.#storage.history.lastCommitted) {
        this.#openRound();
        return;
      }
      // A snapshot that could not be read has left nothing in memory.
      this.#storage.reload(this.#server!).then(
        () => this.#openRound(),
        (error: unknown) => this.#host.exit(1, String(error)),
      );
    });
  }

  #openRound(): void {
    if (this.#stopped) return;
    this.#election.look(this.#storage.history.lastZxid, this.#storage.currentEpoch);
  }

  #elected(vote: Vote, state: PeerState): void {
    assert(this.#leading === undefined && this.#learning === undefined, 'elected while leading or following');
    this.#host.emit({ type: 'LeaderElected', leader: vote.leader, round: vote.round, zxid: vote.zxid });
    this.#host.log.info(`elected: server ${vote.leader} leads, in round ${vote.round}`);
    this.#leaderSid = vote.leader;
    const context = this.#context();
    const begin = (): void => {
      if (state === PeerState.LEADING) {
        this.#leading = new LeaderShell(context);
        this.#leading.start();
      } else {
        this.#learning = new LearnerShell(context, this.#members.server(vote.leader)!, {
          observer: state === PeerState.OBSERVING,
          wantSnapshot: this.#wantSnapshot,
        });
        this.#wantSnapshot = false;
        this.#learning.start();
      }
    };
    // Where leading or following fails again and again, there is no haste. A leader must not be late for those who
    // knock.
    const longestMs = state === PeerState.LEADING ? LONGEST_LEADER_PAUSE_MS : LONGEST_PAUSE_MS;
    if (this.#fruitless < 2) begin();
    else this.#pause = this.#host.clock.after(Math.min(FIRST_PAUSE_MS * 2 ** (this.#fruitless - 2), longestMs), begin);
  }

  // --- leading and following

  #context(): PeerContext {
    return {
      host: this.#host,
      config: this.#config,
      members: this.#members,
      storage: this.#storage,
      server: this.#server!,
      serving: (mode, epoch) => {
        this.#mode = mode;
        this.#epoch = epoch;
        this.#fruitless = 0;
        this.#election.established(epoch);
        this.#server!.setServing(mode);
      },
      ended: (reason, wantSnapshot) => this.#ended(reason, wantSnapshot),
      applied: (count) => this.#snapshots!.applied(count),
    };
  }

  #ended(reason: string, wantSnapshot: boolean): void {
    if (this.#stopped) return;
    const leader = this.#leaderSid;
    if (this.#leading !== undefined) this.#host.emit({ type: 'LeadershipEnded', reason });
    else if (leader !== undefined) this.#host.emit({ type: 'FollowingEnded', leader, reason });
    this.#host.log.warn(`looking for a leader again: ${reason}`);
    this.#leading = undefined;
    this.#learning = undefined;
    this.#wantSnapshot = wantSnapshot;
    this.#fruitless++;
    this.#look();
  }
}
