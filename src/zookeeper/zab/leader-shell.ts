/**
 * The I/O around a leader: the quorum port, a stream for each learner, the log, the tree and the clock. It carries out
 * what leader.ts decides. Mirrors the threads of org.apache.zookeeper.server.quorum.Leader and LearnerHandler.
 */
import { hasCode, LabError } from '../../base/errors.js';
import { hostPortText } from '../../base/host-port.js';
import { Driver } from '../../base/machine.js';
import type { Carried } from '../../base/machine.js';
import { epochOf, zxidText } from '../../base/zxid.js';
import type { Listener, Stream, StreamHandler } from '../../host/host.js';
import { encodePacket, encodePackets, packet } from '../../wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../wire/zookeeper/quorum/packet.js';
import { PacketStream, SNAPSHOT_SIGNATURE } from '../../wire/zookeeper/quorum/packet-stream.js';
import { PacketType } from '../../wire/zookeeper/quorum/packet-type.js';
import { snapshotLength } from '../../wire/zookeeper/quorum/snapshot-scan.js';
import type { Request, Txn } from '../contract.js';
import { carryOutOnHistory } from './history-effect.js';
import { Leader } from './leader.js';
import type { LeaderEffect, LeaderInput, LearnerId } from './leader-io.js';
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
  readonly #driver: Driver<LeaderInput, LeaderEffect>;
  readonly #connections = new Map<LearnerId, Connection>();
  #listener: Listener | undefined;
  #nextId = 1;
  #over = false;

  constructor(context: PeerContext) {
    this.#context = context;
    const { config, members, host, storage } = context;
    this.#leader = new Leader({
      sid: config.sid,
      members,
      tickTimeMs: config.tickTimeMs,
      initLimit: config.initLimit,
      syncLimit: config.syncLimit,
    });
    this.#driver = new Driver<LeaderInput, LeaderEffect>(this.#leader, {
      clock: host.clock,
      carryOut: (effect) => this.#carryOut(effect),
      whenDurable: (callback) => storage.whenDurable(callback),
      failed: (error) => this.#fatal(error),
    });
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
    const { acceptedEpoch, currentEpoch, history } = storage;
    this.#driver.feed({ type: 'start', lastZxid: history.lastZxid, acceptedEpoch, currentEpoch });
  }

  submit(request: Request): void {
    this.#driver.feed({ type: 'request', request });
  }

  /** Orderly or not, everything is closed; resolves when the port is free again. */
  async stop(): Promise<void> {
    this.#over = true;
    this.#driver.stop();
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
    const { config } = this.#context;
    const id = this.#nextId++;
    const connection: Connection = {
      id,
      stream,
      name: hostPortText(stream.remote.host, stream.remote.port),
      held: undefined,
      drained: undefined,
      closed: false,
    };
    if (this.#over) {
      stream.destroy();
      return { onData: () => {}, onClose: () => {} };
    }
    this.#connections.set(id, connection);
    this.#driver.feed({ type: 'connected', learner: id });
    const packets = new PacketStream(packetLimit(config), {
      onPacket: (p) => {
        if (!connection.closed) this.#driver.feed({ type: 'packet', learner: id, packet: p });
      },
    });
    return {
      onData: (chunk) => {
        if (connection.closed || this.#over) return;
        try {
          packets.push(chunk);
        } catch (error) {
          if (!hasCode(error, 'MALFORMED')) throw error;
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
    this.#driver.feed({ type: 'disconnected', learner: connection.id });
  }

  #hangUp(connection: Connection, reason: string): void {
    this.#context.host.log.warn(`connection of learner ${connection.name} closed: ${reason}`);
    connection.stream.destroy();
    this.#closed(connection);
  }

  readonly #turn = (): void => this.#driver.feed({ type: 'turn' });

  #carryOut(effect: Carried<LeaderEffect>): void {
    const { host, storage, server } = this.#context;
    switch (effect.type) {
      case 'send':
        this.#sendTo(effect.to, effect.packet);
        return;
      case 'broadcast': {
        const bytes = encodePackets(effect.packets);
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
        host.trace?.({ type: 'TxnAcked', zxid: effect.zxid });
        this.#driver.feed({ type: 'durable', zxid: effect.zxid });
        return;
      case 'turn':
        host.clock.soon(this.#turn);
        return;
      case 'prepare': {
        let { zxid } = effect;
        this.#driver.feed({
          type: 'prepared',
          txns: effect.requests.map((request) => server.prepare(request, zxid++)),
        });
        return;
      }
      case 'touchSessions':
        server.touchSessions(effect.sessions);
        return;
      case 'adoptSession': {
        const { learner, sessionId, timeoutMs, sid } = effect;
        const valid = server.adoptSession(sessionId, timeoutMs, sid);
        this.#driver.feed({ type: 'adopted', learner, sessionId, valid });
        return;
      }
      case 'findCommonPoint':
        this.#findCommonPoint(effect.learner, effect.zxid);
        return;
      case 'synchronize':
        this.#synchronize(effect.learner, effect.sid, effect.plan, effect.committed, effect.observer);
        return;
      case 'syncDone':
        server.syncDone(effect.request);
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
    if (connection === undefined) return;
    if (p.type === PacketType.LEADERINFO) this.#context.host.trace?.({ type: 'EpochTold', epoch: epochOf(p.zxid) });
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
    // Not waited for: the others go on meanwhile.
    const { storage } = this.#context;
    storage.floor(zxid).then(
      (floor) =>
        this.#driver.feed({ type: 'commonPoint', learner: id, zxid: floor, memoryFloor: storage.history.floor }),
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
