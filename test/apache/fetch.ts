/**
 * Brings Apache ZooKeeper 3.8.4 and Hadoop 3.3.6 from Maven Central into `.cache/apache/{zk,hadoop}` once, and says
 * what to install when a program is missing. Runs before the tests of this folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';

const here = fileURLToPath(new URL('.', import.meta.url));
export const cacheDirectory = fileURLToPath(new URL('../../.cache/apache/', import.meta.url));

/** Debian's package for each program that these tests run, and where it may lie besides the PATH. */
const PROGRAMS: readonly { readonly name: string; readonly from: string; readonly also?: readonly string[] }[] = [
  { name: 'java', from: 'openjdk-17-jdk-headless' },
  { name: 'javac', from: 'openjdk-17-jdk-headless' },
  { name: 'mvn', from: 'maven' },
  { name: 'ssh', from: 'openssh-client' },
  { name: 'ssh-keygen', from: 'openssh-client' },
  { name: 'sshd', from: 'openssh-server', also: ['/usr/sbin', '/usr/local/sbin', '/sbin'] },
  { name: 'fuser', from: 'psmisc', also: ['/usr/sbin', '/sbin'] },
];

/** What is missing, all of it at once, with what to install. */
function checkPrograms(): void {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const missing = PROGRAMS.filter(
    ({ name, also = [] }) => ![...path, ...also].some((at) => existsSync(join(at, name))),
  );
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(({ from }) => from))].join(' ');
    throw new Error(
      `the tests against Apache's programs need ${missing.map(({ name }) => name).join(', ')} on the PATH\n` +
        `  install what is missing, on Debian: apt-get install ${packages}`,
    );
  }
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)(?:\.(\d+))?/.exec(stderr ?? '');
  const major = version === null ? undefined : Number(version[1] === '1' ? version[2] : version[1]);
  if (major === undefined || major < 11) {
    throw new Error(
      `the tests against Apache's programs need a JDK 11 or newer; the java on the PATH is ${major ?? 'none'}\n` +
        '  install one, on Debian: apt-get install openjdk-17-jdk-headless',
    );
  }
}

export function setup(): void {
  checkPrograms();
  const pom = readFileSync(join(here, 'pom.xml'));
  const digest = createHash('sha256').update(pom).digest('hex');
  for (const profile of ['zk', 'zk-old', 'hadoop']) {
    const target = join(cacheDirectory, profile);
    if (existsSync(join(target, '.complete')) && readFileSync(join(target, '.complete'), 'utf8') === digest) continue;
    process.stderr.write(`fetching Apache's programs (${profile}) from Maven Central ...\n`);
    const fresh = `${target}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const result = spawnSync(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        join(here, 'pom.xml'),
        `-P${profile}`,
        'dependency:copy-dependencies',
        `-DoutputDirectory=${fresh}`,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (result.status !== 0)
      throw new Error(
        `Maven could not fetch ${profile} (exit ${result.status}): see above; it needs Maven Central or a mirror in ` +
          `~/.m2/settings.xml`,
      );
    writeFileSync(join(fresh, '.complete'), digest);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  }
}
