/** Elections of several servers, driven by traces. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { QuorumServer } from '../../../src/config/quorum-peer-config.js';
import { FastLeaderElection } from '../../../src/zookeeper/election/fast-leader-election.js';
import type { ElectionEffect, ElectionInput } from '../../../src/zookeeper/election/fast-leader-election.js';
import { Membership } from '../../../src/zookeeper/membership.js';
import { runTrace, TraceGroup } from '../../trace.js';
import type { Command } from '../../trace.js';
import { electionText, notificationText, stateName, voteText } from './votes.js';

const here = fileURLToPath(new URL('.', import.meta.url));

function electionTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();

  function add(sid: number, members: Membership): void {
    const election = new FastLeaderElection(sid, members);
    const carryOut = (effect: ElectionEffect): void => {
      if (effect.type !== 'send') return;
      const { notification } = effect;
      const input: ElectionInput = { type: 'notification', from: sid, notification };
      group.send(String(sid), String(effect.to), notificationText(notification), input);
    };
    group.add(String(sid), election, {
      text: electionText,
      carryOut: (effect) => carryOut(effect as ElectionEffect),
      state: () => `${stateName(election.state)}, round ${election.vote.round}: ${voteText(election.vote)}`,
    });
  }

  function execute(command: Command): void {
    const { name, args, options } = command;
    const each = (input: ElectionInput): void => {
      for (const arg of args) group.feed(arg, input);
    };
    const sids = (option: string): number[] => (options[option] ?? '').split(',').filter(Boolean).map(Number);
    switch (name) {
      case 'ensemble': {
        const voters = sids('voters');
        const servers = [...voters, ...sids('observers')].map(
          (sid): QuorumServer => ({
            sid,
            host: `m${sid}`,
            quorumPort: 2888,
            electionPort: 3888,
            type: voters.includes(sid) ? 'participant' : 'observer',
            client: undefined,
          }),
        );
        for (const { sid } of servers) add(sid, new Membership(servers));
        return;
      }
      case 'look':
        each({ type: 'look', lastZxid: BigInt(options['zxid'] ?? 0), currentEpoch: BigInt(options['epoch'] ?? 0) });
        return;
      case 'leave':
        each({ type: 'leave' });
        return;
      case 'established':
        each({ type: 'established', epoch: BigInt(options['epoch']!) });
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

test.each(readdirSync(here).filter((name) => name.endsWith('.trace')))('%s', async (name) => {
  await expect(runTrace(here + name, electionTrace())).toMatchFileSnapshot(here + name);
});
