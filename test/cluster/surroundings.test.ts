/** What `${...}` in a value sees: Java's properties, Hadoop's own, flags of the environment and of hadoop-env.sh. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHadoop, type ReadOptions } from '../../src/cluster/hadoop-conf.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-conf-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const PATH = process.env['PATH']!;

async function valueOf(text: string, env: NodeJS.ProcessEnv = {}, options: Partial<ReadOptions> = {}) {
  writeFileSync(
    join(dir, 'hdfs-site.xml'),
    `<configuration><property><name>x</name><value>${text}</value></property></configuration>`,
  );
  return (await readHadoop(dir, { profile: 'production', env: { PATH, ...env }, ...options })).get('x');
}

test.each([
  ['${user.name}', userInfo().username],
  ['${user.home}', userInfo().homedir],
  ['${user.dir}', process.cwd()],
  ['${os.name}', { linux: 'Linux', darwin: 'Mac OS X' }[process.platform as string]],
  ['${file.separator}${path.separator}', '/:'],
  ['a${line.separator}b', 'a\nb'],
  ['${java.io.tmpdir}', process.platform === 'linux' ? '/tmp' : tmpdir()],
])('%s', async (text, value) => {
  expect(await valueOf(text)).toBe(value);
});

test.each(['java.version', 'java.home', 'java.vendor', 'os.arch', 'os.version', 'file.encoding', 'hadoop.id.str'])(
  '${%s} is something',
  async (name) => {
    expect(await valueOf(`\${${name}}`)).not.toContain('$');
  },
);

test('HADOOP_USER_NAME changes who asks, not who runs', async () => {
  expect(await valueOf('${user.name}', { HADOOP_USER_NAME: 'ann' })).toBe(userInfo().username);
});

test("-D of HADOOP_OPTS and of the command's own variable; the last counts, before any key", async () => {
  const env = { HADOOP_OPTS: '-Xmx1g -Da=1 -Db=1', HDFS_NAMENODE_OPTS: '-Db=2', HDFS_ZKFC_OPTS: '-Dc=3' };
  expect(await valueOf('${a}${b}${c}', env, { command: 'namenode' })).toBe('12${c}');
  expect(await valueOf('${a}${b}${c}', env)).toBe('123');
  expect(await valueOf('${a}', { HADOOP_NAMENODE_OPTS: '-Da=old name' }, { command: 'namenode' })).toBe('old');
  expect(await valueOf('${a}', { HADOOP_CLIENT_OPTS: '-Da=1' }, { command: 'haadmin' })).toBe('1');
  expect(await valueOf('${a}', { HADOOP_CLIENT_OPTS: '-Da=1' }, { command: 'namenode' })).toBe('${a}');
});

test('hadoop-env.sh is what bash makes of it', async () => {
  writeFileSync(
    join(dir, 'hadoop-env.sh'),
    `echo this goes nowhere
domain=example.com
export QUORUM="m1.$domain"
HADOOP_OPTS="$HADOOP_OPTS -Dfrom.env=\${HADOOP_CONF_DIR##*/}"
if [ -n "$NEVER_SET" ]; then export HDFS_ZKFC_OPTS=-Dz=no; else export HDFS_ZKFC_OPTS=-Dz=yes; fi
export HADOOP_LOG_DIR=/var/log/hadoop
`,
  );
  expect(await valueOf('${env.QUORUM}')).toBe('m1.example.com');
  expect(await valueOf('${env.domain}')).toBe('${env.domain}');
  expect(await valueOf('${a} ${from.env}', { HADOOP_OPTS: '-Da=1' })).toBe(`1 ${dir.split('/').at(-1)}`);
  expect(await valueOf('${z}', {}, { command: 'zkfc' })).toBe('yes');
  expect(await valueOf('${hadoop.log.dir}')).toBe('/var/log/hadoop');
});

test('a hadoop-env.sh that ends the shell is named', async () => {
  writeFileSync(join(dir, 'hadoop-env.sh'), 'echo no JAVA_HOME >&2\nexit 3\n');
  await expect(valueOf('x')).rejects.toThrow(/hadoop-env\.sh: cannot be run: .*\n?.*no JAVA_HOME/s);
});
