/**
 * Whole servers for group traces: each is an election, and a leader or a learner when that has ended, as one machine.
 * Disks are as quick as the trace says (`sync`), messages move when it says (`deliver`). What EnsemblePeer and the
 * shells do is done here in plain memory, so that a trace shows the protocol and nothing else.
 *
 * | command | what it does |
 * |---|---|
 * | `ensemble VOTERS [observers=N]` | how many servers there are |
 * | `disk N ...` | what N's disk holds: `txns=FIRST-LAST,...`, `base=ZXID` (snapshot), `accepted=`, `current=` |
 * | `start N ...` | the servers are started, with what is on their disks |
 * | `form N ...` | the same, and all goes well until they are an ensemble; only the end of it is shown |
 * | `write N` | a client of server N writes |
 * | `settle` | messages move and disks sync until there is nothing left to do |
 * | `logs` | what each server has in its log |
 */
import { PeerState } from '../../../src/wire/zookeeper/election/notification.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { packet } from '../../../src/wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../../src/wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../../src/wire/zookeeper/quorum/packet-type.js';
import type { ElectionEffect } from '../../../src/zookeeper/election/fast-leader-election.js';
import type { Membership } from '../../../src/zookeeper/membership.js';
import { History } from '../../../src/zookeeper/storage/history.js';
import { Leader } from '../../../src/zookeeper/zab/leader.js';
import type { LeaderEffect, LeaderInput } from '../../../src/zookeeper/zab/leader-io.js';
import { Learner } from '../../../src/zookeeper/zab/learner.js';
import type { LearnerEffect, LearnerInput } from '../../../src/zookeeper/zab/learner-io.js';
import { TraceGroup } from '../../trace.js';
import type { Command } from '../../trace.js';
import { electionText, notificationText, stateName, voteText } from '../election/votes.js';
import { effectText, logText, members, packetText, request, txn, zxidsOf } from './effects.js';
import { Server } from './server-machine.js';
import type { ServerEffect, ServerInput } from './server-machine.js';

interface Stored {
  base: bigint;
  zxids: readonly bigint[];
  acceptedEpoch: bigint;
  currentEpoch: bigint;
}

const EMPTY: Stored = { base: 0n, zxids: [], acceptedEpoch: 0n, currentEpoch: 0n };

const LIMITS = { tickTimeMs: 2000, initLimit: 5, syncLimit: 2 } as const;

/** How much of history is kept in memory (minCommittedLog is so far back): Apache's commitLogCount. */
const COMMIT_LOG_COUNT = 500;

class Running {
  readonly server: Server;
  readonly history = new History(COMMIT_LOG_COUNT);
  acceptedEpoch: bigint;
  currentEpoch: bigint;
  /** Whose learner it is. */
  following: number | undefined;

  constructor(sid: number, ensemble: Membership, stored: Stored) {
    this.server = new Server(sid, ensemble);
    this.acceptedEpoch = stored.acceptedEpoch;
    this.currentEpoch = stored.currentEpoch;
    this.history.reset(stored.base);
    for (const zxid of stored.zxids) this.history.append(txn(zxid));
  }

  stored(): Stored {
    const { history, acceptedEpoch, currentEpoch } = this;
    const zxids = history.after(history.floor)!.map(({ zxid }) => zxid);
    return { base: history.floor, zxids, acceptedEpoch, currentEpoch };
  }
}

export class TraceEnsemble {
  readonly #group = new TraceGroup();
  #members = members(3);
  readonly #running = new Map<number, Running>();
  /** What a crash leaves of each. */
  readonly #disks = new Map<number, Stored>();

  execute(command: Command): readonly string[] {
    this.#execute(command);
    return this.#group.take();
  }

