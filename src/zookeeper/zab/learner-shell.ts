/**
 * The I/O around a follower or an observer: the stream to the leader, the log, the tree and the clock. It carries out
 * what learner.ts decides. Mirrors the threads of org.apache.zookeeper.server.quorum.Learner.
 */
import { hasCode, LabError } from '../../base/errors.js';
import { hostPortText } from '../../base/host-port.js';
import { Driver } from '../../base/machine.js';
import type { Carried } from '../../base/machine.js';
import type { QuorumServer } from '../../config/quorum-peer-config.js';
import type { Stream } from '../../host/host.js';
import { encodePacket, encodePackets, packet } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { PacketStream } from '../../wire/zookeeper/quorum/packet-stream.js';
import { PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import type { Request } from '../contract.js';
import { carryOutOnHistory } from './history-effect.js';
import { Learner } from './learner.js';
import type { LearnerEffect, LearnerInput } from './learner-io.js';
import { packetLimit } from './peer-context.js';
import type { PeerContext } from './peer-context.js';

export class LearnerShell {
  readonly #context: PeerContext;
  readonly #learner: Learner;
  readonly #driver: Driver<LearnerInput, LearnerEffect>;
  readonly #leader: QuorumServer;
  readonly #observer: boolean;
  #stream: Stream | undefined;
  #packets: PacketStream | undefined;
  #over = false;

  constructor(
    context: PeerContext,
    leader: QuorumServer,
    options: { readonly observer: boolean; readonly wantSnapshot: boolean },
  ) {
    this.#context = context;
    this.#leader = leader;
    this.#observer = options.observer;
    const { config, host, storage } = context;
    this.#learner = new Learner({
      sid: config.sid,
      leader: leader.sid,
      leaderAddress: hostPortText(leader.host, leader.quorumPort),
      ...options,
      tickTimeMs: config.tickTimeMs,
      initLimit: config.initLimit,
      syncLimit: config.syncLimit,
      connectToLearnerMasterLimit: config.connectToLearnerMasterLimit,
    });
    this.#driver = new Driver<LearnerInput, LearnerEffect>(this.#learner, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      whenDurable: (callback) => storage.whenDurable(callback),
      failed: (error) => this.#failed(error),
    });
  }

  get machine(): Learner {
    return this.#learner;
  }

  start(): void {
    const { acceptedEpoch, currentEpoch, history } = this.#context.storage;
    const { lastZxid, lastCommitted } = history;
    this.#driver.feed({ type: 'start', lastZxid, lastCommitted, acceptedEpoch, currentEpoch });
  }

  submit(request: Request): void {
    this.#driver.feed({ type: 'request', request });
  }

  revalidate(sessionId: bigint, timeoutMs: number): void {
    this.#driver.feed({ type: 'revalidate', sessionId, timeoutMs });
  }

  stop(): void {
    this.#over = true;
    this.#driver.stop();
    this.#packets?.stop();
    this.#stream?.destroy();
  }

  #end(reason: string, wantSnapshot = false): void {
    if (this.#over) return;
    this.stop();
    this.#context.ended(reason, wantSnapshot);
  }

  #connect(timeoutMs: number): void {
    const { host, config } = this.#context;
    const packets = new PacketStream(packetLimit(config), {
      onPacket: (p) => this.#driver.feed({ type: 'packet', packet: p }),
      onSnapshot: (bytes) => this.#driver.feed({ type: 'snapshot', bytes }),
    });
    this.#packets = packets;
    const leader = { host: this.#leader.host, port: this.#leader.quorumPort };
    this.#stream = host.net.connect(
      leader,
      { timeoutMs },
      {
        onOpen: () => this.#driver.feed({ type: 'connected' }),
        onData: (chunk) => {
          this.#driver.feed({ type: 'heard' });
          try {
            packets.push(chunk);
          } catch (error) {
            if (!hasCode(error, 'MALFORMED')) throw error;
            this.#unreadable(error);
          }
        },
        onClose: (error) => this.#driver.feed({ type: 'disconnected', why: error?.message ?? 'closed' }),
      },
    );
  }

  #unreadable(error: LabError): void {
    this.#end(`the leader, server ${this.#leader.sid}, sends what cannot be read: ${error.message}`);
  }

  #failed(error: unknown): void {
    // A snapshot that cannot be read.
    if (hasCode(error, 'MALFORMED')) this.#unreadable(error);
    else if (!this.#over)
      this.#context.host.exit(
        1,
        error instanceof LabError ? error.toString() : `learning failed: ${(error as Error).stack ?? String(error)}`,
      );
  }

  readonly #turn = (): void => this.#driver.feed({ type: 'turn' });

  #carryOut(effect: Carried<LearnerEffect>): void | Promise<LearnerInput> {
    const { host, storage, server } = this.#context;
    switch (effect.type) {
      case 'connect':
        this.#connect(effect.timeoutMs);
        return;
      case 'send':
        this.#send(effect.packet);
        return;
      case 'acknowledge':
        if (host.trace !== undefined) for (const zxid of effect.zxids) host.trace({ type: 'TxnAcked', zxid });
        this.#stream!.write(encodePackets(effect.zxids.map((zxid) => packet(PacketType.ACK, zxid))));
        return;
      case 'append':
      case 'storeAcceptedEpoch':
      case 'storeCurrentEpoch':
      case 'commit':
        carryOutOnHistory(this.#context, effect);
        return;
      case 'turn':
        host.clock.soon(this.#turn);
        return;
      case 'truncate':
        return this.#truncate(effect.zxid);
      case 'restore':
        server.restoreSnapshot(effect.snapshot, effect.zxid);
        storage.replace(effect.zxid, effect.snapshot);
        host.trace?.({ type: 'SnapshotRestored', zxid: effect.zxid });
        return;
      case 'synchronized':
        host.log.info(`synchronized with the leader, server ${this.#leader.sid}, by ${effect.mode}`);
        return;
      case 'serve':
        host.emit({
          type: 'FollowingEstablished',
          leader: this.#leader.sid,
          epoch: effect.epoch,
          zxid: storage.history.lastCommitted,
        });
        this.#context.serving(this.#observer ? 'observer' : 'follower', effect.epoch);
        return;
      case 'syncDone':
        server.syncDone(effect.request);
        return;
      case 'revalidated':
        server.revalidated(effect.sessionId, effect.valid);
        return;
      case 'takeTouchedSessions':
        this.#driver.feed({ type: 'touched', zxid: effect.zxid, sessions: server.takeTouchedSessions() });
        return;
      case 'giveUp':
        this.#end(effect.reason, effect.wantSnapshot === true);
    }
  }

  #send(p: QuorumPacket): void {
    if (p.type === PacketType.ACK) this.#context.host.trace?.({ type: 'TxnAcked', zxid: p.zxid });
    if (p.type === PacketType.ACKEPOCH) this.#context.host.trace?.({ type: 'EpochTold', epoch: this.#learner.epoch });
    this.#stream!.write(encodePacket(p));
  }

  /** What the leader sends meanwhile waits: what has come in the driver, the rest in the network. */
  #truncate(zxid: bigint): Promise<LearnerInput> {
    const { storage, server } = this.#context;
    this.#stream!.pause();
    return new Promise((resolve) => {
      storage.truncate(zxid, server, (possible) => {
        if (!this.#over) this.#stream!.resume();
        resolve({ type: 'truncated', possible, lastZxid: storage.history.lastZxid });
      });
    });
  }
}
