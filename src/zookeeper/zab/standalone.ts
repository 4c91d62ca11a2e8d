/**
 * A server alone: every request becomes a transaction that is committed once it is on our own disk. Mirrors
 * org.apache.zookeeper.server.ZooKeeperServer's own chain of processors.
 */
import { epochOf } from '../../base/zxid.js';
import type { Host } from '../../host/host.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { Consensus, ReplicatedServer, Request, Txn } from '../contract.js';
import type { SnapshotSchedule } from '../storage/snapshot-schedule.js';
import type { Storage } from '../storage/storage.js';

export class Standalone implements Consensus {
  readonly sid: number;
  readonly mode = 'standalone';
  readonly #host: Host;
  readonly #storage: Storage;
  #server: ReplicatedServer | undefined;
  #snapshots: SnapshotSchedule | undefined;
  /** What came in since the last turn. */
  #requests: Request[] = [];
  #stopped = false;

  constructor(host: Host, sid: number, storage: Storage) {
    this.#host = host;
    this.sid = sid;
    this.#storage = storage;
  }

  start(server: ReplicatedServer, snapshots: SnapshotSchedule): void {
    this.#server = server;
    this.#snapshots = snapshots;
    server.setServing('standalone');
  }

  stop(): void {
    this.#stopped = true;
  }

  get epoch(): bigint {
    return epochOf(this.#storage.history.lastZxid);
  }

  submit(request: Request): void {
    if (this.#stopped) return;
    this.#requests.push(request);
    if (this.#requests.length === 1) this.#host.clock.soon(this.#turn);
  }

  /** What came in together goes to the disk together, and is done in the order in which it came. */
  readonly #turn = (): void => {
    if (this.#stopped) return;
    const server = this.#server!;
    const { history } = this.#storage;
    const txns: Txn[] = [];
    const steps = this.#requests.map((request): Txn | Request => {
      if (request.op === Op.sync) return request;
      const txn = server.prepare(request, history.lastZxid + BigInt(txns.length + 1));
      txns.push(txn);
      return txn;
    });
    this.#requests = [];
    this.#storage.append(txns);
    this.#storage.whenDurable(() => {
      if (this.#stopped) return;
      for (const step of steps) {
        if ('zxid' in step) for (const txn of history.commit(step.zxid)) server.apply(txn);
        else server.syncDone(step);
      }
      this.#snapshots!.applied(txns.length);
    });
  };

  /** Nobody else knows sessions: the server half answers by itself. */
  revalidate(): void {}

  status(): ReturnType<Consensus['status']> {
    const { history, currentEpoch, acceptedEpoch } = this.#storage;
    return {
      leader: undefined,
      followers: 0,
      syncedFollowers: 0,
      pendingSyncs: 0,
      lastLoggedZxid: history.lastZxid,
      lastCommittedZxid: history.lastCommitted,
      currentEpoch,
      acceptedEpoch,
    };
  }
}
