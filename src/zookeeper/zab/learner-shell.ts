/**
 * The I/O around a follower or an observer: the stream to the leader, the log, the tree and the clock. It carries out
 * what learner.ts decides. Mirrors the threads of org.apache.zookeeper.server.quorum.Learner.
 */
import { hasCode, LabError } from '../../base/errors.js';
import type { Stream, Timer } from '../../host/host.js';
import { encodePacket } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { PacketStream } from '../../wire/zookeeper/quorum/packet-stream.js';
import { PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import type { Request } from '../contract.js';
import { endpointText } from '../election/membership.js';
import { carryOutOnHistory } from './history-effect.js';
import { Learner } from './learner.js';
import type { LearnerEffect } from './learner.js';
import { packetLimit } from './peer-context.js';
import type { PeerContext } from './peer-context.js';

/**
 * The leader opens its port when it learns of its election, which may be after we do: we knock again, soon at first.
 * Apache waits 100 ms each time, and gives up after five attempts; so do we, after about as long.
 */
const RETRY_DELAYS_MS = [10, 20, 40, 80, 100, 100, 100];

export class LearnerShell {
  readonly #context: PeerContext;
  readonly #learner: Learner;
  readonly #leader: number;
  readonly #observer: boolean;
  #stream: Stream | undefined;
  #timer: Timer | undefined;
  #retry: Timer | undefined;
  /** While a truncation is under way. */
  #blocked: Buffer[] | undefined;
  #packets: PacketStream | undefined;
  #nowMs = 0;
  #over = false;

  constructor(
    context: PeerContext,
    leader: number,
    options: { readonly observer: boolean; readonly wantSnapshot: boolean },
  ) {
    this.#context = context;
    this.#leader = leader;
    this.#observer = options.observer;
    const { config, server, storage } = context;
    this.#learner = new Learner(
      {
        sid: config.sid,
        leader,
        ...options,
        tickTimeMs: config.tickTimeMs,
        initLimit: config.initLimit,
        syncLimit: config.syncLimit,
      },
      server,
      storage.history,
    );
  }

  get machine(): Learner {
    return this.#learner;
  }

  start(): void {
    this.#connect(0);
  }

  submit(request: Request): void {
    if (!this.#over) this.#run(this.#learner.submit(request));
  }

  revalidate(sessionId: bigint, timeoutMs: number): void {
    if (!this.#over) this.#run(this.#learner.revalidate(sessionId, timeoutMs));
  }

  stop(): void {
    this.#over = true;
    this.#learner.stop();
    this.#packets?.stop();
    this.#timer?.cancel();
    this.#retry?.cancel();
    this.#stream?.destroy();
  }

  #end(reason: string, wantSnapshot = false): void {
    if (this.#over) return;
    this.stop();
    this.#context.ended(reason, wantSnapshot);
  }

  #connect(attempt: number): void {
    const { host, config, members, storage } = this.#context;
    const server = members.server(this.#leader);
    if (server === undefined) {
      this.#end(`the leader, server ${this.#leader}, is not among our servers`);
      return;
    }
    const at = endpointText(server.host, server.quorumPort);
    const limit = config.connectToLearnerMasterLimit > 0 ? config.connectToLearnerMasterLimit : config.initLimit;
    let opened = false;
    const packets = new PacketStream(packetLimit(config), {
      onPacket: (p) => this.#received(p),
      onSnapshot: (bytes) => this.#run(this.#learner.snapshot(bytes, this.#nowMs)),
    });
    this.#packets = packets;
    this.#stream = host.net.connect(
      { host: server.host, port: server.quorumPort },
      { timeoutMs: limit * config.tickTimeMs },
      {
        onOpen: () => {
          opened = true;
          if (this.#over) return;
          this.#timer = host.clock.every(config.tickTimeMs / 2, () =>
            this.#run(this.#learner.tick(host.clock.nowMs())),
          );
          this.#run(this.#learner.start(host.clock.nowMs(), storage));
        },
        onData: (chunk) => {
          if (this.#over) return;
          this.#nowMs = host.clock.nowMs();
          this.#learner.heard(this.#nowMs);
          if (this.#blocked !== undefined) this.#blocked.push(chunk);
          else this.#push(chunk);
        },
        onClose: (error) => {
          if (this.#over) return;
          const why = error === undefined ? 'closed' : error.message;
          const delayMs = RETRY_DELAYS_MS[attempt];
          if (opened) this.#end(`the connection to the leader, server ${this.#leader}, is gone: ${why}`);
          else if (delayMs === undefined)
            this.#end(`no connection to the leader, server ${this.#leader}, at ${at}: ${why}`);
          else this.#retry = host.clock.after(delayMs, () => this.#connect(attempt + 1));
        },
      },
    );
  }

  #push(chunk: Buffer): void {
    try {
      this.#packets!.push(chunk);
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error;
      this.#end(`the leader, server ${this.#leader}, sends what cannot be read: ${error.message}`);
    }
  }

  #received(p: QuorumPacket): void {
    if (!this.#over) this.#run(this.#learner.received(p, this.#nowMs));
  }

  #run(effects: readonly LearnerEffect[]): void {
    for (const effect of effects) {
      if (this.#over) return;
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: LearnerEffect): void {
    const { host, storage, server } = this.#context;
    switch (effect.kind) {
      case 'send':
        if (effect.after === 'sync') storage.whenDurable(() => this.#send(effect.packet));
        else this.#send(effect.packet);
        return;
      case 'append':
      case 'storeAcceptedEpoch':
      case 'storeCurrentEpoch':
      case 'commit':
        carryOutOnHistory(this.#context, effect);
        return;
      case 'truncate':
        this.#truncate(effect.zxid);
        return;
      case 'restore':
        server.restoreSnapshot(effect.snapshot, effect.zxid);
        storage.replace(effect.zxid, effect.snapshot);
        host.trace?.({ type: 'SnapshotRestored', zxid: effect.zxid });
        return;
      case 'synchronized':
        host.log.info(`synchronized with the leader, server ${this.#leader}, by ${effect.mode}`);
        return;
      case 'serve':
        host.emit({
          type: 'FollowingEstablished',
          leader: this.#leader,
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
      case 'giveUp':
        this.#end(effect.reason, effect.wantSnapshot === true);
    }
  }

  #send(p: QuorumPacket): void {
    if (this.#over) return;
    if (p.type === PacketType.ACK) this.#context.host.trace?.({ type: 'TxnAcked', zxid: p.zxid });
    if (p.type === PacketType.ACKEPOCH) this.#context.host.trace?.({ type: 'EpochTold', epoch: this.#learner.epoch });
    this.#stream!.write(encodePacket(p));
  }

  /** The leader's bytes wait meanwhile, those of this chunk that are not read yet included. */
  #truncate(zxid: bigint): void {
    const { storage, server } = this.#context;
    this.#blocked = [];
    this.#stream!.pause();
    this.#packets!.pause();
    storage.truncate(zxid, server, (possible) => {
      if (this.#over) return;
      const chunks = this.#blocked!;
      this.#blocked = undefined;
      this.#run(this.#learner.truncated(possible));
      if (this.#over) return;
      this.#stream!.resume();
      this.#packets!.resume();
      this.#push(Buffer.concat(chunks));
    });
  }
}
