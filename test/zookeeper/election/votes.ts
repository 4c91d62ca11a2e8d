/** Votes and what an election does, as traces show them. */
import { zxidText } from '../../../src/base/zxid.js';
import { PeerState } from '../../../src/wire/zookeeper/election/notification.js';
import type { Notification } from '../../../src/wire/zookeeper/election/notification.js';
import type { ElectionEffect } from '../../../src/zookeeper/election/fast-leader-election.js';

const stateNames = new Map<PeerState, string>(Object.entries(PeerState).map(([name, state]) => [state, name]));

export const stateName = (state: PeerState): string => stateNames.get(state)!;

/** `(2, 0x7b)`: a vote for server 2 with that history; its epoch, where it matters. */
export function voteText(vote: { readonly leader: number; readonly zxid: bigint; readonly peerEpoch: bigint }): string {
  if (vote.leader < 0) return '(nobody)';
  return `(${vote.leader}, ${zxidText(vote.zxid)}) of epoch ${vote.peerEpoch}`;
}

export function notificationText(n: Notification): string {
  return `${stateName(n.state)}, round ${n.round}: ${voteText(n)}`;
}

/** Undefined: a trace does not show it. */
export function electionText(effect: ElectionEffect): string | undefined {
  switch (effect.type) {
    case 'looking':
      return `looks for a leader, round ${effect.round}`;
    case 'elected':
      return `is ${stateName(effect.state)}: server ${effect.vote.leader} leads`;
    case 'setTimer':
      return effect.timer === 'settle'
        ? `has a quorum, and waits ${effect.delayMs} ms for a better vote`
        : `asks again in ${effect.delayMs} ms`;
    case 'clearTimer':
      return undefined;
    case 'connectAll':
      return 'connects to all';
    case 'send':
      return `tells ${effect.to}: ${voteText(effect.notification)}`;
  }
}
