/** Leader and learner machines alone, driven by traces: what comes in, and which effects come out, in order. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeZxid, zxidText } from '../../../src/base/zxid.js';
import { ByteWriter } from '../../../src/base/bytes.js';
import { packet } from '../../../src/wire/zookeeper/quorum/packet.js';
import type { QuorumPacket } from '../../../src/wire/zookeeper/quorum/packet.js';
import { PacketType, packetTypeName } from '../../../src/wire/zookeeper/quorum/packet-type.js';
import {
  encodeAckEpoch,
  encodeLeaderInfo,
  encodeLearnerInfo,
  encodeRequest,
} from '../../../src/wire/zookeeper/quorum/payloads.js';
import { writeTxnHeader } from '../../../src/wire/zookeeper/txn/header.js';
import type { Request, Txn } from '../../../src/zookeeper/contract.js';
import { Membership } from '../../../src/zookeeper/election/membership.js';
import { History } from '../../../src/zookeeper/storage/history.js';
import { txnFromBytes } from '../../../src/zookeeper/storage/txn.js';
import { Leader } from '../../../src/zookeeper/zab/leader.js';
import type { LeaderEffect } from '../../../src/zookeeper/zab/leader.js';
import { Learner } from '../../../src/zookeeper/zab/learner.js';
import type { LearnerEffect } from '../../../src/zookeeper/zab/learner.js';
import { runTrace } from '../../trace.js';
import type { Command } from '../../trace.js';

const here = fileURLToPath(new URL('.', import.meta.url));

function txn(zxid: bigint): Txn {
  const w = new ByteWriter();
  writeTxnHeader(w, { clientId: 1n, cxid: 1, zxid, time: 0n, type: -1 });
  return txnFromBytes(w.take());
}

function request(op: number, origin: number): Request {
  return { sessionId: 1n, cxid: 1, op, body: Buffer.alloc(0), authInfo: [], origin };
}

function packetText(p: QuorumPacket): string {
  return (
    `${packetTypeName(p.type)} ` +
    `${zxidText(p.zxid)}${p.type === PacketType.ACKEPOCH ? ` currentEpoch=${p.data!.readInt32BE()}` : ''}`
  );
}

function effectText(effect: LeaderEffect | LearnerEffect): string {
  switch (effect.kind) {
    case 'send':
      return (
        `send${'to' in effect ? ` to connection ${effect.to}` : ''}: ` +
        `${packetText(effect.packet)}${effect.after === undefined ? '' : ', after sync'}`
      );
    case 'broadcast':
      return `send to connections [${effect.to.join(', ')}]: ${packetText(effect.packet)}`;
    case 'append':
      return `append ${zxidText(effect.txn.zxid)}`;
    case 'acknowledge':
      return `acknowledge ${zxidText(effect.zxid)}, after sync`;
    case 'storeAcceptedEpoch':
    case 'storeCurrentEpoch':
      return `${effect.kind} ${effect.epoch}`;
    case 'commit':
      return `commit through ${zxidText(effect.through)}`;
    case 'findCommonPoint':
      return `find ${zxidText(effect.zxid)} for connection ${effect.learner}`;
    case 'synchronize':
      return `synchronize connection ${effect.learner}: ${effect.plan.mode}, committed ${zxidText(effect.committed)}`;
    case 'synchronized':
      return `synchronized by ${effect.mode} to ${zxidText(effect.zxid)}`;
    case 'established':
      return `established epoch ${effect.epoch} with ${effect.supporters.join(', ')}`;
    case 'hangUp':
      return `hang up on connection ${effect.learner}: ${effect.reason}`;
    case 'resign':
    case 'giveUp':
      return `${effect.kind}: ${effect.reason}`;
    case 'truncate':
      return `truncate to ${zxidText(effect.zxid)}`;
    case 'restore':
      return `restore ${zxidText(effect.zxid)}`;
    case 'serve':
      return `serve in epoch ${effect.epoch}`;
    case 'syncDone':
      return `sync done, asked at server ${effect.request.origin}`;
    case 'revalidated':
      return `session ${effect.sessionId} ${effect.valid ? 'lives' : 'is gone'}`;
  }
}

const members = (voters: number): Membership =>
  new Membership(
    Array.from({ length: voters }, (_, index) => ({
      sid: index + 1,
      host: `m${index + 1}`,
      quorumPort: 2888,
      electionPort: 3888,
      type: 'participant',
      client: undefined,
    })),
  );

/** Applies to the in-memory history what the shells would; the disk is as quick as the trace says. */
function carry(history: History, effects: readonly (LeaderEffect | LearnerEffect)[]): string[] {
  for (const effect of effects) {
    if (effect.kind === 'append') history.append(effect.txn);
    else if (effect.kind === 'commit') history.commit(effect.through);
    else if (effect.kind === 'restore') history.reset(effect.zxid);
    else if (effect.kind === 'truncate') history.truncate(effect.zxid);
  }
  return effects.map(effectText);
}

