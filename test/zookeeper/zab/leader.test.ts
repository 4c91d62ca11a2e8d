/** A leader alone, driven by traces: what learners and the disk do, and what it does about it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeZxid } from '../../../src/base/zxid.js';
import { packet } from '../../../src/wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../../src/wire/zookeeper/quorum/packet-type.js';
import {
  encodeAckEpoch,
  encodeLearnerInfo,
  encodeRequest,
  encodeRevalidate,
  encodeTouches,
} from '../../../src/wire/zookeeper/quorum/payloads.js';
import { Leader } from '../../../src/zookeeper/zab/leader.js';
import type { LeaderEffect, LeaderInput } from '../../../src/zookeeper/zab/leader-io.js';
import { runTrace, TraceGroup } from '../../trace.js';
import type { Command } from '../../trace.js';
import { effectText, members, request, txn } from './effects.js';

const here = fileURLToPath(new URL('.', import.meta.url));

function leaderTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  const feed = (input: LeaderInput): void => group.feed('leader', input);

  /** What the shell would answer. What is in history, the trace itself says (`found`). */
  function carryOut(effect: LeaderEffect): LeaderInput | void {
    switch (effect.type) {
      case 'turn':
        return { type: 'turn' };
      case 'prepare':
        return { type: 'prepared', txns: effect.requests.map((_, index) => txn(effect.zxid + BigInt(index))) };
      case 'acknowledge':
        return { type: 'durable', zxid: effect.zxid };
      case 'adoptSession':
        return { type: 'adopted', learner: effect.learner, sessionId: effect.sessionId, valid: true };
      default:
    }
  }

  function execute(command: Command): void {
    const { name, args, options } = command;
    const learner = Number(args[0]);
    const number = (option: string, otherwise = 0): number => Number(options[option] ?? otherwise);
    const receive = (type: number, zxid: bigint, data: Buffer | null = null): void =>
      feed({ type: 'packet', learner, packet: packet(type, zxid, data) });
    switch (name) {
      case 'leader': {
        const leader = new Leader({
          sid: number('sid'),
          members: members(number('voters')),
          tickTimeMs: 2000,
          initLimit: 5,
          syncLimit: 2,
          initialCounter: BigInt(number('counter')),
        });
        group.add('leader', leader, { text: effectText, carryOut: (effect) => carryOut(effect as LeaderEffect) });
        const lastZxid = makeZxid(options['txns'] === undefined ? 0 : 1, number('txns'));
        const [acceptedEpoch, currentEpoch] = [BigInt(number('accepted')), BigInt(number('current'))];
        feed({ type: 'start', lastZxid, acceptedEpoch, currentEpoch });
        return;
      }
      case 'connect':
        feed({ type: 'connected', learner });
        return;
      case 'disconnect':
        feed({ type: 'disconnected', learner });
        return;
      case 'info':
        receive(
          options['observer'] === undefined ? PacketType.FOLLOWERINFO : PacketType.OBSERVERINFO,
          makeZxid(number('accepted'), 0),
          encodeLearnerInfo({ sid: number('sid'), protocolVersion: number('protocol', 0x10000), configVersion: 0n }),
        );
        return;
      case 'ackepoch':
        receive(PacketType.ACKEPOCH, BigInt(options['zxid']!), encodeAckEpoch(BigInt(options['current']!)));
        return;
      case 'found':
        feed({ type: 'commonPoint', learner, zxid: BigInt(options['zxid']!), memoryFloor: 0n });
        return;
      case 'ack':
        receive(PacketType.ACK, BigInt(options['zxid']!));
        return;
      case 'request':
        receive(PacketType.REQUEST, -1n, encodeRequest(request(number('op', 5), 0)));
        return;
      case 'revalidate':
        receive(PacketType.REVALIDATE, -1n, encodeRevalidate(7n, 4000));
        return;
      case 'touched':
        receive(PacketType.PING, 0n, encodeTouches(new Map([[7n, 4000]])));
        return;
      case 'malformed':
        receive(PacketType.REQUEST, -1n, Buffer.alloc(3));
        return;
      case 'submit':
        feed({ type: 'request', request: request(number('op', 5), 1) });
        return;
      default:
        if (!group.common(command)) throw new Error(`unknown command ${name}`);
    }
  }

  return (command) => {
    execute(command);
    return group.take();
  };
}

test.each(readdirSync(here).filter((name) => /^leader-.*\.trace$/.test(name)))('%s', async (name) => {
  await expect(runTrace(here + name, leaderTrace())).toMatchFileSnapshot(here + name);
});
