/**
 * System properties as ZooKeeper's scripts hand them to its programs: `-Dname=value` in SERVER_JVMFLAGS (CLIENT_JVMFLAGS
 * for clients) and JVMFLAGS, from the environment and from zookeeper-env.sh and java.env beside zoo.cfg. The two files
 * are shell: bash reads them, as zkEnv.sh has it read them. Mirrors bin/zkEnv.sh and bin/zkServer.sh.
 *
 * Other flags (-Xmx, -XX:...) are the JVM's own affair, and there is none.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../../base/errors.js';
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
  'JMXPORT',
] as const;

/** How long such a file may run: it sets variables. */
const ENV_FILE_LIMIT_MS = 10_000;

/** The environment after the env files of a configuration directory. Rejects LabError `BAD_CONFIG`. */
export async function zooEnvironment(env: NodeJS.ProcessEnv, directory: string): Promise<NodeJS.ProcessEnv> {
  const files = ENV_FILES.map((name) => join(directory, name)).filter((file) => existsSync(file));
  if (files.length === 0) return env;
  // Loaded only where it is needed: a role's start is short.
  const { execa } = await import('execa');
  const values = VARIABLES.map((name) => `"\${${name}-}"`).join(' ');
  // What the files themselves print must not be taken for an answer.
  const script = `for file in "$@"; do . "$file" >&2; done; printf '%s\\0' ${values}`;
  const result = await execa('bash', ['-c', script, 'bash', ...files], {
    env: { ...env, ZOOCFGDIR: directory },
    extendEnv: false,
    stdin: 'ignore',
    timeout: ENV_FILE_LIMIT_MS,
    reject: false,
    stripFinalNewline: false,
  });
  if (result.failed)
    throw new LabError('BAD_CONFIG', `${files.join(', ')}: bash cannot read it: ${firstLine(result.stderr)}`, {
      remedy: `see for yourself: bash -c '. ${files.at(-1)}'`,
      data: { file: files.at(-1), exitCode: 2 },
    });
  const found = result.stdout.split('\0');
  const out = { ...env };
  VARIABLES.forEach((name, index) => {
    if (found[index] !== '') out[name] = found[index];
  });
  return out;
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n').find((line) => line.trim() !== '') ?? 'it ended without a word';
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
  for (const from of [side === 'server' ? 'SERVER_JVMFLAGS' : 'CLIENT_JVMFLAGS', 'JVMFLAGS'])
    for (const [name, value] of Object.entries(systemPropertiesIn(env[from]))) out.set(name, { value, from });
  return out;
}
