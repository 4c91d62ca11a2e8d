/**
 * System properties as ZooKeeper's scripts hand them to its programs: `-Dname=value` in SERVER_JVMFLAGS
 * (CLIENT_JVMFLAGS for clients) and JVMFLAGS, from the environment and from zookeeper-env.sh and java.env beside
 * zoo.cfg. The two files are shell: bash reads them, as zkEnv.sh has it read them. Mirrors bin/zkEnv.sh and
 * bin/zkServer.sh.
 *
 * Other flags (-Xmx, -XX:...) are the JVM's own affair, and there is none.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEnvFiles } from '../env-files.js';
import { systemPropertiesIn } from '../jvm-flags.js';

/** In the order in which zkEnv.sh reads them. */
const ENV_FILES = ['zookeeper-env.sh', 'java.env'] as const;

/** What those files may set and something here reads. */
const VARIABLES = [
  'SERVER_JVMFLAGS',
  'CLIENT_JVMFLAGS',
  'JVMFLAGS',
  'ZOOCFG',
  'ZOOPIDFILE',
  'ZOO_LOG_DIR',
  'ZOO_DATADIR_AUTOCREATE_DISABLE',
  'JMXDISABLE',
] as const;

/** Those that are there, in the order in which they are read. */
export function envFilesIn(directory: string): readonly string[] {
  return ENV_FILES.map((name) => join(directory, name)).filter((file) => existsSync(file));
}

/** The environment behind the env files of a configuration directory. Rejects LabError `BAD_CONFIG`. */
export function zooEnvironment(env: NodeJS.ProcessEnv, directory: string): Promise<NodeJS.ProcessEnv> {
  const files = envFilesIn(directory);
  return afterEnvFiles(files, VARIABLES, files.length === 0 ? env : { ...env, ZOOCFGDIR: directory });
}

export interface SystemProperty {
  readonly value: string;
  /** The variable that it stands in. */
  readonly from: string;
}

export type SystemProperties = ReadonlyMap<string, SystemProperty>;

/** What `-D` says; of a name given twice the last counts, and JVMFLAGS comes behind SERVER_JVMFLAGS. */
export function systemProperties(env: NodeJS.ProcessEnv, side: 'server' | 'client' = 'server'): SystemProperties {
  const out = new Map<string, SystemProperty>();
  const may = 'ZOO_DATADIR_AUTOCREATE_DISABLE';
  if (side === 'server' && (env[may] ?? '') !== '')
    out.set('zookeeper.datadir.autocreate', { value: 'false', from: may });
  for (const from of [side === 'server' ? 'SERVER_JVMFLAGS' : 'CLIENT_JVMFLAGS', 'JVMFLAGS'])
    for (const [name, value] of Object.entries(systemPropertiesIn(env[from]))) out.set(name, { value, from });
  return out;
}
