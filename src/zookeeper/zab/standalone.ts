/**
 * A server alone: every request becomes a transaction that is committed once it is on our own disk. Mirrors
 * org.apache.zookeeper.server.ZooKeeperServer's own chain of processors.
 */
import { epochOf } from '../../base/zxid.js';
import type { Host } from '../../host/host.js';
import { Op } from '../../wire/zookeeper/op.js';
import type { Consensus, ReplicatedServer, Request } from '../contract.js';
import type { SnapshotSchedule } from '../storage/snapshot-schedule.js';
import type { Storage } from '../storage/storage.js';

export class Standalone implements Consensus {
  readonly sid: number;
  readonly mode = 'standalone';
  readonly #host: Host;
  readonly #storage: Storage;
  #server: ReplicatedServer | undefined;
  #snapshots: SnapshotSchedule | undefined;
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
    const server = this.#server!;
    const { history } = this.#storage;
    if (this.#stopped) return;
    if (request.op === Op.sync) {
      const done = (): void => {
        if (!this.#stopped) server.syncDone(request);
      };
      if (history.lastCommitted === history.lastZxid) this.#host.clock.soon(done);
      else this.#storage.whenDurable(done);
      return;
    }
    const txn = server.prepare(request, history.lastZxid + 1n);
    this.#storage.append([txn]);
    this.#storage.whenDurable(() => {
      if (this.#stopped) return;
      for (const committed of history.commit(txn.zxid)) server.apply(committed);
      this.#snapshots!.applied(1);
    });
  }

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
