/**
 * The configuration as a NameNode sees it that is to be fenced: what a fencing script finds in its environment. Values
 * stand as they are written; those that a NameNode may have to itself come under the plain key. Mirrors
 * NameNode.initializeGenericKeys, NNHAServiceTarget and DFSHAAdmin.addSecurityConfiguration.
 */
import type { Configuration } from '../config/hadoop/contract.js';
import { suffixed } from '../config/hadoop/nameservice.js';

/** Keys that a NameNode or nameservice may have to itself. */
const NAMENODE_KEYS: readonly string[] = [
  'dfs.namenode.rpc-address',
  'dfs.namenode.rpc-bind-host',
  'dfs.namenode.name.dir',
  'dfs.namenode.edits.dir',
  'dfs.namenode.shared.edits.dir',
  'dfs.namenode.checkpoint.dir',
  'dfs.namenode.checkpoint.edits.dir',
  'dfs.namenode.lifeline.rpc-address',
  'dfs.namenode.lifeline.rpc-bind-host',
  'dfs.namenode.servicerpc-address',
  'dfs.namenode.servicerpc-bind-host',
  'dfs.namenode.http-address',
  'dfs.namenode.https-address',
  'dfs.namenode.http-bind-host',
  'dfs.namenode.https-bind-host',
  'dfs.namenode.keytab.file',
  'dfs.namenode.secondary.http-address',
  'dfs.namenode.secondary.https-address',
  'dfs.secondary.namenode.keytab.file',
  'dfs.namenode.backup.address',
  'dfs.namenode.backup.http-address',
  'dfs.namenode.backup.dnrpc-address',
  'dfs.namenode.kerberos.principal',
  'dfs.namenode.kerberos.internal.spnego.principal',
  'dfs.ha.fencing.methods',
  'dfs.ha.zkfc.port',
];
/** Keys that a nameservice may have to itself. */
const NAMESERVICE_KEYS: readonly string[] = ['dfs.ha.automatic-failover.enabled'];
/** Keys that a ZKFC reads for its own NameNode. */
const ZKFC_KEYS: readonly string[] = [
  'ha.zookeeper.session-timeout.ms',
  'ha.zookeeper.quorum',
  'ha.zookeeper.parent-znode',
  'ha.zookeeper.acl',
  'ha.zookeeper.auth',
];

/** What Hadoop's own programs put into their configuration while they start. */
const SET_BY_PROGRAMS: Readonly<Record<string, string>> = { 'mapreduce.client.genericoptionsparser.used': 'true' };
const SET_BY_ZKFC: Readonly<Record<string, string>> = {
  'rpc.engine.org.apache.hadoop.ha.protocolPB.ZKFCProtocolPB': 'org.apache.hadoop.ipc.ProtobufRpcEngine2',
  'rpc.engine.org.apache.hadoop.ipc.ProtocolMetaInfoPB': 'org.apache.hadoop.ipc.ProtobufRpcEngine2',
};

export interface NameNodeName {
  readonly nameserviceId: string;
  readonly nameNodeId: string;
}

/** `zkfcOf`: the NameNode of the ZKFC that fences, whose own settings stand below the target's; absent for haadmin. */
export function targetSettings(
  conf: Configuration,
  target: NameNodeName,
  zkfcOf: NameNodeName | undefined,
): ReadonlyMap<string, string> {
  const put = zkfcOf === undefined ? SET_BY_PROGRAMS : { ...SET_BY_PROGRAMS, ...SET_BY_ZKFC };
  const settings = new Map([...conf.rawEntries(), ...Object.entries(put)]);
  settings.set('hadoop.security.service.user.name.key', conf.get('dfs.namenode.kerberos.principal') ?? '');
  if (zkfcOf !== undefined) {
    makeGeneric(settings, conf, zkfcOf);
    copy(settings, conf, zkfcOf, ZKFC_KEYS);
  }
  makeGeneric(settings, conf, target);
  return settings;
}

function makeGeneric(settings: Map<string, string>, conf: Configuration, name: NameNodeName): void {
  settings.set('dfs.nameservice.id', name.nameserviceId);
  settings.set('dfs.ha.namenode.id', name.nameNodeId);
  copy(settings, conf, name, NAMENODE_KEYS);
  copy(settings, conf, { nameserviceId: name.nameserviceId, nameNodeId: undefined }, NAMESERVICE_KEYS);
  const address = settings.get('dfs.namenode.rpc-address');
  if (address !== undefined) settings.set('fs.defaultFS', `hdfs://${address}`);
}

function copy(
  settings: Map<string, string>,
  conf: Configuration,
  { nameserviceId, nameNodeId }: { readonly nameserviceId: string; readonly nameNodeId: string | undefined },
  keys: readonly string[],
): void {
  for (const key of keys) {
    const value = conf.get(suffixed(key, nameserviceId, nameNodeId)) ?? conf.get(suffixed(key, nameserviceId));
    if (value !== undefined) settings.set(key, value);
  }
}
