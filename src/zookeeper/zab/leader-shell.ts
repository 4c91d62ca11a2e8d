/**
 * The I/O around a leader: the quorum port, a stream for each learner, the log, the tree and the clock. It carries out
 * what leader.ts decides. Mirrors the threads of org.apache.zookeeper.server.quorum.Leader and LearnerHandler.
 */
import { LabError } from '../../base/errors.js';
import { zxidText } from '../../base/zxid.js';
import type { Listener, Stream, StreamHandler, Timer } from '../../host/host.js';
import { encodePacket, packet } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { PacketStream, SNAPSHOT_SIGNATURE } from '../../wire/zookeeper/quorum/packet-stream.js';
import { PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import { snapshotLength } from '../../wire/zookeeper/quorum/snapshot-scan.js';
import type { Request, Txn } from '../contract.js';
import { endpointText } from '../election/membership.js';
import { carryOutOnHistory } from './history-effect.js';
import { Leader } from './leader.js';
import type { LeaderEffect, LearnerId } from './leader.js';
import { packetLimit } from './peer-context.js';
import type { PeerContext } from './peer-context.js';
import type { SyncPlan } from './synchronization.js';

/** While history is read for a learner, we wait when this much is on its way. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** A learner this far behind in reading is cut off. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024;

interface Connection {
  readonly id: LearnerId;
  readonly stream: Stream;
  readonly name: string;
  /** What waits until history has been sent. */
  held: Buffer[] | undefined;
  drained: (() => void) | undefined;
  closed: boolean;
}

export class LeaderShell {
  readonly #context: PeerContext;
  readonly #leader: Leader;
  readonly #connections = new Map<LearnerId, Connection>();
  #listener: Listener | undefined;
  #timer: Timer | undefined;
  #nextId = 1;
  #over = false;