  #execute(command: Command): void {
    const { name, args, options } = command;
    const sids = args.map(Number);
    switch (name) {
      case 'ensemble':
        this.#members = members(sids[0]!, Number(options['observers'] ?? 0));
        return;
      case 'disk':
        for (const sid of sids) {
          this.#disks.set(sid, {
            base: BigInt(options['base'] ?? 0),
            zxids: zxidsOf(options['txns'] ?? ''),
            acceptedEpoch: BigInt(options['accepted'] ?? 0),
            currentEpoch: BigInt(options['current'] ?? options['accepted'] ?? 0),
          });
        }
        return;
      case 'start':
        this.#start(sids);
        return;
      case 'form':
        this.#form(sids);
        return;
      case 'write':
        this.#role(sids[0]!, { type: 'request', request: request(Op.setData, sids[0]!) });
        return;
      case 'settle':
        this.#settle();
        return;
      case 'logs':
        for (const [sid, { history }] of this.#running) this.#group.say(`${sid} ${logText(history)}`);
        return;
      case 'crash':
        this.#group.common(command);
        for (const sid of sids) this.#crashed(sid);
        return;
      case 'sync':
        for (const sid of sids) this.#synced(sid);
        this.#group.common(command);
        return;
      default:
        if (!this.#group.common(command)) throw new Error(`unknown command ${name}`);
    }
  }

  #synced(sid: number): void {
    this.#disks.set(sid, this.#running.get(sid)!.stored());
  }

  #settle(): void {
    const told: string[] = [];
    for (;;) {
      this.#group.common({ name: 'deliver', args: [], options: {} });
      for (const sid of this.#running.keys()) this.#execute({ name: 'sync', args: [String(sid)], options: {} });
      const lines = this.#group.take();
      if (lines[0] === 'nothing') break;
      told.push(...lines);
    }
    for (const line of told) this.#group.say(line);
  }

  #form(sids: readonly number[]): void {
    this.#start(sids);
    for (const ms of ['200', '10']) {
      this.#settle();
      this.#group.common({ name: 'pass', args: [ms], options: {} });
    }
    this.#settle();
    this.#group.take();
    this.#group.common({ name: 'show', args: [], options: {} });
  }

  #start(sids: readonly number[]): void {
    for (const sid of sids) this.#add(sid);
    for (const sid of sids) this.#look(sid, this.#running.get(sid)!);
  }

  #add(sid: number): void {
    const running = new Running(sid, this.#members, this.#disks.get(sid) ?? EMPTY);
    this.#running.set(sid, running);
    const { server } = running;
    this.#group.add<ServerInput, ServerEffect>(String(sid), server, {
      text: (effect) => this.#text(sid, effect),
      carryOut: (effect) => this.#carryOut(sid, running, effect as ServerEffect),
      state: () => `${stateName(server.election.state)} ${voteText(server.election.vote)}: ${logText(running.history)}`,
    });
  }

  #look(sid: number, { history, currentEpoch }: Running): void {
    this.#feed(sid, { type: 'election', input: { type: 'look', lastZxid: history.lastZxid, currentEpoch } });
  }

  #feed(sid: number, input: ServerInput): void {
    if (this.#running.has(sid)) this.#group.feed(String(sid), input);
  }

  /** To the leader or the learner, whichever it is. */
  #role(sid: number, input: LeaderInput & LearnerInput): void {
    const leads = this.#running.get(sid)!.server.leader !== undefined;
    this.#feed(sid, leads ? { type: 'leader', input } : { type: 'learner', input });
  }

  #crashed(sid: number): void {
    this.#running.delete(sid);
    for (const [other, { server, following }] of this.#running) {
      if (following === sid) this.#learner(other, { type: 'disconnected', why: 'connection reset' });
      else if (server.leader !== undefined)
        this.#feed(other, { type: 'leader', input: { type: 'disconnected', learner: sid } });
    }
  }

  #learner(sid: number, input: LearnerInput): void {
    this.#feed(sid, { type: 'learner', input });
  }

  #text(sid: number, effect: ServerEffect): string | undefined {
    switch (effect.type) {
      case 'election':
        if (effect.effect.type === 'send' && !this.#running.has(effect.effect.to)) return undefined;
        return electionText(effect.effect);
      case 'leader':
      case 'learner':
        return effectText(effect.effect);
      case 'setTimer':
        if (effect.timer === 'settle') return electionText({ ...effect, timer: 'settle' });
        return effect.timer === 'retry' ? effectText({ ...effect, timer: 'retry' }) : undefined;
      case 'answer':
      case 'clearTimer':
        return undefined;
    }
  }

  #carryOut(sid: number, running: Running, effect: ServerEffect): void {
    switch (effect.type) {
      case 'election':
        this.#carryOutElection(sid, running, effect.effect);
        return;
      case 'leader':
        this.#carryOutLeader(sid, running, effect.effect);
        return;
      case 'learner':
        this.#carryOutLearner(sid, running, effect.effect);
        return;
      case 'answer':
        this.#learner(effect.to, effect.open ? { type: 'connected' } : { type: 'disconnected', why: 'refused' });
        return;
      default:
    }
  }

  #carryOutElection(sid: number, running: Running, effect: ElectionEffect): void {
    if (effect.type === 'send') {
      const { to, notification } = effect;
      const input: ServerInput = { type: 'election', input: { type: 'notification', from: sid, notification } };
      if (this.#running.has(to)) this.#group.send(String(sid), String(to), notificationText(notification), input);
    } else if (effect.type === 'elected') {
      if (effect.state === PeerState.LEADING) this.#lead(sid, running);
      else this.#learn(sid, running, effect.vote.leader, effect.state === PeerState.OBSERVING);
    }
  }

  #lead(sid: number, { history, acceptedEpoch, currentEpoch }: Running): void {
    const leader = new Leader({ sid, members: this.#members, ...LIMITS });
    const { lastZxid } = history;
    this.#feed(sid, { type: 'lead', leader, input: { type: 'start', lastZxid, acceptedEpoch, currentEpoch } });
  }

  #learn(sid: number, running: Running, leader: number, observer: boolean): void {
    const { history, acceptedEpoch, currentEpoch } = running;
    const { lastZxid, lastCommitted } = history;
    running.following = leader;
    const learner = new Learner({
      sid,
      leader,
      leaderAddress: `m${leader}:2888`,
      observer,
      ...LIMITS,
      connectToLearnerMasterLimit: 0,
      wantSnapshot: false,
    });
    const input: LearnerInput = { type: 'start', lastZxid, lastCommitted, acceptedEpoch, currentEpoch };
    this.#feed(sid, { type: 'learn', learner, input });
  }

  /** The election begins anew. */
  #over(sid: number, running: Running): void {
    running.following = undefined;
    this.#feed(sid, { type: 'over' });
    this.#look(sid, running);
  }

  #carryOutLeader(sid: number, running: Running, effect: LeaderEffect): void {
    const answer = (input: LeaderInput): void => this.#feed(sid, { type: 'leader', input });
    const { history } = running;
    switch (effect.type) {
      case 'send':
        this.#toLearner(sid, effect.to, effect.packet);
        return;
      case 'broadcast':
        for (const to of effect.to) for (const p of effect.packets) this.#toLearner(sid, to, p);
        return;
      case 'acknowledge':
        answer({ type: 'durable', zxid: effect.zxid });
        return;
      case 'turn':
        answer({ type: 'turn' });
        return;
      case 'prepare':
        answer({ type: 'prepared', txns: effect.requests.map((_, index) => txn(effect.zxid + BigInt(index))) });
        return;
      case 'findCommonPoint': {
        const { learner, zxid } = effect;
        answer({ type: 'commonPoint', learner, zxid: history.at(zxid), memoryFloor: history.floor });
        return;
      }
      case 'synchronize':
        this.#synchronize(sid, running, effect);
        return;
      case 'established':
        this.#feed(sid, { type: 'election', input: { type: 'established', epoch: effect.epoch } });
        return;
      case 'hangUp':
        answer({ type: 'disconnected', learner: effect.learner });
        this.#learner(effect.learner, { type: 'disconnected', why: 'connection reset' });
        return;
      case 'resign':
        for (const [other, { following }] of this.#running)
          if (following === sid) this.#learner(other, { type: 'disconnected', why: 'connection reset' });
        this.#over(sid, running);
        return;
      default:
        this.#onHistory(running, effect);
    }
  }

  #synchronize(sid: number, { history }: Running, effect: Extract<LeaderEffect, { type: 'synchronize' }>): void {
    const { learner, plan, committed } = effect;
    const after = plan.mode === 'SNAP' ? history.lastCommitted : plan.after;
    const type = PacketType[plan.mode];
    this.#toLearner(sid, learner, packet(type, plan.mode === 'DIFF' ? committed : after));
    if (plan.mode === 'SNAP')
      this.#toLearnerAs(sid, learner, 'the snapshot', { type: 'snapshot', bytes: Buffer.alloc(0) });
    for (const { zxid, bytes } of history.after(after)!) {
      this.#toLearner(sid, learner, packet(PacketType.PROPOSAL, zxid, bytes));
      if (zxid <= committed) this.#toLearner(sid, learner, packet(PacketType.COMMIT, zxid));
    }
  }

  #toLearner(from: number, to: number, p: QuorumPacket): void {
    this.#toLearnerAs(from, to, packetText(p), { type: 'packet', packet: p });
  }

  #toLearnerAs(from: number, to: number, text: string, input: LearnerInput): void {
    this.#group.send(String(from), String(to), text, { type: 'learner', input } satisfies ServerInput);
  }

  #carryOutLearner(sid: number, running: Running, effect: LearnerEffect): void {
    const { history, following } = running;
    const toLeader = (p: QuorumPacket): void => {
      const input: ServerInput = { type: 'leader', input: { type: 'packet', learner: sid, packet: p } };
      this.#group.send(String(sid), String(following), packetText(p), input);
    };
    switch (effect.type) {
      case 'connect':
        if (this.#running.has(following!)) this.#feed(following!, { type: 'knock', from: sid });
        else this.#learner(sid, { type: 'disconnected', why: 'refused' });
        return;
      case 'send':
        toLeader(effect.packet);
        return;
      case 'acknowledge':
        for (const zxid of effect.zxids) toLeader(packet(PacketType.ACK, zxid));
        return;
      case 'turn':
        this.#learner(sid, { type: 'turn' });
        return;
      case 'truncate':
        history.truncate(effect.zxid);
        this.#learner(sid, { type: 'truncated', possible: true, lastZxid: history.lastZxid });
        return;
      case 'restore':
        history.reset(effect.zxid);
        return;
      case 'serve':
        this.#feed(sid, { type: 'election', input: { type: 'established', epoch: effect.epoch } });
        return;
      case 'takeTouchedSessions':
        this.#learner(sid, { type: 'touched', zxid: effect.zxid, sessions: new Map() });
        return;
      case 'giveUp':
        if (following !== undefined)
          this.#feed(following, { type: 'leader', input: { type: 'disconnected', learner: sid } });
        this.#over(sid, running);
        return;
      default:
        this.#onHistory(running, effect);
    }
  }

  #onHistory(running: Running, effect: LeaderEffect | LearnerEffect): void {
    if (effect.type === 'append') for (const one of effect.txns) running.history.append(one);
    else if (effect.type === 'commit') running.history.commit(effect.through);
    else if (effect.type === 'storeAcceptedEpoch') running.acceptedEpoch = effect.epoch;
    else if (effect.type === 'storeCurrentEpoch') running.currentEpoch = effect.epoch;
  }
}
