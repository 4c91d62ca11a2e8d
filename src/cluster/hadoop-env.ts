/**
 * hadoop-env.sh of a configuration directory, read as Hadoop's scripts read it: by bash, which alone knows what the
 * file means. What it exports is seen by `${env.NAME}` in values; of what it sets without exporting, only the variables
 * below count. Where there is no such file, nothing is run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEnvFiles } from '../config/env-files.js';

/** Variables whose flags end up on the command line of Hadoop's JVMs, besides those of a command (optionsOf). */
const OPTIONS = ['HADOOP_OPTS', 'HADOOP_CLIENT_OPTS'];
const DAEMONS = ['namenode', 'journalnode', 'zkfc'];

/**
 * The variables that hold flags for the JVM of a command, in the order in which they come: `HDFS_NAMENODE_OPTS`, or by
 * its old name `HADOOP_NAMENODE_OPTS`. Without a command, for what speaks for a whole lab, those of all daemons.
 * Mirrors hadoop_subcommand_opts and hadoop_add_client_opts.
 */
export function jvmFlagsOf(command: string | undefined, env: NodeJS.ProcessEnv): readonly (string | undefined)[] {
  const of = (name: string): string | undefined =>
    env[`HDFS_${name.toUpperCase()}_OPTS`] ?? env[`HADOOP_${name.toUpperCase()}_OPTS`];
  if (command === undefined) return [env['HADOOP_OPTS'], ...DAEMONS.map(of)];
  const own = of(command);
  return DAEMONS.includes(command) ? [env['HADOOP_OPTS'], own] : [env['HADOOP_OPTS'], env['HADOOP_CLIENT_OPTS'], own];
}

/** The environment as it is behind the file. Rejects LabError `BAD_CONFIG`. */
export async function withHadoopEnv(confDir: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const file = join(confDir, 'hadoop-env.sh');
  if (!existsSync(file)) return env;
  const kept = [
    ...OPTIONS,
    ...DAEMONS.flatMap((name) => [`HDFS_${name.toUpperCase()}_OPTS`, `HADOOP_${name.toUpperCase()}_OPTS`]),
  ];
  return afterEnvFiles([file], kept, { ...env, HADOOP_CONF_DIR: confDir });
}
