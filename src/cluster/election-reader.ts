/**
 * Reads ActiveStandbyElectorLock and ActiveBreadCrumb over one session that is kept. Where their ACLs let nobody else
 * read, it says who it is as the ZKFCs do (ha.zookeeper.auth); where that does not do, it says that it cannot read.
 */
import { hasCode, LabError, messageOf } from '../base/errors.js';
import type { LiveHost } from '../host/live/index.js';
import { ActiveNodeInfo } from '../wire/hadoop/gen/ha-zk-info.js';
import { ZooKeeperClient } from '../zookeeper/client/client.js';
import type { Lab } from './lab.js';
import { readPidFile } from './pid-file.js';
import { hostsTable, rolesOfPlan, type PlannedRole } from './plan.js';
import { pidFile } from './state-dir.js';
import type { LabStatus } from './status.js';

type Credentials = readonly { readonly scheme: string; readonly auth: Buffer }[];

export type Elected = Pick<LabStatus, 'lockHolder' | 'breadcrumb' | 'electionUnreadable'>;

function unreadable(why: string, closed = false): Elected {
  return { lockHolder: undefined, breadcrumb: undefined, electionUnreadable: { why, closed } };
}

export class ElectionReader {
  readonly #lab: Lab;
  readonly #host: LiveHost;
  #client: ZooKeeperClient | undefined;
  /** This session has said who it is. */
  #identified = false;
  /** What it says then, once it has been needed. */
  #credentials: Promise<Credentials> | undefined;
  #last: Elected = unreadable('not asked yet');

  constructor(lab: Lab, host: LiveHost) {
    this.#lab = lab;
    this.#host = host;
  }

  async read(timeoutMs: number): Promise<Elected> {
    if (!this.#lab.plan.automaticFailover) return { lockHolder: undefined, breadcrumb: undefined };
    const servers = rolesOfPlan(this.#lab.plan).filter((role) => role.kind === 'zookeeper');
    const running = servers.filter((role) => {
      const found = readPidFile(pidFile(this.#lab.dir, role.id));
      return found.kind === 'alive' && !found.facts.paused;
    });
    // A session would only wait.
    if (running.length * 2 <= servers.length) return unreadable('no majority of the ZooKeeper servers runs');
    try {
      return (this.#last = await withLimit(this.#ask(running), timeoutMs));
    } catch (error) {
      if (hasCode(error, 'SessionExpired')) this.#client = undefined;
      if (hasCode(error, 'NoAuth', 'AuthFailed', 'BAD_CONFIG')) return unreadable(messageOf(error), true);
      return hasCode(error, 'NO_ANSWER') && this.#client?.connection.connected === true
        ? this.#last
        : unreadable(`ZooKeeper: ${messageOf(error)}`);
    }
  }

  async #ask(servers: readonly PlannedRole[]): Promise<Elected> {
    if (this.#client === undefined || this.#client.connection.over) {
      const addresses = hostsTable(this.#lab.plan);
      this.#identified = false;
      this.#client = new ZooKeeperClient(this.#host, {
        connectString: servers.map((role) => `${addresses.get(role.host.toLowerCase())}:${role.ports[0]}`).join(','),
        sessionTimeoutMs: 10_000,
      });
    }
    const client = this.#client;
    try {
      return await this.#nodes(client);
    } catch (error) {
      if (this.#identified || !hasCode(error, 'NoAuth')) throw error;
    }
    await this.#identify(client);
    return this.#nodes(client);
  }

  async #nodes(client: ZooKeeperClient): Promise<Elected> {
    const parent = this.#lab.plan.electionZnode;
    const [lock, crumb] = await Promise.all(
      [`${parent}/ActiveStandbyElectorLock`, `${parent}/ActiveBreadCrumb`].map((path) =>
        client.getData(path).catch((error: unknown) => {
          if (hasCode(error, 'NoNode')) return undefined;
          throw error;
        }),
      ),
    );
    return {
      lockHolder:
        lock?.data == null
          ? undefined
          : { id: nameNodeOf(lock.data), session: `0x${BigInt.asUintN(64, lock.stat.ephemeralOwner).toString(16)}` },
      breadcrumb: crumb?.data == null ? undefined : nameNodeOf(crumb.data),
    };
  }

  /** As the ZKFCs of the lab do. Their configuration is read here only, since open nodes need none. */
  async #identify(client: ZooKeeperClient): Promise<void> {
    this.#credentials ??= import('./election-auth.js').then(({ electionAuth }) => electionAuth(this.#lab));
    for (const { scheme, auth } of await this.#credentials) await client.addAuth(scheme, auth);
    this.#identified = true;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await withLimit(client.close(), 500).catch(() => {});
  }
}

function nameNodeOf(data: Buffer): string {
  try {
    return ActiveNodeInfo.decode(data).namenodeId;
  } catch {
    return '?';
  }
}

async function withLimit<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LabError('NO_ANSWER', `no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
