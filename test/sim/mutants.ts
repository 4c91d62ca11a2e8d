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
    file: 'zookeeper/zab/received-history.ts',
    find: "effects.push({ type: 'acknowledge', zxids: this.#toAcknowledge, after: 'sync' });",
    replace: "effects.push({ type: 'acknowledge', zxids: this.#toAcknowledge });",
    scenario: 'zk',
    caughtBy: ['AckAfterSync'],
  },
  {
    name: 'a JournalNode answers before its disk has the edits',
    file: 'journal/journal-shell.ts',
    find: 'const durable = this.directory.sync();',
    replace: 'const durable = Promise.resolve();',
    scenario: 'qjm',
    caughtBy: ['RecoveryKeepsAcknowledged', 'AcknowledgedWriteKept'],
  },
  {
    name: 'a JournalNode ignores the epoch it promised',
    file: 'journal/state/epochs.ts',
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
    file: 'zkfc/zk-failover-controller.ts',
    find: "return [{ type: 'findOldActive', data: input.data }];",
    replace: "return [{ type: 'fenced', ok: true, reason: '' }];",
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
    find: "{ type: 'storeCurrentEpoch', epoch: this.#epoch },",
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
    file: 'zookeeper/zab/new-epoch.ts',
    find: 'if (acceptedEpoch >= this.#number)',
    replace: 'if (acceptedEpoch >= this.#number && sid === this.#sid)',
    scenario: 'zk',
    caughtBy: ['EpochIsNew', 'EpochOnlyGrows', 'Leadership1'],
    from: 3,
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
    from: 25,
  },
  {
    name: 'a leader tells of its epoch before its disk has it',
    file: 'zookeeper/zab/leader.ts',
    find: "effects.push({ type: 'send', to: learner.id, packet: info, after: 'sync' });",
    replace: "effects.push({ type: 'send', to: learner.id, packet: info });",
    scenario: 'zk',
    caughtBy: ['PromiseOnDisk'],
  },
  {
    name: 'a leader commits what its own disk does not have',
    file: 'zookeeper/zab/broadcast.ts',
    find: 'this.#proposals.push(txn);',
    replace: 'this.#proposals.push(txn), this.#acked.set(this.#config.sid, txn.zxid);',
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
    from: 15,
  },
  {
    name: 'a JournalNode promises an epoch twice',
    file: 'journal/state/epochs.ts',
    find: 'if (epoch <= this.#lastPromisedEpoch) {',
    replace: 'if (epoch < this.#lastPromisedEpoch) {',
    scenario: 'qjm',
    caughtBy: ['PromiseOnlyGrows', 'OneWriterAnEpoch'],
  },
  {
    name: 'a JournalNode answers newEpoch and promises nothing',
    file: 'journal/state/epochs.ts',
    find: 'this.#promise(epoch, effects);',
    replace: '',
    scenario: 'qjm',
    caughtBy: ['EpochOnMajority', 'OneWriterAnEpoch'],
  },
  {
    name: 'a JournalNode does not write down which recovery it accepted',
    file: 'journal/journal-shell.ts',
    find: 'return directory.writePaxos(effect.segmentTxid, effect.data);',
    replace: 'return undefined;',
    scenario: 'qjm',
    caughtBy: ['RecoveryRemembered', 'RecoveryDecidesOnce', 'FinalizedEqual'],
  },
  {
    name: 'a NameNode becomes active without the edits it lacks',
    file: 'namenode/core.ts',
    find: 'const edits = await tailOnce(namespace, this.sharedEdits, { inProgressOk: false, onlyDurable: false });',
    replace: 'const edits = 0; if (namespace.lastTxid < upTo) namespace.lastTxid = upTo;',
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
    file: 'zkfc/zk-failover-controller-shell.ts',
    find: 'const method = await fencer.fence({ target, addressText, transitionTo: undefined });',
    replace: "const method = 'shell';",
    scenario: 'ha',
    caughtBy: ['FencedIsOut'],
    from: 19,
  },
  {
    name: 'an old active that did not answer counts as standby',
    file: 'zkfc/zk-failover-controller.ts',
    find: 'return input.obeyed ? this.#spared() : this.#mustBeFenced(input.reason);',
    replace: 'return this.#spared();',
    scenario: 'ha',
    caughtBy: ['FencedIsOut'],
    from: 19,
  },
  // The quorum journal: what its machines leave to recovery and to the driver.
  {
    name: 'recovery ignores accepted epochs',
    file: 'journal/writer/state/recovery.ts',
    find:
      'return acceptedInEpoch !== undefined && acceptedInEpoch > lastWriterEpoch ? acceptedInEpoch : ' +
      'lastWriterEpoch;',
    replace: 'return lastWriterEpoch;',
    scenario: 'qjm',
    caughtBy: ['RecoveryTakesBestCopy', 'RecoveryDecidesOnce'],
  },
  {
    name: 'recovery compares lengths only',
    file: 'journal/writer/state/recovery.ts',
    find: 'if (epochOfA !== epochOfB)',
    replace: 'if (false)',
    scenario: 'qjm',
    caughtBy: ['RecoveryTakesBestCopy', 'RecoveryDecidesOnce', 'RecoveryKeepsAcknowledged'],
  },
  {
    name: 'a rare JournalNode batch is answered without a sync',
    file: 'journal/state/journal.ts',
    find: "this.#effects.push({ type: 'reply', call, reply: undefined, after: 'sync' });",
    replace:
      "this.#effects.push({ type: 'reply', call, reply: undefined, " +
      "...(this.#effects.length > 2 ? {} : { after: 'sync' }) });",
    scenario: 'qjm',
    caughtBy: ['AcknowledgedOnMajority'],
  },
  {
    name: 'an effect that must follow a sync is sent before it',
    file: 'base/machine.ts',
    find: "if (effect.after === 'sync')",
    replace: 'if (false)',
    scenario: 'qjm',
    caughtBy: ['RecoveryKeepsAcknowledged', 'AcknowledgedWriteKept'],
  },
  // Fencing, and who goes on without it.
  {
    name: 'fencing that failed and goes on',
    file: 'zkfc/activation.ts',
    find: 'return this.#end.failed(reason);',
    replace: "this.#at.log('warn', reason);",
    scenario: 'ha',
    caughtBy: ['ActiveBeforeFenced', 'FencedBeforeBreadcrumb'],
  },
  {
    name: 'fencing by no method that counts as done',
    file: 'zkfc/zk-failover-controller.ts',
    find: 'return input.method === undefined ? this.#notFenced(input.reason) : this.#fenced(input.method);',
    replace: "return this.#fenced(input.method ?? 'shell');",
    scenario: 'ha',
    caughtBy: ['FencedIsOut', 'ActiveBeforeFenced'],
    from: 19,
  },
  // The server half of ZooKeeper.
  {
    name: 'a request of a session that is closing is processed',
    file: 'zookeeper/server/session-tracker.ts',
    find: 'return session === undefined || session.closing ? undefined : session;',
    replace: 'return session;',
    scenario: 'zk',
    caughtBy: ['EphemeralOutlivesSession'],
  },
  {
    name: 'a failed multi without rollback',
    file: 'zookeeper/tree/prepare.ts',
    find: 'this.#changes.rollback();',
    replace: '',
    scenario: 'zk',
    caughtBy: ['MultiAtomic'],
  },
];
