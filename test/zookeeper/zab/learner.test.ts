/** A learner alone, driven by traces: what its leader says, and what it does about it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeZxid } from '../../../src/base/zxid.js';
import { packet } from '../../../src/wire/zookeeper/quorum/packet.js';
import { PacketType } from '../../../src/wire/zookeeper/quorum/packet-type.js';
import { encodeLeaderInfo } from '../../../src/wire/zookeeper/quorum/payloads.js';
import { Learner } from '../../../src/zookeeper/zab/learner.js';
import type { LearnerEffect, LearnerInput } from '../../../src/zookeeper/zab/learner-io.js';
import { runTrace, TraceGroup } from '../../trace.js';
import type { Command } from '../../trace.js';
import { effectText, request, txn } from './effects.js';

const here = fileURLToPath(new URL('.', import.meta.url));

function learnerTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  const feed = (input: LearnerInput): void => group.feed('learner', input);
  let truncatable = true;

  /** What the shell would answer. */
  function carryOut(effect: LearnerEffect): LearnerInput | void {
    switch (effect.type) {
      case 'turn':
        return { type: 'turn' };
      case 'truncate':
        return { type: 'truncated', possible: truncatable, lastZxid: effect.zxid };
      case 'takeTouchedSessions':
        return { type: 'touched', zxid: effect.zxid, sessions: new Map([[1n, 4000]]) };
      default:
    }
  }

  function dataOf(type: number, zxid: bigint): Buffer | null {
    switch (type) {
      case PacketType.LEADERINFO:
        return encodeLeaderInfo(0x10000);
      case PacketType.PROPOSAL:
      case PacketType.INFORM:
        return txn(zxid).bytes;
      default:
        return null;
    }
  }

  function execute(command: Command): void {
    const { name, args, options } = command;
    const number = (option: string): number => Number(options[option] ?? 0);
    switch (name) {
      case 'learner': {
        const learner = new Learner({
          sid: 1,
          leader: 3,
          leaderAddress: 'm3:2888',
          observer: options['observer'] !== undefined,
          tickTimeMs: 2000,
          initLimit: 5,
          syncLimit: 2,
          connectToLearnerMasterLimit: number('connectLimit'),
          wantSnapshot: options['wantSnapshot'] !== undefined,
        });
        truncatable = options['truncatable'] !== 'no';
        group.add('learner', learner, { text: effectText, carryOut: (effect) => carryOut(effect as LearnerEffect) });
        const zxid = (counter: number): bigint => makeZxid(counter === 0 ? 0 : 1, counter);
        feed({
          type: 'start',
          lastZxid: zxid(number('txns')),
          lastCommitted: zxid(number('committed')),
          acceptedEpoch: BigInt(number('accepted')),
          currentEpoch: BigInt(number('current')),
        });
        return;
      }
      case 'connected':
        feed({ type: 'connected' });
        return;
      case 'disconnected':
        feed({ type: 'disconnected', why: args.join(' ') });
        return;
      case 'snapshot':
        feed({ type: 'snapshot', bytes: Buffer.alloc(0) });
        return;
      case 'submit':
        feed({ type: 'request', request: request(Number(options['op'] ?? 5), 1) });
        return;
      default: {
        if (group.common(command)) return;
        const type = PacketType[name as keyof typeof PacketType];
        if (type === undefined) throw new Error(`unknown command ${name}`);
        const zxid = BigInt(options['zxid'] ?? -1);
        feed({ type: 'packet', packet: packet(type, zxid, dataOf(type, zxid)) });
      }
    }
  }

  return (command) => {
    execute(command);
    return group.take();
  };
}

test.each(readdirSync(here).filter((name) => /^learner-.*\.trace$/.test(name)))('%s', async (name) => {
  await expect(runTrace(here + name, learnerTrace())).toMatchFileSnapshot(here + name);
});
