/**
 * hadoop-env.sh of a configuration directory, read as Hadoop's scripts read it: by bash, which alone knows what the file
 * means. What it exports is seen by `${env.NAME}` in values; of what it sets without exporting, only the variables below
 * count. Where there is no such file, nothing is run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, messageOf } from '../base/errors.js';

/** Variables whose flags end up on the command line of Hadoop's JVMs, besides those of a command (optionsOf). */
const OPTIONS = ['HADOOP_OPTS', 'HADOOP_CLIENT_OPTS'];
const DAEMONS = ['namenode', 'journalnode', 'zkfc'];
/** A file that waits for something, a prompt say, must not hang a role. */
const LIMIT_MS = 10_000;

/**
 * The variables that hold flags for the JVM of a command, in the order in which they come: `HDFS_NAMENODE_OPTS`, or by
 * its old name `HADOOP_NAMENODE_OPTS`. Without a command, for what speaks for a whole lab, those of all daemons. Mirrors
 * hadoop_subcommand_opts and hadoop_add_client_opts.
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
  const { execa } = await import('execa');
  const kept = [
    ...OPTIONS,
    ...DAEMONS.flatMap((name) => [`HDFS_${name.toUpperCase()}_OPTS`, `HADOOP_${name.toUpperCase()}_OPTS`]),
  ];
  const script =
    '. "$1" >&2; shift; for n; do if [ -n "${!n+x}" ]; then printf "%s=%s\\0" "$n" "${!n}"; fi; done; env -0';
  try {
    const { stdout } = await execa('bash', ['-c', script, 'bash', file, ...kept], {
      env: { ...env, HADOOP_CONF_DIR: confDir },
      extendEnv: false,
      stdin: 'ignore',
      timeout: LIMIT_MS,
      stripFinalNewline: false,
    });
    return Object.fromEntries(
      stdout
        .split('\0')
        .filter((entry) => entry.includes('='))
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
  } catch (error) {
    throw new LabError('BAD_CONFIG', `${file}: cannot be run: ${messageOf(error)}`, {
      remedy: `mend what bash says of it: bash -x ${file}`,
      cause: error,
    });
  }
}