  constructor(context: PeerContext) {
    this.#context = context;
    const { config, members, server, storage } = context;
    this.#leader = new Leader(
      {
        sid: config.sid,
        members,
        tickTimeMs: config.tickTimeMs,
        initLimit: config.initLimit,
        syncLimit: config.syncLimit,
      },
      server,
      storage.history,
    );
  }

  get machine(): Leader {
    return this.#leader;
  }

  start(): void {
    const { host, config, members, storage } = this.#context;
    const me = members.server(config.sid)!;
    const endpoint = { host: config.quorumListenOnAllIPs ? '0.0.0.0' : me.host, port: me.quorumPort };
    host.net
      .listen(endpoint, (stream) => this.#accept(stream))
      .then(
        (listener) => {
          if (this.#over) void listener.close();
          else this.#listener = listener;
        },
        (error: unknown) =>
          this.#end(`cannot listen for followers: ${error instanceof LabError ? error.toString() : String(error)}`),
      );
    this.#timer = host.clock.every(config.tickTimeMs / 2, () => this.#run(this.#leader.tick(host.clock.nowMs())));
    this.#run(this.#leader.start(host.clock.nowMs(), storage));
  }

  submit(request: Request): void {
    if (!this.#over) this.#run(this.#leader.submit(request));
  }

  /** Orderly or not, everything is closed; resolves when the port is free again. */
  async stop(): Promise<void> {
    this.#over = true;
    this.#leader.stop();
    this.#timer?.cancel();
    for (const connection of this.#connections.values()) connection.stream.destroy();
    this.#connections.clear();
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }

  #end(reason: string): void {
    if (this.#over) return;
    void this.stop().then(() => this.#context.ended(reason, false));
  }

  #accept(stream: Stream): StreamHandler {
    const { host, config } = this.#context;
    const id = this.#nextId++;
    const connection: Connection = {
      id,
      stream,
      name: endpointText(stream.remote.host, stream.remote.port),
      held: undefined,
      drained: undefined,
      closed: false,
    };
    if (this.#over) {
      stream.destroy();
      return { onData: () => {}, onClose: () => {} };
    }
    this.#connections.set(id, connection);
    this.#leader.connected(id, host.clock.nowMs());
    let nowMs = 0;
    const packets = new PacketStream(packetLimit(config), {
      onPacket: (p) => {
        if (!connection.closed && !this.#over) this.#run(this.#leader.received(id, p, nowMs));
      },
    });
    return {
      onData: (chunk) => {
        if (connection.closed || this.#over) return;
        nowMs = host.clock.nowMs();
        try {
          packets.push(chunk);
        } catch (error) {
          if (!(error instanceof LabError) || error.code !== 'MALFORMED') throw error;
          this.#hangUp(connection, error.message);
        }
      },
      onDrain: () => {
        const { drained } = connection;
        connection.drained = undefined;
        drained?.();
      },
      onClose: () => this.#closed(connection),
    };
  }

  #closed(connection: Connection): void {
    if (connection.closed) return;
    connection.closed = true;
    connection.drained?.();
    this.#connections.delete(connection.id);
    if (!this.#over) this.#leader.disconnected(connection.id);
  }

  #hangUp(connection: Connection, reason: string): void {
    this.#context.host.log.warn(`connection of learner ${connection.name} closed: ${reason}`);
    connection.stream.destroy();
    this.#closed(connection);
  }

  #run(effects: readonly LeaderEffect[]): void {
    for (const effect of effects) {
      if (this.#over) return;
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: LeaderEffect): void {
    const { host, storage, server } = this.#context;
    switch (effect.kind) {
      case 'send':
        if (effect.after === 'sync') storage.whenDurable(() => this.#sendTo(effect.to, effect.packet));
        else this.#sendTo(effect.to, effect.packet);
        return;
      case 'broadcast': {
        if (effect.to.length === 0) return;
        const bytes = encodePacket(effect.packet);
        for (const id of effect.to) {
          const connection = this.#connections.get(id);
          if (connection !== undefined) this.#write(connection, bytes);
        }
        return;
      }
      case 'append':
      case 'storeAcceptedEpoch':
      case 'storeCurrentEpoch':
      case 'commit':
        carryOutOnHistory(this.#context, effect);
        return;
      case 'acknowledge':
        storage.whenDurable(() => {
          if (this.#over) return;
          host.trace?.({ type: 'TxnAcked', zxid: effect.zxid });
          this.#run(this.#leader.durable(effect.zxid));
        });
        return;
      case 'findCommonPoint':
        this.#findCommonPoint(effect.learner, effect.zxid);
        return;
      case 'synchronize':
        this.#synchronize(effect.learner, effect.sid, effect.plan, effect.committed, effect.observer);
        return;
      case 'syncDone':
        // Later, as every answer: the caller may not have finished asking.
        host.clock.soon(() => {
          if (!this.#over) server.syncDone(effect.request);
        });
        return;
      case 'established':
        host.emit({
          type: 'LeaderEstablished',
          epoch: effect.epoch,
          zxid: storage.history.lastZxid,
          supporters: effect.supporters,
        });
        this.#context.serving('leader', effect.epoch);
        host.trace?.({ type: 'LeaderServing', epoch: effect.epoch, zxid: storage.history.lastZxid });
        return;
      case 'hangUp': {
        const connection = this.#connections.get(effect.learner);
        if (connection !== undefined) this.#hangUp(connection, effect.reason);
        return;
      }
      case 'resign':
        this.#end(effect.reason);
    }
  }

  #sendTo(id: LearnerId, p: QuorumPacket): void {
    const connection = this.#connections.get(id);
    if (connection === undefined || this.#over) return;
    if (p.type === PacketType.LEADERINFO) this.#context.host.trace?.({ type: 'EpochTold', epoch: this.#leader.epoch });
    this.#write(connection, encodePacket(p));
  }

  #write(connection: Connection, bytes: Buffer): void {
    if (connection.held !== undefined) {
      connection.held.push(bytes);
    } else {
      connection.stream.write(bytes);
      if (connection.stream.queuedBytes > MAX_QUEUED_BYTES)
        this.#hangUp(connection, `it does not read: ${connection.stream.queuedBytes} bytes wait`);
    }
  }

  #findCommonPoint(id: LearnerId, zxid: bigint): void {
    this.#context.storage.floor(zxid).then(
      (floor) => {
        if (!this.#over) this.#run(this.#leader.commonPoint(id, floor));
      },
      (error: unknown) => this.#fatal(error),
    );
  }

  /**
   * Starts with what is there now: history and snapshot are taken in this very turn, however long it takes to send
   * them.
   */
  #synchronize(id: LearnerId, sid: number, plan: SyncPlan, committed: bigint, observer: boolean): void {
    const { host, storage, server } = this.#context;
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    const { lastZxid } = storage.history;
    let after: bigint;
    if (plan.mode === 'SNAP') {
      after = server.lastProcessedZxid;
      const snapshot = server.serializeSnapshot();
      this.#write(connection, encodePacket(packet(PacketType.SNAP, after)));
      // Only the tree goes over the wire; a digest behind it is for files.
      this.#write(connection, snapshot.subarray(0, snapshotLength(snapshot)));
      this.#write(connection, SNAPSHOT_SIGNATURE);
      if (after < storage.history.lastCommitted) after = storage.history.lastCommitted;
    } else {
      after = plan.after;
      this.#write(
        connection,
        encodePacket(
          packet(
            plan.mode === 'TRUNC' ? PacketType.TRUNC : PacketType.DIFF,
            plan.mode === 'TRUNC' ? plan.after : committed,
          ),
        ),
      );
    }
    const history = storage.read(after, observer ? committed : lastZxid);
    connection.held = [];
    host.log.info(
      `synchronizing server ${sid} at ${connection.name} by ${plan.mode} from ${zxidText(after)} to ` +
        `${zxidText(lastZxid)}`,
    );
    this.#sendHistory(connection, history, committed).then(
      () => host.emit({ type: 'LearnerSynchronized', learner: sid, mode: plan.mode, zxid: lastZxid }),
      (error: unknown) => this.#fatal(error),
    );
  }

  async #sendHistory(
    connection: Connection,
    history: AsyncIterable<Txn> | Iterable<Txn>,
    committed: bigint,
  ): Promise<void> {
    const { stream } = connection;
    for await (const txn of history) {
      if (connection.closed || this.#over) return;
      stream.write(encodePacket(packet(PacketType.PROPOSAL, txn.zxid, txn.bytes)));
      if (txn.zxid <= committed) stream.write(encodePacket(packet(PacketType.COMMIT, txn.zxid)));
      if (stream.queuedBytes > HIGH_WATER_BYTES)
        await new Promise<void>((resolve) => {
          connection.drained = resolve;
        });
    }
    if (connection.closed || this.#over) return;
    for (const bytes of connection.held ?? []) stream.write(bytes);
    connection.held = undefined;
  }

  #fatal(error: unknown): void {
    if (this.#over) return;
    this.#context.host.exit(
      1,
      error instanceof LabError ? error.toString() : `leading failed: ${(error as Error).stack ?? String(error)}`,
    );
  }
}
