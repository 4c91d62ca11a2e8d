/**
 * Brings Apache ZooKeeper 3.8.4 and Hadoop 3.3.6 from Maven Central into `.cache/apache/{zk,hadoop}` once, and says
 * plainly what is missing when there is no JDK or Maven. Runs before the tests of this folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const here = fileURLToPath(new URL('.', import.meta.url));
export const cacheDirectory = fileURLToPath(new URL('../../.cache/apache/', import.meta.url));

function javaMajor(): number | undefined {
  const result = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)(?:\.(\d+))?/.exec(result.stderr ?? '');
  if (version === null) return undefined;
  return version[1] === '1' ? Number(version[2]) : Number(version[1]);
}

export function setup(): void {
  const major = javaMajor();
  if (major === undefined || major < 11) {
    throw new Error(
      `the tests against Apache's programs need a JDK 11 or newer on the PATH (found ${major ?? 'none'}): install ` +
        `one, e.g. the package openjdk-17-jdk-headless`,
    );
  }
  const pom = readFileSync(join(here, 'pom.xml'));
  const digest = createHash('sha256').update(pom).digest('hex');
  for (const profile of ['zk', 'zk-old', 'hadoop']) {
    const target = join(cacheDirectory, profile);
    if (existsSync(join(target, '.complete')) && readFileSync(join(target, '.complete'), 'utf8') === digest) continue;
    if (spawnSync('mvn', ['-version']).status !== 0)
      throw new Error(
        "the tests against Apache's programs need Maven (`mvn`) on the PATH to fetch them: install the package maven",
      );
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
