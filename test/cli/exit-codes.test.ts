/** The programs as a shell meets them: exit codes and first words for lines that are wrong or ask for help. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { hdfs } from '../../src/cli/hdfs.js';
import { root, run, type Ran } from '../cluster/lab-fixture.js';
import { writeCliConf } from './cli-conf.js';
import { SCRIPT_CASES, TOOL_CASES, type ExitCase } from './exit-codes.js';

const conf = mkdtempSync(join(tmpdir(), 'halab-exit-'));
writeCliConf(conf);
afterAll(() => rmSync(conf, { recursive: true, force: true }));

const ENV = { HADOOP_CONF_DIR: conf, HALAB_DIR: '', HALAB_HOST: '' };

const wordsOf = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function outcome({ code, out, err }: Ran, wanted: Omit<ExitCase, 'line'>): unknown {
  const has = (text: string, first: string | undefined): string | undefined =>
    first === undefined ? undefined : text.split('\n').find((said) => said === first);
  return {
    code,
    out: has(out, wanted.out),
    err: has(err, wanted.err),
    ...(code === wanted.code ? {} : { all: out + err }),
  };
}

describe.each([
  ['what a tool is told', TOOL_CASES],
  ['what the script is told', SCRIPT_CASES],
])('hdfs: %s', (_name, cases) => {
  test.each(cases)('hdfs $line', async ({ line, ...wanted }) => {
    const said = { out: '', err: '' };
    const [out, err] = (['out', 'err'] as const).map((stream) =>
      vi.spyOn(process[`std${stream}`], 'write').mockImplementation((text) => {
        said[stream] += String(text);
        return true;
      }),
    );
    const code = await hdfs(wordsOf(line), { PATH: process.env['PATH'], HADOOP_CONF_DIR: conf });
    out!.mockRestore();
    err!.mockRestore();
    expect(outcome({ code, ...said }, wanted)).toEqual(wanted);
  });
});

test.concurrent.each<[string, string, Omit<ExitCase, 'line'>]>([
  ['jps', '-foo', { code: 1, err: 'illegal argument: -foo' }],
  ['jps', '-qlm', { code: 1, err: 'illegal argument: -qlm' }],
  ['jps', '--help', { code: 0, err: 'usage: jps [--help]' }],
  ['jps', '-h', { code: 0 }],
  ['jps', '-mlvV', { code: 0 }],
  ['jps', '-q', { code: 0 }],
  ['start-dfs.sh', '-foo', { code: 1 }],
  ['start-dfs.sh', '--help', { code: 0 }],
  ['stop-dfs.sh', 'x', { code: 1 }],
  ['zkCli.sh', '-server 127.16.0.1:1 help', { code: 127, err: 'Command not found: Command not found help' }],
  ['zkCli.sh', '-server 127.16.0.1:1 ls', { code: 1, err: 'ls [-s] [-w] [-R] path' }],
  ['zkCli.sh', '-server 127.16.0.1:1 close', { code: 0 }],
  ['zkCli.sh', '-server 127.16.0.1:1 version', { code: 0 }],
  ['zkCli.sh', '-server 127.16.0.1:1 ls /', { code: 1, err: 'KeeperErrorCode = ConnectionLoss for /' }],
  ['zkCli.sh', '-server 127.16.0.1:1 -client-configuration /nowhere ls /', { code: 2 }],
  ['zkCli.sh', '-server 127.16.0.1:1 -timeout soon ls /', { code: 1 }],
  ['zkCli.sh', '-server :x ls /', { code: 1 }],
  ['halab', '--help', { code: 0 }],
  ['halab', '--version', { code: 0 }],
  ['halab', 'foo', { code: 2 }],
  ['halab', '', { code: 2 }],
  ['halab', 'up --foo', { code: 2 }],
  ['halab', 'up --timeout soon', { code: 2 }],
  ['halab', 'up --wait never', { code: 2 }],
  ['halab', 'kill', { code: 2 }],
  ['halab', 'kill --dir /nowhere nn1', { code: 1 }],
  ['halab', 'status --dir /nowhere', { code: 1 }],
  ['halab', 'status --dir /nowhere --timeout soon', { code: 2 }],
  ['halab', 'kill-active --dir /nowhere --rounds 0', { code: 2 }],
  ['halab', 'kill-active --target nothing', { code: 2 }],
  ['halab', 'sim --help', { code: 0 }],
  ['halab', 'sim --seeds 9..1', { code: 2 }],
  ['halab', 'conf', { code: 2 }],
  ['halab', 'shell --dir /nowhere --profile slow', { code: 2 }],
])('%s %s', async (program, line, wanted) => {
  const ran = await run(join(root, 'lab/bin', program), wordsOf(line), ENV);
  expect(outcome(ran, wanted)).toEqual(wanted);
});

test.concurrent('hdfs namenode -genClusterId: another one each time, with no configuration at all', async () => {
  const ids = await Promise.all(
    ['-genClusterId', '-genclusterid'].map(async (word) => {
      const { err } = await run(join(root, 'lab/bin/hdfs'), ['--config', tmpdir(), 'namenode', word], ENV);
      return /Generated new cluster id: (CID-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/m.exec(err)?.[1];
    }),
  );
  expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(2);
});

// A reader that has gone, such as `head`, is no failure to tell of.
test.concurrent.each(['halab --help', 'hdfs --help', 'hdfs namenode -h'])('%s | true', async (line) => {
  const ran = await run('bash', ['-o', 'pipefail', '-c', `${join(root, 'lab/bin')}/${line} | true`], ENV);
  expect(ran).toEqual({ code: 0, out: '', err: '' });
});

test.concurrent.each([
  'up',
  'down',
  'status',
  'dash',
  'shell',
  'conf',
  'kill',
  'pause',
  'resume',
  'stop',
  'start',
  'restart',
  'kill-active',
  'start-here',
])('halab %s --help', async (command) => {
  const { code, out } = await run(join(root, 'lab/bin/halab'), [command, '--help'], ENV);
  expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^Usage: halab ${command} `))]);
});
