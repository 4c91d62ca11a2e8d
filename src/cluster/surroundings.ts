/**
 * What `${...}` in a value may stand for besides other keys: the environment, behind hadoop-env.sh, and the system
 * properties that Hadoop's JVM would have. Those are Java's own where they make sense without a JVM, Hadoop's own
 * (hadoop.log.dir, ...), and every `-D` of HADOOP_OPTS and of the command's own variable.
 */
import { homedir, release, tmpdir, userInfo } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import type { Surroundings } from '../config/hadoop/expand.js';
import { systemPropertiesIn } from '../config/jvm-flags.js';
import { jvmFlagsOf, withHadoopEnv } from './hadoop-env.js';

const OS_NAMES: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Mac OS X', freebsd: 'FreeBSD' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64', ia32: 'x86' };
/** There is no Java here; this is one that Hadoop 3.3.6 is run on. */
const JAVA_VERSION = '11.0.24';

/** `command`: the subcommand of `hdfs` that runs, whose variable counts (`namenode`: HDFS_NAMENODE_OPTS). */
export async function surroundings(
  confDir: string,
  command?: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Surroundings> {
  return surroundingsIn(await withHadoopEnv(confDir, env), command);
}

export function surroundingsIn(env: NodeJS.ProcessEnv, command?: string): Surroundings {
  return {
    env,
    properties: {
      ...javaProperties(env),
      ...hadoopProperties(env),
      ...systemPropertiesIn(...jvmFlagsOf(command, env)),
    },
  };
}

function javaProperties(env: NodeJS.ProcessEnv): Record<string, string> {
  const home = homeOfUser();
  return {
    'file.encoding': 'UTF-8',
    'file.separator': sep,
    'java.home': env['JAVA_HOME'] ?? '/usr/lib/jvm/default-java',
    'java.io.tmpdir': process.platform === 'linux' ? '/tmp' : tmpdir(),
    'java.vendor': 'none',
    'java.version': JAVA_VERSION,
    'line.separator': '\n',
    'os.arch': ARCHITECTURES[process.arch] ?? process.arch,
    'os.name': OS_NAMES[process.platform] ?? process.platform,
    'os.version': release(),
    'path.separator': delimiter,
    'user.dir': process.cwd(),
    'user.home': home,
    'user.name': systemUser(),
  };
}

/** What Hadoop's scripts themselves pass to the JVM. */
function hadoopProperties(env: NodeJS.ProcessEnv): Record<string, string> {
  const home = env['HADOOP_HOME'];
  const logs = env['HADOOP_LOG_DIR'] ?? (home === undefined ? undefined : join(home, 'logs'));
  return {
    'hadoop.id.str': env['HADOOP_IDENT_STRING'] ?? systemUser(),
    ...(home === undefined ? {} : { 'hadoop.home.dir': home }),
    ...(logs === undefined ? {} : { 'hadoop.log.dir': logs }),
  };
}

/** The user that Hadoop's SIMPLE authentication names: HADOOP_USER_NAME, or the one who runs this. */
export function userName(): string {
  const asked = process.env['HADOOP_USER_NAME'];
  return asked !== undefined && asked !== '' ? asked : systemUser();
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'hdfs'; // the user has no entry in the password file
  }
}

function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir();
  }
}
