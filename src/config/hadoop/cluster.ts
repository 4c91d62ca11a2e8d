/**
 * A Hadoop configuration as the cluster that it describes: nameservices, their NameNodes with every address, the
 * JournalNodes, ZooKeeper, failover. Made once from what was read once, frozen, and never changed; where each value
 * stands, `conf.sourceOf` tells. Mirrors org.apache.hadoop.hdfs.DFSUtil and HAUtil.
 */
import { LabError } from '../../base/errors.js';
import type { Configuration } from './contract.js';
import { refuseUnsupported } from './keys-refused.js';
import type { LoadedConfiguration } from './load.js';
import {
  getSuffixed,
  keySet,
  nameNodeIds,
  nameNodesOf,
  nameserviceIdOf,
  ownNameserviceIds,
  parseHostPort,
  parseQuorumJournal,
  zooKeeperQuorum,
  type HostPort,
  type NameNodeAddress,
} from './nameservice.js';

export interface ClusterNameNode extends NameNodeAddress {
  /** Where its ZKFC listens. */
  readonly zkfcPort: number;
}

export interface Nameservice {
  readonly id: string;
  /** In the order of dfs.ha.namenodes. */
  readonly nameNodes: readonly ClusterNameNode[];
  readonly journal: { readonly name: string; readonly nodes: readonly HostPort[] };
  readonly automaticFailover: boolean;
  /** Where the election's nodes lie, below the chroot of ha.zookeeper.quorum. */
  readonly electionZnode: string;
}

export interface HadoopCluster {
  readonly conf: LoadedConfiguration;
  /** Those with HA that are this cluster's own, not merely known to its clients. */
  readonly nameservices: readonly Nameservice[];
  /** ha.zookeeper.quorum; empty where it is not set, which only automatic failover minds. */
  readonly quorum: readonly HostPort[];
  /** Every JournalNode listens there. */
  readonly journalHttpPort: number;
}

/** Throws LabError `BAD_CONFIG`, `UNSUPPORTED` naming file, line and key. */
export function hadoopCluster(conf: LoadedConfiguration): HadoopCluster {
  refuseUnsupported(conf);
  const nameservices = ownNameserviceIds(conf).map((id) => nameserviceOf(conf, id));
  const asked = conf.get('ha.zookeeper.quorum') ?? '';
  const automatic = nameservices.some(({ automaticFailover }) => automaticFailover);
  return Object.freeze({
    conf,
    nameservices: Object.freeze(nameservices),
    quorum: Object.freeze(asked === '' && !automatic ? [] : zooKeeperQuorum(conf)),
    journalHttpPort: parseHostPort(
      conf.get('dfs.journalnode.http-address') ?? '0.0.0.0:8480',
      8480,
      `${conf.sourceOf('dfs.journalnode.http-address')}: dfs.journalnode.http-address`,
    ).port,
  });
}

/** The only nameservice of a cluster. Throws LabError `BAD_CONFIG` where there is none, or more than one. */
export function onlyNameservice({ conf, nameservices }: HadoopCluster): Nameservice {
  if (conf.files.length === 0) throw withoutFiles(conf.dir);
  const id = nameserviceIdOf(conf);
  return nameservices.find((nameservice) => nameservice.id === id)!;
}

/** A directory that Hadoop would take, with nothing but defaults, and that no cluster can come of. */
export function withoutFiles(dir: string): LabError {
  return new LabError('CONFIG_MISSING', `${dir} holds neither core-site.xml nor hdfs-site.xml`, {
    remedy: 'name the directory that holds them (--config DIR, HADOOP_CONF_DIR, halab up DIR)',
  });
}

function nameserviceOf(conf: LoadedConfiguration, id: string): Nameservice {
  const parent = getSuffixed(conf, 'ha.zookeeper.parent-znode', id) ?? '/hadoop-ha';
  const chroot = /\/.*$/.exec(conf.get('ha.zookeeper.quorum') ?? '')?.[0] ?? '';
  return Object.freeze({
    id,
    nameNodes: Object.freeze(
      nameNodesOf(conf, id).map((address) =>
        Object.freeze({ ...address, zkfcPort: zkfcPortOf(conf, id, address.nameNodeId) }),
      ),
    ),
    journal: Object.freeze(sharedEdits(conf, id)),
    automaticFailover: conf.getBoolean(keySet(conf, 'dfs.ha.automatic-failover.enabled', id)),
    electionZnode: `${chroot.replace(/\/+$/, '')}${parent.replace(/\/*$/, '/')}${id}`,
  });
}

function zkfcPortOf(conf: LoadedConfiguration, nameserviceId: string, nameNodeId: string): number {
  const key = keySet(conf, 'dfs.ha.zkfc.port', nameserviceId, nameNodeId);
  const port = conf.getInt(key);
  if (port < 1 || port > 65_535) {
    throw new LabError('BAD_CONFIG', `${conf.sourceOf(key)}: ${key}: ${port} is not a port`, {
      remedy: 'a port is 1 to 65535',
    });
  }
  return port;
}

/** Throws LabError `BAD_CONFIG` where the shared edits are none, or no quorum journal. */
export function sharedEdits(conf: Configuration, nameserviceId: string): Nameservice['journal'] {
  const first = nameNodeIds(conf, nameserviceId)[0];
  const key = keySet(conf, 'dfs.namenode.shared.edits.dir', nameserviceId, first);
  const text = conf.get(key);
  if (text === undefined) {
    throw new LabError(
      'BAD_CONFIG',
      `${conf.sourceOf('dfs.nameservices')}: dfs.namenode.shared.edits.dir is not set for nameservice ${nameserviceId}`,
      { remedy: 'set it to qjournal://m1:8485;m2:8485;m3:8485/journal-name' },
    );
  }
  const { journal, nodes } = parseQuorumJournal(text, `${conf.sourceOf(key)}: ${key}`);
  return { name: journal, nodes: Object.freeze(nodes) };
}
