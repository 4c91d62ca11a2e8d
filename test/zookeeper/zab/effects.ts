/** Packets, effects and transactions of leaders and learners as traces show and make them. */
import { ByteWriter } from '../../../src/base/bytes.js';
import { zxidText } from '../../../src/base/zxid.js';
import { ensembleServers } from '../../../src/drill/sim/zk-scenario.js';
import type { QuorumPacket } from '../../../src/wire/zookeeper/quorum/packet.js';
import { packetTypeName, PacketType } from '../../../src/wire/zookeeper/quorum/packet-type.js';
import { writeTxnHeader } from '../../../src/wire/zookeeper/txn/header.js';
import type { Request, Txn } from '../../../src/zookeeper/contract.js';
import { Membership } from '../../../src/zookeeper/membership.js';
import { txnFromBytes } from '../../../src/zookeeper/storage/txn.js';
import type { History } from '../../../src/zookeeper/storage/history.js';
import type { LeaderEffect } from '../../../src/zookeeper/zab/leader-io.js';
import type { LearnerEffect } from '../../../src/zookeeper/zab/learner-io.js';

export function txn(zxid: bigint): Txn {
  const w = new ByteWriter();
  writeTxnHeader(w, { clientId: 1n, cxid: 1, zxid, time: 0n, type: -1 });
  return txnFromBytes(w.take());
}

/** `0x100000001-0x100000003,0x200000001`: the zxids, one by one. */
export function zxidsOf(ranges: string): bigint[] {
  return ranges
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [from, to] = range.split('-').map(BigInt) as [bigint, bigint | undefined];
      return Array.from({ length: Number((to ?? from) - from) + 1 }, (_, index) => from + BigInt(index));
    });
}

export function request(op: number, origin: number): Request {
  return { sessionId: 1n, cxid: 1, op, body: Buffer.alloc(0), authInfo: [], origin };
}

/** Participants 1, 2, ... and, behind them, observers. */
export function members(voters: number, observers = 0): Membership {
  return new Membership(ensembleServers(voters, observers));
}

export function packetText(p: QuorumPacket): string {
  const type = packetTypeName(p.type);
  switch (p.type) {
    case PacketType.ACKEPOCH:
      return `${type} ${zxidText(p.zxid)} currentEpoch=${p.data!.readInt32BE()}`;
    case PacketType.UPTODATE:
    case PacketType.REQUEST:
    case PacketType.SYNC:
      return type;
    default:
      return `${type} ${zxidText(p.zxid)}`;
  }
}

const list = (zxids: readonly bigint[]): string => zxids.map(zxidText).join(', ');

/** Undefined: a trace does not show it. */
export function effectText(effect: LeaderEffect | LearnerEffect): string | undefined {
  switch (effect.type) {
    case 'send':
      return `sends${'to' in effect ? ` to ${effect.to}` : ''} ${packetText(effect.packet)}`;
    case 'broadcast':
      return `sends to ${effect.to.join(', ')} ${effect.packets.map(packetText).join(', ')}`;
    case 'append':
      return `logs ${list(effect.txns.map(({ zxid }) => zxid))}`;
    case 'acknowledge':
      return 'zxid' in effect ? `acknowledges ${zxidText(effect.zxid)} itself` : `sends ACK ${list(effect.zxids)}`;
    case 'storeAcceptedEpoch':
      return `stores acceptedEpoch ${effect.epoch}`;
    case 'storeCurrentEpoch':
      return `stores currentEpoch ${effect.epoch}`;
    case 'commit':
      return `applies all through ${zxidText(effect.through)}`;
    case 'findCommonPoint':
      return `looks for ${zxidText(effect.zxid)} in its history, for ${effect.learner}`;
    case 'synchronize': {
      const { plan } = effect;
      const from = plan.mode === 'SNAP' ? '' : ` ${plan.mode === 'DIFF' ? 'after' : 'to'} ${zxidText(plan.after)}`;
      return `synchronizes ${effect.learner} by ${plan.mode}${from}, committed ${zxidText(effect.committed)}`;
    }
    case 'synchronized':
      return `is synchronized by ${effect.mode} to ${zxidText(effect.zxid)}`;
    case 'established':
      return `leads epoch ${effect.epoch}, with NEWLEADER acknowledged by ${effect.supporters.join(', ')}`;
    case 'hangUp':
      return `hangs up on ${effect.learner}: ${effect.reason}`;
    case 'resign':
      return `resigns: ${effect.reason}`;
    case 'giveUp':
      return `gives up: ${effect.reason}`;
    case 'truncate':
      return `truncates its log to ${zxidText(effect.zxid)}`;
    case 'restore':
      return `restores the snapshot of ${zxidText(effect.zxid)}`;
    case 'serve':
      return `serves in epoch ${effect.epoch}`;
    case 'syncDone':
      return `answers the sync of its client`;
    case 'revalidated':
      return `knows that session ${effect.sessionId} ${effect.valid ? 'lives' : 'is gone'}`;
    case 'adoptSession':
      return `is asked whether session ${effect.sessionId} lives, by server ${effect.sid}`;
    case 'touchSessions':
      return `hears of ${effect.sessions.size} sessions`;
    case 'connect':
      return `connects to its leader, within ${effect.timeoutMs} ms`;
    case 'setTimer':
      return effect.timer === 'retry' ? `knocks again in ${effect.delayMs} ms` : undefined;
    case 'clearTimer':
    case 'turn':
    case 'prepare':
    case 'takeTouchedSessions':
      return undefined;
  }
}

/** `log 0x100000001-0x100000003, 0x200000001`. */
export function logText(history: History): string {
  const ranges: { from: bigint; to: bigint }[] = [];
  for (const { zxid } of history.after(history.floor)!) {
    const last = ranges[ranges.length - 1];
    if (last !== undefined && zxid === last.to + 1n) last.to = zxid;
    else ranges.push({ from: zxid, to: zxid });
  }
  const shown = ranges.map(({ from, to }) => (from === to ? zxidText(from) : `${zxidText(from)}-${zxidText(to)}`));
  const snapshot = history.floor === 0n ? '' : `snapshot of ${zxidText(history.floor)}, `;
  return `${snapshot}log ${shown.join(', ') || 'empty'}, applied through ${zxidText(history.lastCommitted)}`;
}
