/**
 * What a QuorumPeer needs to know, as a frozen, validated object. `config/zookeeper/load.ts` builds it from
 * zoo.cfg, myid and system properties; tests and the simulator build it with `quorumPeerConfig`. Mirrors the keys of
 * org.apache.zookeeper.server.quorum.QuorumPeerConfig that decide anything here; what a key of zoo.cfg means, its
 * defaults and its errors are the builder's business.
 *
 * Not here, because not offered: TLS, SASL between servers, weights and groups, reconfiguration, elections other than
 * FastLeaderElection (electionAlg=3).
 */
import { LabError } from '../base/errors.js';
import type { Endpoint } from '../base/endpoint.js';

/** One `server.N=host:quorumPort:electionPort[:role][;[clientAddress:]clientPort]` line. */
export interface QuorumServer {
  readonly sid: number;
  readonly host: string;
  /** Where it listens for learners when it leads (2888). */
  readonly quorumPort: number;
  /** Where it listens for election connections (3888). */
  readonly electionPort: number;
  readonly type: 'participant' | 'observer';
  /** From `;clientPort` at the end of the line, if it is there. */
  readonly client: Endpoint | undefined;
}

export interface QuorumPeerConfig {
  /** 'standalone' when zoo.cfg names no servers (or one only): no election, no ports but the client's. */
  readonly mode: 'quorum' | 'standalone';
  /** `myid`. 1 in standalone mode (Apache's own sessions start from server id 1 there). */
  readonly sid: number;
  /** All servers, in the order of sid; empty in standalone mode. */
  readonly servers: readonly QuorumServer[];
  /** Address clients connect to, host `0.0.0.0` when zoo.cfg names none; undefined: it serves none. */
  readonly client: Endpoint | undefined;
  readonly tickTimeMs: number;
  /** Ticks a learner may take to connect and synchronise. */
  readonly initLimit: number;
  /** Ticks a learner may lag behind. */
  readonly syncLimit: number;
  /** Ticks for connecting to the leader; 0: initLimit. */
  readonly connectToLearnerMasterLimit: number;
  readonly dataDir: string;
  /** Equal to dataDir when zoo.cfg does not set it. */
  readonly dataLogDir: string;
  /** Transactions between two snapshots (before Apache's random half is taken off). */
  readonly snapCount: number;
  /** Transactions kept in memory for DIFF (`zookeeper.commitLogCount`). */
  readonly commitLogCount: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Connections an address may hold; 0: no limit. */
  readonly maxClientCnxns: number;
  readonly fourLetterWordWhitelist: readonly string[];
  readonly autopurge: {
    readonly snapRetainCount: number;
    /** 0: never. */
    readonly purgeIntervalHours: number;
  };
  /** Observers write the log and snapshots as followers do. */
  readonly syncEnabled: boolean;
  readonly quorumListenOnAllIPs: boolean;
  /** Longest packet accepted, bytes (`jute.maxbuffer`). */
  readonly juteMaxBuffer: number;
  /** `zookeeper.leaderServes`. */
  readonly leaderServes: boolean;
  /** `zookeeper.extendedTypesEnabled`: nodes with a time to live. */
  readonly extendedTypesEnabled: boolean;
  /** `zookeeper.DigestAuthenticationProvider.superDigest`: `super:base64(sha1(super:password))`. */
  readonly superDigest: string | undefined;
  /** `zookeeper.enforceQuota`: hard limits of `/zookeeper/quota` refuse what exceeds them. */
  readonly enforceQuota: boolean;
  /** `zookeeper.skipACL`: no ACL is checked. */
  readonly skipAcl: boolean;
  /** `zookeeper.maxCnxns`: connections to the whole server; 0: no limit. */
  readonly maxCnxns: number;
  /** `zookeeper.forceSync`: off, the log is not synced before a transaction is acknowledged. */
  readonly forceSync: boolean;
  /** `zookeeper.cnxTimeout`: how long an election connection may take to be made. */
  readonly cnxTimeoutMs: number;
  /** `znode.container.checkIntervalMs`: how often empty containers and nodes past their time to live are looked for. */
  readonly containerCheckIntervalMs: number;
  /** For messages: the file this was read from, or 'defaults'. */
  readonly source: string;
}

/** Apache 3.8.4's defaults for everything but identity, addresses and directories. */
export const QUORUM_PEER_DEFAULTS = Object.freeze({
  tickTimeMs: 3000,
  initLimit: 10,
  syncLimit: 5,
  connectToLearnerMasterLimit: 0,
  snapCount: 100_000,
  commitLogCount: 500,
  maxClientCnxns: 60,
  fourLetterWordWhitelist: Object.freeze(['srvr']) as readonly string[],
  autopurge: Object.freeze({ snapRetainCount: 3, purgeIntervalHours: 0 }),
  syncEnabled: true,
  quorumListenOnAllIPs: false,
  juteMaxBuffer: 0xfffff,
  leaderServes: true,
  extendedTypesEnabled: false,
  superDigest: undefined,
  enforceQuota: false,
  skipAcl: false,
  maxCnxns: 0,
  forceSync: true,
  cnxTimeoutMs: 5000,
  containerCheckIntervalMs: 60_000,
  source: 'defaults',
});

type Given = Pick<QuorumPeerConfig, 'sid' | 'servers' | 'client' | 'dataDir'> & Partial<QuorumPeerConfig>;

/**
 * Completes a configuration with Apache's defaults (session limits are 2 and 20 ticks), checks it and freezes it.
 * Throws LabError `BAD_CONFIG`.
 */
export function quorumPeerConfig(given: Given): QuorumPeerConfig {
  const tickTimeMs = given.tickTimeMs ?? QUORUM_PEER_DEFAULTS.tickTimeMs;
  const config: QuorumPeerConfig = {
    ...QUORUM_PEER_DEFAULTS,
    mode: given.servers.length > 0 ? 'quorum' : 'standalone',
    dataLogDir: given.dataDir,
    minSessionTimeoutMs: 2 * tickTimeMs,
    maxSessionTimeoutMs: 20 * tickTimeMs,
    ...given,
    servers: Object.freeze([...given.servers].sort((a, b) => a.sid - b.sid)),
  };
  const bad = (what: string, remedy: string): LabError =>
    new LabError('BAD_CONFIG', `${config.source}: ${what}`, { remedy });
  if (config.mode === 'quorum') {
    const sids = config.servers.map((server) => server.sid);
    if (new Set(sids).size !== sids.length)
      throw bad('two server.N lines have the same N', 'give every server a number of its own');
    if (!sids.includes(config.sid)) {
      throw bad(
        `my id ${config.sid} (${config.dataDir}/myid) is not among the servers ${sids.join(', ')}`,
        `write this server's number into ${config.dataDir}/myid, or add a line server.${config.sid}=host:2888:3888`,
      );
    }
    if (!config.servers.some((server) => server.type === 'participant'))
      throw bad('every server is an observer', 'make at least one a participant');
    if (config.initLimit <= 0) throw bad('initLimit is not set', 'set initLimit, for example initLimit=10');
    if (config.syncLimit <= 0) throw bad('syncLimit is not set', 'set syncLimit, for example syncLimit=5');
  }
  if (!(config.tickTimeMs > 0))
    throw bad(`tickTime is ${config.tickTimeMs}`, 'set tickTime, for example tickTime=2000');
  if (config.minSessionTimeoutMs > config.maxSessionTimeoutMs) {
    throw bad('minSessionTimeout is larger than maxSessionTimeout', 'make minSessionTimeout the smaller one');
  }
  return Object.freeze(config);
}
