/** Fencing as a whole: what runs, in which order, with which environment, and what counts as success. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LabError } from '../../../src/base/errors.js';
import { configurationOf } from '../../../src/config/hadoop/load.js';
import type { Exec, Host } from '../../../src/host/host.js';
import { createLiveHost } from '../../../src/host/live/index.js';
import { haTargetFrom, zkfcConfigFrom } from '../../../src/zkfc/config.js';
import { createNodeFencer } from '../../../src/zkfc/fencing/node-fencer.js';
import type { FencingSubject } from '../../../src/zkfc/fencing/subject.js';

const conf = configurationOf({
  'dfs.nameservices': 'hdfs-cluster',
  'dfs.ha.namenodes.hdfs-cluster': 'nn1,nn2',
  'dfs.namenode.rpc-address.hdfs-cluster.nn1': 'm1:9000',
  'dfs.namenode.rpc-address.hdfs-cluster.nn2': 'm2:9000',
  'dfs.namenode.name.dir.hdfs-cluster.nn1': '/data/of/nn1',
  'hadoop.http.staticuser.user': 'root',
});
const ssh = { connectTimeoutMs: 30_000, privateKeyFiles: ['/root/.ssh/id_rsa', '/root/.ssh/other'] };
const nn1: FencingSubject = {
  target: haTargetFrom(conf, 'hdfs-cluster', 'nn1'),
  addressText: 'm1/127.0.1.1:9000',
  transitionTo: undefined,
};
const nn2: FencingSubject = {
  target: haTargetFrom(conf, 'hdfs-cluster', 'nn2'),
  addressText: 'm2/127.0.1.2:9000',
  transitionTo: undefined,
};

const live = createLiveHost({ id: 'zkfc1' });

/** A live host whose log is kept, and whose commands are answered by `answer` if it is given. */
function hostWith(answer?: (file: string, args: readonly string[]) => number): {
  host: Host;
  log: string[];
  ran: string[][];
} {
  const log: string[] = [];
  const ran: string[][] = [];
  const keep =
    (level: string) =>
    (message: string): void =>
      void log.push(`${level} ${message}`);
  const exec: Exec =
    answer === undefined
      ? live.exec
      : {
          run: ({ file, args }) => {
            ran.push([file, ...args]);
            return Promise.resolve({ exitCode: answer(file, args) });
          },
        };
  return {
    host: {
      ...live,
      exec,
      log: { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') },
    },
    log,
    ran,
  };
}

const fence = (host: Host, spec: string, from = nn1, to?: FencingSubject): Promise<string | undefined> =>
  createNodeFencer(host, spec, 'NameNode at m1/127.0.1.1:9000', ssh).fence(from, to);

const shell = (command: string): string => `org.apache.hadoop.ha.ShellCommandFencer(${command})`;

let directory: string | undefined;
const scratch = (): string => (directory ??= mkdtempSync(join(tmpdir(), 'fence-')));
afterEach(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

describe('shell', () => {
  test('exit code 0 is success; output is logged, errors as warnings, under a short name', async () => {
    const { host, log } = hostWith();
    expect(await fence(host, 'shell(echo out; echo err >&2; echo a longer line of a script)')).toBe(
      'org.apache.hadoop.ha.ShellCommandFencer(echo out; echo err >&2; echo a longer line of a script)',
    );
    expect(log).toContain('info echo out... a script: out');
    expect(log).toContain('warn echo out... a script: err');
  });

  test('any other exit code is none, also that of a command in the middle', async () => {
    const { host } = hostWith();
    expect(await fence(host, 'shell(exit 3)')).toBeUndefined();
    expect(await fence(host, 'shell(false; true)')).toBeUndefined();
    expect(await fence(host, 'shell(/no/such/script)')).toBeUndefined();
  });

  test('the environment holds the configuration with underscores, and the target', async () => {
    const { host } = hostWith();
    const file = join(scratch(), 'env');
    await fence(host, `shell(env > ${file})`);
    const env = readFileSync(file, 'utf8').split('\n');
    expect(env).toEqual(
      expect.arrayContaining([
        'target_host=m1',
        'target_port=9000',
        'target_address=m1/127.0.1.1:9000',
        'target_nameserviceid=hdfs-cluster',
        'target_namenodeid=nn1',
        'dfs_nameservices=hdfs-cluster',
        'dfs_namenode_rpc-address_hdfs-cluster_nn2=m2:9000',
        'hadoop_http_staticuser_user=root',
        // The target's own value of what may be set for each NameNode.
        'dfs_namenode_name_dir=/data/of/nn1',
        'dfs_nameservice_id=hdfs-cluster',
        'dfs_ha_namenode_id=nn1',
        'fs_defaultFS=hdfs://m1:9000',
        // Hadoop's defaults, as they are written.
        'dfs_namenode_edits_dir=${dfs.namenode.name.dir}',
        'io_file_buffer_size=4096',
        'hadoop_security_service_user_name_key=',
      ]),
    );
    expect(env.some((line) => line.startsWith('source_'))).toBe(false);
  });

  test('in a ZKFC, what its own NameNode has and the target has not stands there, too', async () => {
    const own = configurationOf({
      'dfs.nameservices': 'ns',
      'dfs.ha.namenodes.ns': 'nn1,nn2',
      'dfs.namenode.rpc-address.ns.nn1': 'm1:9000',
      'dfs.namenode.rpc-address.ns.nn2': 'm2:9000',
      'dfs.namenode.http-address.ns.nn2': 'm2:50070',
      'dfs.namenode.name.dir.ns': '/data/of/both',
    });
    const { others } = zkfcConfigFrom(own, { nameserviceId: 'ns', nameNodeId: 'nn2' });
    const settings = others[0]!.settings();
    expect(settings.get('dfs.namenode.http-address')).toBe('m2:50070');
    expect(settings.get('dfs.namenode.name.dir')).toBe('/data/of/both');
    expect(settings.get('dfs.namenode.rpc-address')).toBe('m1:9000');
    expect(settings.get('dfs.ha.namenode.id')).toBe('nn1');
  });

  test('a value with lines, quotes and equal signs arrives as it is', async () => {
    const value = ' a "b" $c\n  d=e\t';
    const target = haTargetFrom(
      configurationOf({ 'dfs.nameservices': 'ns', 'dfs.namenode.rpc-address.ns.nn1': 'm1:9000', 'lab.value': value }),
      'ns',
      'nn1',
    );
    const file = join(scratch(), 'value');
    const method = await fence(hostWith().host, `shell(printf %s "$lab_value" > ${file})`, { ...nn1, target });
    expect(method).toBe(shell(`printf %s "$lab_value" > ${file}`));
    expect(readFileSync(file, 'utf8')).toBe(value);
  });

  test('its input is closed: a script that reads does not hang', async () => {
    const { host } = hostWith();
    expect(await fence(host, 'shell(! read -r line)')).toBe(shell('! read -r line'));
  });

  test(
    'in a failover by hand: first on the target, then on the source, each with its prefix ' + 'and its command',
    async () => {
      const { host } = hostWith();
      const file = join(scratch(), 'who');
      const commands = `echo "target $target_namenodeid" >> ${file},echo "source $source_namenodeid" >> ${file}`;
      const method = await fence(
        host,
        `shell(${commands})`,
        { ...nn1, transitionTo: 'STANDBY' },
        { ...nn2, transitionTo: 'ACTIVE' },
      );
      expect(method).toBe(shell(commands));
      expect(readFileSync(file, 'utf8')).toBe('target nn2\nsource nn1\n');
    },
  );

  test('in a failover by hand: a target that cannot be fenced spares the source', async () => {
    const { host, log } = hostWith();
    const file = join(scratch(), 'who');
    expect(
      await fence(
        host,
        `shell(false,touch ${file})`,
        { ...nn1, transitionTo: 'STANDBY' },
        { ...nn2, transitionTo: 'ACTIVE' },
      ),
    ).toBeUndefined();
    expect(log).toContain('error ====== Fencing on target failed, skipping fencing on source ======');
    expect(() => readFileSync(file)).toThrow();
  });
});

describe('sshfence', () => {
  const FUSER = 'PATH=$PATH:/sbin:/usr/sbin fuser -v -k -n tcp 9000';

  test('logs in with time-out, keys, user and port, and kills what listens', async () => {
    const { host, ran } = hostWith(() => 0);
    expect(await fence(host, 'sshfence(hdfs:2222)')).toBe('org.apache.hadoop.ha.SshFenceByTcpPort(hdfs:2222)');
    expect(ran).toEqual([
      [
        'ssh',
        '-F',
        'none',
        '-o',
        'BatchMode=yes',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
        '-o',
        'ConnectTimeout=30',
        '-o',
        'ServerAliveInterval=30',
        '-o',
        'ServerAliveCountMax=1',
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'IdentityAgent=none',
        '-i',
        '/root/.ssh/id_rsa',
        '-i',
        '/root/.ssh/other',
        '-p',
        '2222',
        '-l',
        'hdfs',
        '-T',
        '-n',
        'm1',
        FUSER,
      ],
    ]);
  });

  test('nothing killed and nothing listening any more: fenced', async () => {
    const { host, ran, log } = hostWith(() => 1);
    expect(await fence(host, 'sshfence')).toBe('org.apache.hadoop.ha.SshFenceByTcpPort(null)');
    expect(ran.map((command) => command.at(-1))).toEqual([FUSER, 'nc -z m1 9000']);
    expect(log).toContain('info Verified that the service is down.');
  });

  test('nothing killed but still listening: not fenced', async () => {
    const { host, log } = hostWith((_file, args) => (args.at(-1) === FUSER ? 1 : 0));
    expect(await fence(host, 'sshfence')).toBeUndefined();
    expect(log).toContain('warn Unable to fence - it is running but we cannot kill it');
  });

  test('a host that cannot be reached is not fenced', async () => {
    const { host, ran } = hostWith(() => 255);
    expect(await fence(host, 'sshfence')).toBeUndefined();
    expect(ran).toHaveLength(1);
  });

  test('a host lost between fuser and nc is not fenced', async () => {
    const { host } = hostWith((_file, args) => (args.at(-1) === FUSER ? 1 : 255));
    expect(await fence(host, 'sshfence')).toBeUndefined();
  });

  test('nc not found there: bash is asked; neither there: not fenced', async () => {
    const asked = hostWith((_file, args) => (args.at(-1) === FUSER ? 1 : args.at(-1)!.startsWith('nc') ? 127 : 0));
    expect(await fence(asked.host, 'sshfence'), 'it listens').toBeUndefined();
    expect(asked.ran.at(-1)!.at(-1)).toBe("bash -c ': < /dev/tcp/m1/9000'");
    expect(
      await fence(hostWith((_file, args) => (args.at(-1)!.startsWith('nc') ? 127 : 1)).host, 'sshfence'),
      'it does not',
    ).toBe('org.apache.hadoop.ha.SshFenceByTcpPort(null)');
    expect(
      await fence(hostWith((_file, args) => (args.at(-1) === FUSER ? 1 : 127)).host, 'sshfence'),
      'nobody knows',
    ).toBeUndefined();
  });

  test('fuser not found there: not fenced', async () => {
    const { host } = hostWith(() => 127);
    expect(await fence(host, 'sshfence')).toBeUndefined();
  });
});

describe('several methods', () => {
  test('the first success stops', async () => {
    const { host, ran } = hostWith((file) => (file === 'ssh' ? 255 : 0));
    expect(await fence(host, 'sshfence\nshell(/bin/one)\nshell(/bin/two)')).toBe(
      'org.apache.hadoop.ha.ShellCommandFencer(/bin/one)',
    );
    expect(ran.map(([file, ...args]) => `${file!} ${args.at(-1)!}`)).toEqual([
      expect.stringContaining('ssh'),
      'bash /bin/one',
    ]);
  });

  test('an empty list: nobody is fenced, and it is said', async () => {
    const { host, log } = hostWith();
    expect(await fence(host, ' # none yet\n')).toBeUndefined();
    expect(log).toEqual([
      'info ====== Beginning Service Fencing Process... ======',
      'error Unable to fence service by any configured method.',
    ]);
  });

  test('none succeeds', async () => {
    const { host, log } = hostWith(() => 1);
    expect(await fence(host, 'shell(/bin/one)\nshell(/bin/two)')).toBeUndefined();
    expect(log.at(-1)).toBe('error Unable to fence service by any configured method.');
  });

  test('one that cannot even be run does not keep the next from being tried', async () => {
    const { host } = hostWith((_file, args) => {
      if (args.at(-1) === 'a') throw new LabError('EXEC_FAILED', 'no');
      return 0;
    });
    expect(await fence(host, 'shell(a)\nshell(b)')).toBe('org.apache.hadoop.ha.ShellCommandFencer(b)');
  });

  test('nothing configured: no fencer', () => {
    const { host } = hostWith();
    expect(() => createNodeFencer(host, undefined, 'NameNode at m1/127.0.1.1:9000', ssh)).toThrow(
      'No fencer configured for NameNode at m1/127.0.1.1:9000',
    );
  });
});
