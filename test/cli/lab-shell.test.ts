/** Hadoop's script and its words in a lab's shell, where nothing runs yet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabFixture } from '../cluster/lab-fixture.js';

const lab = new LabFixture();
beforeAll(async () => {
  expect((await lab.on('m1', 'true')).code).toBe(0);
});
afterAll(() => lab.end());

test("without HADOOP_CONF_DIR the configuration is the lab's", async () => {
  for (const line of ['unset HADOOP_CONF_DIR HADOOP_HOME', 'HADOOP_CONF_DIR=', 'true']) {
    const { code, out } = await lab.on('m2', `${line}; hdfs getconf -namenodes`);
    expect([code, out]).toEqual([0, 'm1 m2\n']);
  }
});

test('messages name the host of the lab, not the machine, as the one that called', async () => {
  const lines = [
    'hdfs haadmin -getServiceState nn1',
    'hdfs dfs -ls hdfs://m1:9000/',
    'hdfs dfs -mkdir hdfs://m1:9000/x',
  ];
  for (const line of lines)
    expect((await lab.on('m2', line)).err).toMatch(
      /Call From m2\/127\.\S+ to m1:9000 failed on connection exception: .* Connection refused/,
    );
});

test('--config is the one that counts', async () => {
  const conf = join(lab.home, 'other');
  mkdirSync(conf);
  writeFileSync(
    join(conf, 'core-site.xml'),
    '<configuration><property><name>a</name><value>b</value></property></configuration>',
  );
  const { out } = await lab.on('m1', `hdfs --config ${conf} getconf -confKey a`);
  expect(out).toBe('b\n');
});

test('--workers: the same on several hosts, by name or from a file', async () => {
  const none = { code: 3, out: 'm1: namenode is not running.\nm2: namenode is not running.\n', err: '' };
  expect(await lab.on('m1', 'hdfs --workers --hostnames "m1 m2" --daemon status namenode')).toEqual(none);
  const file = join(lab.home, 'two-hosts');
  writeFileSync(file, '# those with a NameNode\nm1\n\nm2 # the second\n');
  expect(await lab.on('m3', `hdfs --workers --hosts ${file} --daemon status namenode`)).toEqual(none);
  expect(await lab.on('m1', 'hdfs --workers --hostnames m3 --daemon start namenode')).toEqual({
    code: 1,
    out: '',
    err: 'm3: there is no namenode on m3\n',
  });
  expect(await lab.on('m1', 'hdfs --workers --hostnames m9 --daemon start namenode')).toMatchObject({ code: 1 });
  expect(await lab.on('m1', `hdfs --workers --hosts ${file} --hostnames m1 --daemon status namenode`)).toMatchObject({
    code: 1,
    err: 'ERROR: Both HADOOP_WORKERS and HADOOP_WORKER_NAMES were defined. Aborting.\n',
  });
});

test('a daemon in the background gets its generic options and its log level', async () => {
  const line =
    'hdfs --loglevel debug --daemon start journalnode -D dfs.journalnode.http-address=0.0.0.0:8499 && ' +
    'for n in $(seq 200); do (exec 3<>/dev/tcp/$HALAB_ADDRESS/8499) 2>&- && echo open && break; sleep 0.05; done; ' +
    'pid=$(hdfs --daemon status journalnode | grep -o "[0-9]*"); ' +
    'tr "\\\\0" "\\\\n" < /proc/$pid/environ | grep HALAB_LOG_LEVEL; ' +
    'hdfs --daemon stop journalnode';
  expect(await lab.on('m1', line)).toEqual({ code: 0, out: 'open\nHALAB_LOG_LEVEL=debug\n', err: '' });
});

test('several questions are answered on one pipe', async () => {
  const start = 'hdfs --workers --hostnames "m1 m2 m3" --daemon start journalnode && hdfs namenode -format -force';
  expect((await lab.on('m1', start)).code).toBe(0);
  const no = await lab.on('m1', 'printf "q\\nY\\nn\\n" | hdfs namenode -format');
  expect(no.code).toBe(1);
  expect(no.err).toContain('(Y or N) Invalid input: q\nRe-format filesystem in');
  expect(no.err).toContain('Format aborted in QJM to');
  // Both answers count; the JournalNodes themselves still refuse to lose what they hold.
  const yes = await lab.on('m1', 'printf "Y\\nY\\n" | hdfs namenode -format');
  expect([yes.code, yes.err]).toEqual([1, expect.stringContaining('the current directory is not empty')]);
  const nothing = await lab.on('m1', 'hdfs namenode -format < /dev/null');
  expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('Format aborted in Storage Directory')]);
});
