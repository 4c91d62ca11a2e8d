/**
 * A Consensus of one that commits at once, without a log: for tests of the server half alone. With `hold`, transactions
 * wait until `release`, so that a test can look at what is outstanding.
 */
import { makeZxid } from '../../../src/base/zxid.js';
import type { Consensus, ReplicatedServer, Request, Txn } from '../../../src/zookeeper/contract.js';
import { Op } from '../../../src/wire/zookeeper/op.js';

export interface ImmediateConsensus extends Consensus {
  /** Must be set before anyone connects. */
  server: ReplicatedServer | undefined;
  hold: boolean;
  /** Applies what was held back. */
  release(): void;
  readonly held: readonly (Txn | Request)[];
  /** Every transaction made, in order. */
  readonly log: readonly Txn[];
}

export function immediateConsensus(sid = 1): ImmediateConsensus {
  let zxid = makeZxid(0, 0);
  const held: (Txn | Request)[] = [];
  const log: Txn[] = [];
  const deliver = (server: ReplicatedServer, one: Txn | Request): void => {
    if ('bytes' in one) server.apply(one);
    else server.syncDone(one);
  };
  return {
    sid,
    mode: 'standalone',
    epoch: 0n,
    server: undefined,
    hold: false,
    get held() {
      return held;
    },
    log,
    submit(request) {
      const server = this.server!;
      const one = request.op === Op.sync ? request : server.prepare(request, (zxid += 1n));
      if ('bytes' in one) log.push(one);
      // In their order, also those that come while others are let go.
      if (this.hold || held.length > 0) held.push(one);
      else deliver(server, one);
    },
    release() {
      while (held.length > 0) {
        deliver(this.server!, held[0]!);
        held.shift();
      }
    },
    revalidate() {
      throw new Error('only a learner asks');
    },
    status: () => ({
      leader: undefined,
      followers: 0,
      syncedFollowers: 0,
      pendingSyncs: 0,
      lastLoggedZxid: zxid,
      lastCommittedZxid: zxid,
      currentEpoch: 0n,
      acceptedEpoch: 0n,
    }),
  };
}
