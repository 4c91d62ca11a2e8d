/**
 * Faults put into the code on purpose, as data: each is one line changed, and the check that has to notice. They show
 * that the checks are able to fail.
 */
import type { ScenarioName } from '../../src/drill/sim/scenario.js';
import type { Mutation } from './compiled.js';

export interface Mutant extends Mutation {
  readonly name: string;
  readonly scenario: ScenarioName;
  /** Any of these. */
  readonly caughtBy: readonly string[];
  /** For one that few seeds show: the search through all of them begins here. */
  readonly from?: number;
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
  // The same five, elsewhere, and their relatives.
  {
    name: 'a follower acknowledges NEWLEADER before its disk has the epoch',
    file: 'zookeeper/zab/learner.ts',
    find: "{ kind: 'storeCurrentEpoch', epoch: this.#epoch },",
    replace: '',
    scenario: 'zk',
    caughtBy: ['PromiseOnDisk'],
  },
  {
    name: 'an accepted epoch stays in memory',
    file: 'zookeeper/storage/storage.ts',
    find: "this.#work(() => this.#writeEpoch('accepted', epoch));",
    replace: '',
    scenario: 'zk',
    caughtBy: ['PromiseOnDisk'],
  },
  {
    name: 'a leader does not ask which epochs its followers have accepted',
    file: 'zookeeper/zab/leader.ts',
    find: 'if (acceptedEpoch >= this.#epoch)',
    replace: 'if (acceptedEpoch >= this.#epoch && sid === this.#config.sid)',
    scenario: 'zk',
    caughtBy: ['EpochIsNew', 'EpochOnlyGrows', 'Leadership1'],
    from: 35,
  },
  {
    name: 'a leader goes on although a follower is ahead of it',
    file: 'zookeeper/zab/leader.ts',
    find:
      'if (currentEpoch > this.#currentEpoch || (currentEpoch === this.#currentEpoch && p.zxid > ' +
      'this.#initialZxid)) {',
    replace: 'if (false) {',
    scenario: 'zk',
    caughtBy: ['LeaderMostRecent', 'LeaderLogCompleteness'],
    from: 61,
  },
  {
    name: 'a leader commits what its own disk does not have',
    file: 'zookeeper/zab/leader.ts',
    find: 'this.#proposals.push(txn);',
    replace: 'this.#proposals.push(txn); this.#acked.set(this.#config.sid, zxid);',
    scenario: 'zk',
    caughtBy: ['CommittedLogDurability'],
  },
  {
    name: 'an ephemeral node stays on followers',
    file: 'zookeeper/server/replica.ts',
    find: 'const result = this.tree.apply(header, record);',
    replace:
      "const result = this.tree.apply(header, record.kind === 'closeSession' && this.tracker === undefined ? { " +
      "kind: 'error', txn: { err: 0 } } : record);",
    scenario: 'zk',
    caughtBy: ['EphemeralOutlivesSession'],
  },
  {
    name: 'a multi that fails is carried out in part',
    file: 'zookeeper/tree/data-tree.ts',
    find: 'else if (failed) {',
    replace: 'else if (false) {',
    scenario: 'zk',
    caughtBy: ['MultiAtomic'],
  },
  {
    name: 'a set does not look at the version',
    file: 'zookeeper/tree/prepare.ts',
    find: 'if (expected !== -1 && expected !== current)',
    replace: 'if (false)',
    scenario: 'zk',
    caughtBy: ['VersionUnique'],
  },
  {
    name: 'a JournalNode promises an epoch twice',
    file: 'journal/state/journal-state.ts',
    find: 'if (epoch <= this.#lastPromisedEpoch) {',
    replace: 'if (epoch < this.#lastPromisedEpoch) {',
    scenario: 'qjm',
    caughtBy: ['PromiseOnlyGrows', 'OneWriterAnEpoch'],
  },
  {
    name: 'a JournalNode answers newEpoch and promises nothing',
    file: 'journal/state/journal-state.ts',
    find: 'this.#promise(epoch);',
    replace: '',
    scenario: 'qjm',
    caughtBy: ['EpochOnMajority', 'OneWriterAnEpoch'],
  },
  {
    name: 'a JournalNode does not write down which recovery it accepted',
    file: 'journal/journal.ts',
    find: "case 'writePaxos': return directory.writePaxos(effect.segmentTxid, effect.data);",
    replace: "case 'writePaxos': return;",
    scenario: 'qjm',
    caughtBy: ['RecoveryRemembered', 'RecoveryDecidesOnce', 'FinalizedEqual'],
  },
  {
    name: 'a NameNode becomes active without the edits it lacks',
    file: 'namenode/ha/active-services.ts',
    find: 'const edits = await tailOnce(core, { inProgressOk: false, onlyDurable: false });',
    replace: 'const edits = 0; if (namespace.lastTxid < lastTxid) namespace.lastTxid = lastTxid;',
    scenario: 'ha',
    caughtBy: ['ReadsSeeAcknowledged', 'AcknowledgedWriteKept'],
  },
  {
    name: 'a NameNode answers before its edit is on the journal',
    file: 'namenode/edit-log/edit-log.ts',
    find: 'await Promise.all([shared?.flush(), local]);',
    replace: 'await local;',
    scenario: 'ha',
    caughtBy: ['AcceptedBeyondFence', 'AcknowledgedWriteKept', 'ReadsSeeAcknowledged'],
    from: 17,
  },
  {
    name: 'fencing is reported and not done',
    file: 'zkfc/zkfc.ts',
    find: 'const method = await this.#fence(target, text);',
    replace: "const method = 'shell';",
    scenario: 'ha',
    caughtBy: ['FencedIsOut'],
  },
  {
    name: 'an old active that did not answer counts as standby',
    file: 'zkfc/zkfc.ts',
    find: 'if (await failover.tryGracefulFence(target)) {',
    replace: 'await failover.tryGracefulFence(target); if (true) {',
    scenario: 'ha',
    caughtBy: ['FencedIsOut'],
    from: 42,
  },
];