function leaderTrace(): (command: Command) => string[] {
  const history = new History(500);
  let leader: Leader | undefined;
  let nowMs = 0;
  return ({ name, args, options }) => {
    const id = Number(args[0]);
    const zxid = BigInt(options['zxid'] ?? 0);
    const receive = (p: QuorumPacket): string[] => carry(history, leader!.received(id, p, nowMs));
    switch (name) {
      case 'leader':
        for (let z = 1n; z <= BigInt(options['txns'] ?? 0); z++) history.append(txn(makeZxid(1, z)));
        leader = new Leader(
          {
            sid: Number(options['sid']),
            members: members(Number(options['voters'])),
            tickTimeMs: 2000,
            initLimit: 5,
            syncLimit: 2,
            initialCounter: BigInt(options['counter'] ?? 0),
          },
          {
            prepare: (_, next) => txn(next),
            adoptSession: () => true,
            touchSessions: () => undefined,
            syncDone: () => undefined,
          },
          history,
        );
        return carry(
          history,
          leader.start(nowMs, {
            acceptedEpoch: BigInt(options['accepted'] ?? 0),
            currentEpoch: BigInt(options['current'] ?? 0),
          }),
        );
      case 'connect':
        leader!.connected(id, nowMs);
        return ['ok'];
      case 'disconnect':
        leader!.disconnected(id);
        return ['ok'];
      case 'info':
        return receive(
          packet(
            options['observer'] === undefined ? PacketType.FOLLOWERINFO : PacketType.OBSERVERINFO,
            makeZxid(BigInt(options['accepted'] ?? 0), 0),
            encodeLearnerInfo({ sid: Number(options['sid']), protocolVersion: 0x10000, configVersion: 0n }),
          ),
        );
      case 'ackepoch':
        return receive(packet(PacketType.ACKEPOCH, zxid, encodeAckEpoch(BigInt(options['current']!))));
      case 'found':
        return carry(history, leader!.commonPoint(id, zxid));
      case 'ack':
        return receive(packet(PacketType.ACK, zxid));
      case 'request':
        return receive(packet(PacketType.REQUEST, -1n, encodeRequest(request(Number(options['op'] ?? 5), 0))));
      case 'submit':
        if (leader!.lastProposed > history.lastZxid) history.reset(leader!.lastProposed);
        return carry(history, leader!.submit(request(Number(options['op'] ?? 5), 1)));
      case 'durable':
        return carry(history, leader!.durable(zxid));
      case 'tick':
        nowMs += Number(options['ms']);
        return carry(history, leader!.tick(nowMs));
      case 'heard':
        return receive(packet(PacketType.PING, 0n, Buffer.alloc(0)));
      default:
        throw new Error(`unknown command ${name}`);
    }
  };
}

function learnerTrace(): (command: Command) => string[] {
  const history = new History(500);
  let learner: Learner | undefined;
  let nowMs = 0;
  return ({ name, args, options }) => {
    const zxid = BigInt(options['zxid'] ?? 0);
    switch (name) {
      case 'learner':
        for (let z = 1n; z <= BigInt(options['txns'] ?? 0); z++) history.append(txn(makeZxid(1, z)));
        history.commit(makeZxid(1, BigInt(options['committed'] ?? 0)));
        learner = new Learner(
          {
            sid: 1,
            leader: 3,
            observer: options['observer'] !== undefined,
            tickTimeMs: 2000,
            initLimit: 5,
            syncLimit: 2,
            wantSnapshot: options['wantSnapshot'] !== undefined,
          },
          { takeTouchedSessions: () => new Map([[1n, 4000]]) },
          history,
        );
        return carry(
          history,
          learner.start(nowMs, {
            acceptedEpoch: BigInt(options['accepted'] ?? 0),
            currentEpoch: BigInt(options['current'] ?? 0),
          }),
        );
      case 'truncated':
        return carry(history, learner!.truncated(args[0] !== 'impossible'));
      case 'snapshot':
        return carry(history, learner!.snapshot(Buffer.alloc(0), nowMs));
      case 'submit':
        return carry(history, learner!.submit(request(Number(options['op'] ?? 5), 1)));
      case 'tick':
        nowMs += Number(options['ms']);
        return carry(history, learner!.tick(nowMs));
      default: {
        const type = PacketType[name as keyof typeof PacketType];
        if (type === undefined) throw new Error(`unknown command ${name}`);
        const data =
          type === PacketType.LEADERINFO
            ? encodeLeaderInfo(0x10000)
            : type === PacketType.PROPOSAL || type === PacketType.INFORM
              ? txn(zxid).bytes
              : null;
        return carry(history, learner!.received(packet(type, zxid, data), nowMs));
      }
    }
  };
}

test.each(readdirSync(here).filter((name) => /^(leader|learner)-.*\.trace$/.test(name)))('%s', async (name) => {
  const execute = name.startsWith('leader-') ? leaderTrace() : learnerTrace();
  await expect(
    runTrace(here + name, (command) => {
      const lines = execute(command);
      return lines.length === 0 ? ['nothing'] : lines;
    }),
  ).toMatchFileSnapshot(here + name);
});
