/**
 * Who is in the ensemble, and what a quorum of it is. Its text goes into notifications, NEWLEADER packets and
 * /zookeeper/config. Majorities only: no weights, no groups. Mirrors
 * org.apache.zookeeper.server.quorum.flexible.QuorumMaj and QuorumPeer.QuorumServer.toString.
 */
import { bracketed } from '../base/host-port.js';
import { isMajority } from '../base/zxid.js';
import type { QuorumServer } from '../config/quorum-peer-config.js';

export class Membership {
  readonly servers: readonly QuorumServer[];
  readonly voters: readonly number[];
  readonly #voters: ReadonlySet<number>;

  constructor(servers: readonly QuorumServer[]) {
    this.servers = [...servers].sort((a, b) => a.sid - b.sid);
    this.voters = this.servers.filter((server) => server.type === 'participant').map((server) => server.sid);
    this.#voters = new Set(this.voters);
  }

  isVoter(sid: number): boolean {
    return this.#voters.has(sid);
  }

  server(sid: number): QuorumServer | undefined {
    return this.servers.find((server) => server.sid === sid);
  }

  /** Whether these are a majority of the voters; others in the set do not count. */
  isQuorum(sids: Iterable<number>): boolean {
    let count = 0;
    for (const sid of sids) if (this.#voters.has(sid)) count++;
    return isMajority(count, this.#voters.size);
  }

  /** The greatest of these values (by sid) that a quorum has reached; undefined if too few voters have one. */
  reachedByQuorum(values: ReadonlyMap<number, bigint>): bigint | undefined {
    const reached: bigint[] = [];
    for (const sid of this.voters) {
      const value = values.get(sid);
      if (value !== undefined) reached.push(value);
    }
    reached.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    return reached[Math.floor(this.voters.length / 2)];
  }

  /** `server.1=host:2888:3888:participant` lines and `version=` in hexadecimal. */
  text(version: bigint): string {
    const lines = this.servers.map((server) => {
      const client = server.client === undefined ? '' : `;${bracketed(server.client.host)}:${server.client.port}`;
      const ports = `${server.quorumPort}:${server.electionPort}`;
      return `server.${server.sid}=${bracketed(server.host)}:${ports}:${server.type}${client}\n`;
    });
    return `${lines.join('')}version=${version.toString(16)}`;
  }
}
