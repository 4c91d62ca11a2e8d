/**
 * Faults put into the code on purpose, as data: each is one line changed, and the check that has to notice. They show that the
 * checks are able to fail.
 */
import type { ScenarioName } from '../../src/drill/sim/scenario.js';
import type { Mutation } from './compiled.js';

export interface Mutant extends Mutation {
  readonly name: string;
  readonly scenario: ScenarioName;
  /** Any of these. */
  readonly caughtBy: readonly string[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a follower acknowledges a proposal before its disk has it',
    file: 'zookeeper/zab/learner.ts',
    find: "effects.push({ kind: 'send', packet: packet(PacketType.ACK, txn.zxid), after: 'sync' });",
    replace: "effects.push({ kind: 'send', packet: packet(PacketType.ACK, txn.zxid) });",
    scenario: 'zk',
    caughtBy: ['AckAfterSync'],
  },
  {
    name: 'a JournalNode answers before its disk has the edits',
    file: 'journal/journal.ts',
    find: 'this.directory.sync().then(',
    replace: 'Promise.resolve().then(',
    scenario: 'qjm',
    caughtBy: ['RecoveryKeepsAcknowledged', 'AcknowledgedWriteKept'],
  },
  {
    name: 'a JournalNode ignores the epoch it promised',
    file: 'journal/state/journal-state.ts',
    find: 'if (info.epoch < this.#lastPromisedEpoch) {',
    replace: 'if (info.epoch < 0n) {',
    scenario: 'qjm',
    caughtBy: ['PromiseKept'],
  },
  {
    name: 'votes are compared by sid alone',
    file: 'zookeeper/election/fast-leader-election.ts',
    find: 'if (a.peerEpoch !== b.peerEpoch)',
    replace: 'return a.leader > b.leader; if (a.peerEpoch !== b.peerEpoch)',
    scenario: 'zk',
    caughtBy: ['ElectedMostRecent', 'LeaderLogCompleteness'],
  },
  {
    name: 'the old active is not fenced',
    file: 'zkfc/zkfc.ts',
    find: 'fenceOldActive: (data) => this.#fenceOldActive(data),',
    replace: 'fenceOldActive: () => Promise.resolve(),',
    scenario: 'ha',
    caughtBy: ['ActiveBeforeFenced'],
  },
  {
    name: 'an ephemeral node stays when its session ends',
    file: 'zookeeper/tree/data-tree.ts',
    find: 'const own = this.ephemerals.get(session);',
    replace: 'if (session !== 0n) return; const own = this.ephemerals.get(session);',
    scenario: 'zk',
    caughtBy: ['EphemeralOutlivesSession'],
  },
];
