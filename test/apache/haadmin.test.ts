/**
 * `hdfs haadmin` beside Hadoop's own DFSHAAdmin: the same command lines against the same NameNodes must give the same
 * exit code, the same output, and the same calls. The NameNodes are stand-ins, each with one fixed behaviour, so that
 * both tools meet the same world.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { genericOptions } from '../../src/cli/generic-options.js';
import { TypedLines } from '../../src/cli/typed-lines.js';
import { runHaadmin } from '../../src/cli/haadmin/haadmin.js';
import { loadConfiguration } from '../../src/config/hadoop/load.js';
import { createLiveHost } from '../../src/host/live/index.js';
import { HARequestSource, HAServiceStateProto } from '../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../src/wire/hadoop/protocols/ha-service.js';
import { zkfcProtocol } from '../../src/wire/hadoop/protocols/zkfc.js';
import { JavaException } from '../../src/wire/hadoop/rpc/exceptions.js';
import { bindProtocol, createRpcServer } from '../../src/wire/hadoop/rpc/server.js';
import type { RpcServer } from '../../src/wire/hadoop/rpc/server.js';
import { stopAll, tools } from './apache.js';

interface Behaviour {
  readonly state: keyof typeof HAServiceStateProto;
  readonly notReady?: string;
  readonly sick?: string;
  readonly refuses?: string;
  readonly frozen?: true;
  readonly zkfc?: 'obeys' | 'refuses';
}

/** nameNodeId -> what it does; `down` listens nowhere. */
const NAMENODES: Readonly<Record<string, Behaviour>> = {
  active: { state: 'ACTIVE', zkfc: 'refuses' },
  standby: { state: 'STANDBY', zkfc: 'obeys' },
  behind: { state: 'STANDBY', notReady: 'The NameNode is in safemode.' },
  sick: { state: 'STANDBY', sick: 'The NameNode has no resources available' },
  stubborn: { state: 'STANDBY', refuses: 'Unable to start log segment' },
  observer: { state: 'OBSERVER' },
  frozen: { state: 'STANDBY', frozen: true },
};
const IDS = [...Object.keys(NAMENODES), 'down'];
/** Two runs on one machine must not meet. */
const network = `127.15.${process.pid % 250}`;
const addressOf = (id: string): string => `${network}.${IDS.indexOf(id) + 1}`;

const directory = mkdtempSync(join(tmpdir(), 'halab-haadmin-'));
const host = createLiveHost({ id: 'haadmin' });
const servers: RpcServer[] = [];
let calls: string[] = [];

function writeConf(name: string, properties: Readonly<Record<string, string>>): string {
  const conf = mkdtempSync(join(directory, `${name}-`));
  const xml = (entries: Readonly<Record<string, string>>): string =>
    `<?xml version="1.0"?>\n<configuration>\n${Object.entries(entries)
      .map(([key, value]) => `<property><name>${key}</name><value>${value}</value></property>`)
      .join('\n')}\n</configuration>\n`;
  writeFileSync(
    join(conf, 'core-site.xml'),
    xml({
      'ipc.client.connect.retry.interval': '20',
      'ha.failover-controller.cli-check.rpc-timeout.ms': '400',
      'ha.failover-controller.new-active.rpc-timeout.ms': '500',
      'ha.failover-controller.graceful-fence.rpc-timeout.ms': '500',
    }),
  );
  writeFileSync(join(conf, 'hdfs-site.xml'), xml(properties));
  return conf;
}

function nameservice(name: string, ids: readonly string[]): Record<string, string> {
  return {
    [`dfs.ha.namenodes.${name}`]: ids.join(','),
    ...Object.fromEntries(ids.map((id) => [`dfs.namenode.rpc-address.${name}.${id}`, `${addressOf(id)}:9000`])),
  };
}

beforeAll(async () => {
  for (const [id, behaviour] of Object.entries(NAMENODES)) {
    const called = (method: string, source?: HARequestSource): boolean => {
      calls.push(`${id} ${method}${source === undefined ? '' : ` ${Object.keys(HARequestSource)[source]}`}`);
      return behaviour.frozen !== true;
    };
    servers.push(
      await createRpcServer(
        host,
        { host: addressOf(id), port: 9000 },
        {
          protocols: [
            bindProtocol(haServiceProtocol, {
              getServiceStatus(_request, call) {
                if (!called('getServiceStatus')) return;
                const ready = behaviour.notReady === undefined;
                call.reply({
                  state: HAServiceStateProto[behaviour.state],
                  readyToBecomeActive: ready,
                  ...(ready ? {} : { notReadyReason: behaviour.notReady }),
                });
              },
              monitorHealth(_request, call) {
                if (!called('monitorHealth')) return;
                if (behaviour.sick === undefined) call.reply({});
                else call.fail(JavaException.HEALTH_CHECK_FAILED, behaviour.sick);
              },
              transitionToActive({ reqInfo }, call) {
                if (!called('transitionToActive', reqInfo.reqSource)) return;
                if (behaviour.refuses === undefined) call.reply({});
                else call.fail(JavaException.SERVICE_FAILED, behaviour.refuses);
              },
              transitionToStandby({ reqInfo }, call) {
                if (called('transitionToStandby', reqInfo.reqSource)) call.reply({});
              },
              transitionToObserver({ reqInfo }, call) {
                if (!called('transitionToObserver', reqInfo.reqSource)) return;
                if (behaviour.state === 'ACTIVE')
                  call.fail(JavaException.SERVICE_FAILED, "Cannot transition from 'active' to 'observer'");
                else call.reply({});
              },
            }),
          ],
        },
      ),
    );
    if (behaviour.zkfc === undefined) continue;
    servers.push(
      await createRpcServer(
        host,
        { host: addressOf(id), port: 8019 },
        {
          protocols: [
            bindProtocol(zkfcProtocol, {
              gracefulFailover(_request, call) {
                called('gracefulFailover');
                if (behaviour.zkfc === 'obeys') call.reply({});
                else
                  call.fail(JavaException.SERVICE_FAILED, `${id} is not currently healthy. Cannot be failover target`);
              },
            }),
          ],
        },
      ),
    );
  }
});

afterAll(async () => {
  await stopAll();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(directory, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Case {
  readonly words: readonly string[];
  readonly input: string;
}

/** A command line, and after `<` what is typed. */
function parse(line: string): Case {
  const [command = '', input = ''] = line.split(' < ');
  return {
    words: command
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => word.replaceAll('_', ' ')),
    input: input === '' ? '' : `${input.replaceAll('|', '\n')}\n`,
  };
}

/**
 * What only log4j, or only a JVM, adds: log lines, its channels, and the name in front of a bare address, which it
 * prints once it has looked for one in vain.
 */
function comparable(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\d{4}-\d\d-\d\d [\d:,]+ (WARN|ERROR|INFO)/.test(line) && !/^(SLF4J|WARNING|log4j):/.test(line))
    .join('\n')
    .replace(/\. ch : java\.nio\.channels\.SocketChannel\[[^\]]*\]/g, '')
    .replace(/(127\.15\.\d+\.\d+)\/\1:/g, '/$1:');
}

async function theirs(conf: string, cases: readonly Case[]): Promise<Outcome[]> {
  const results = await tools('org.apache.hadoop.hdfs.tools.DFSHAAdmin', cases, {
    classpath: 'hadoop',
    conf,
    timeoutMs: 110_000,
  });
  return results.map(({ code, stdout, stderr }) => ({
    code: code ?? -1,
    out: comparable(stdout),
    err: comparable(stderr),
  }));
}

async function ours(conf: string, cases: readonly Case[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { words, input } of cases) {
    let out = '';
    let err = '';
    const { commandLine, argv } = genericOptions(words);
    const code = await runHaadmin(host, loadConfiguration(conf, { commandLine }), argv, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      lines: new TypedLines(Readable.from([input])),
    });
    outcomes.push({ code, out: comparable(out), err: comparable(err) });
  }
  return outcomes;
}

async function same(conf: string, lines: readonly string[]): Promise<void> {
  const cases = lines.map(parse);
  calls = [];
  const expected = await theirs(conf, cases);
  const expectedCalls = calls;
  calls = [];
  const got = await ours(conf, cases);
  expect(lines.map((line, i) => ({ line, ...got[i] }))).toEqual(lines.map((line, i) => ({ line, ...expected[i] })));
  expect(calls).toEqual(expectedCalls);
}

describe('the same as DFSHAAdmin', () => {
  test('words that are no command, usages and help', async () => {
    const conf = writeConf('words', { 'dfs.nameservices': 'one', ...nameservice('one', ['active', 'standby']) });
    await same(conf, [
      '',
      '-ns',
      '-ns one',
      'failover',
      '-noSuchThing',
      '-ns one -noSuchThing',
      '-help',
      '-help -failover',
      '-help failover',
      '-help -help',
      '-help getAllServiceState',
      '-help transitionToActive',
      '-help transitionToObserver',
      '-help transitionToStandby',
      '-help checkHealth',
      '-help getServiceState',
      '-help nothing',
      '-help a b',
      '-getServiceState',
      '-getServiceState a b',
      '-getServiceState --forceactive standby',
      '-getServiceState -x',
      '-checkHealth',
      '-checkHealth a b',
      '-transitionToActive',
      '-transitionToActive --forcefence standby',
      '-transitionToStandby',
      '-transitionToStandby --forceactive standby',
      '-transitionToObserver',
      '-transitionToObserver a b',
      '-failover',
      '-failover active',
      '-failover a b c',
      '-failover --no active standby',
      '-failover --forcefence --forcefence --forceactive --forceactive active standby',
      '-getAllServiceState -x',
    ]);
  });

  test('questions', async () => {
    const conf = writeConf('questions', {
      'dfs.nameservices': 'one',
      ...nameservice('one', ['active', 'standby', 'sick', 'down', 'observer', 'frozen']),
    });
    await same(conf, [
      '-getServiceState active',
      '-getServiceState standby',
      '-getServiceState observer',
      '-getServiceState down',
      '-getServiceState frozen',
      '-getServiceState nobody',
      '-getAllServiceState',
      '-getAllServiceState word',
      '-checkHealth active',
      '-checkHealth sick',
      '-checkHealth down',
      '-ns one -getServiceState active',
      '-ns two -getServiceState active',
      '-ns two -getAllServiceState',
      '-D ha.failover-controller.cli-check.rpc-timeout.ms=50 -getServiceState active',
      `-Ddfs.namenode.rpc-address.one.active=${addressOf('standby')}:9000 -getServiceState active`,
      '-fs hdfs://two -getServiceState standby',
    ]);
  });

  test('transitions by hand', async () => {
    const conf = writeConf('transitions', {
      'dfs.nameservices': 'one,two,three,four',
      ...nameservice('one', ['active', 'standby']),
      ...nameservice('two', ['standby', 'stubborn', 'observer']),
      ...nameservice('three', ['standby', 'down']),
      ...nameservice('four', ['active']),
    });
    await same(conf, [
      '-getServiceState active',
      '-getAllServiceState',
      '-transitionToActive active',
      '-ns one -transitionToActive standby',
      '-ns one -transitionToActive --forceactive standby',
      '-ns one -transitionToActive -forceactive standby',
      '-ns one -transitionToActive active',
      '-ns one -transitionToActive --forceactive --forcemanual standby < maybe|Yes',
      '-ns one -transitionToActive --forcemanual active < n',
      '-ns two -transitionToActive standby',
      '-ns two -transitionToActive stubborn',
      '-ns three -transitionToActive standby',
      '-ns three -transitionToActive --forceactive down',
      '-ns three -transitionToStandby standby',
      '-ns three -transitionToStandby down',
      '-ns three -transitionToStandby --forcemanual standby < Y',
      '-ns two -transitionToObserver standby',
      '-ns two -transitionToObserver --forcemanual observer < y',
      '-ns four -transitionToObserver active',
    ]);
  });

  test('failover by hand', async () => {
    const conf = writeConf('failover', {
      'dfs.nameservices': 'one',
      ...nameservice('one', ['active', 'standby', 'behind', 'sick', 'stubborn', 'observer', 'frozen', 'down']),
      'dfs.ha.fencing.methods': 'shell(/bin/true)',
      'dfs.ha.fencing.methods.one.behind': 'shell(/bin/false)',
      'dfs.ha.fencing.methods.one.down': 'shell(/bin/false)',
    });
    await same(conf, [
      '-failover active standby',
      '-failover active active',
      '-failover active observer',
      '-failover standby active',
      '-failover active down',
      '-failover active behind',
      '-failover --forceactive active behind',
      '-failover active sick',
      '-failover active frozen',
      '-failover down standby',
      '-failover frozen standby',
      '-failover --forcefence active standby',
      '-failover --forcefence behind standby',
      '-failover active stubborn',
      '-failover --forcefence active stubborn',
      '-failover behind stubborn',
      '-failover --forcemanual active standby < y',
    ]);
    const unfenced = writeConf('unfenced', { 'dfs.nameservices': 'one', ...nameservice('one', ['active', 'standby']) });
    await same(unfenced, ['-failover active standby']);
  });

  test("with automatic failover, changes by hand are refused and a failover is the ZKFCs' affair", async () => {
    const conf = writeConf('automatic', {
      'dfs.nameservices': 'one',
      ...nameservice('one', ['active', 'standby', 'down']),
      'dfs.ha.automatic-failover.enabled': 'true',
      'dfs.ha.fencing.methods': 'shell(/bin/true)',
    });
    await same(conf, [
      '-getAllServiceState',
      '-transitionToActive standby',
      '-transitionToActive --forceactive standby',
      '-transitionToStandby active',
      '-transitionToObserver standby',
      '-transitionToStandby --forcemanual active < no',
      '-transitionToStandby --forcemanual active < yes',
      '-transitionToActive --forceactive --forcemanual standby < y',
      '-failover active standby',
      '-failover standby active',
      '-failover active down',
      '-failover --forcefence active standby',
      '-failover --forceactive active standby',
      '-failover --forcemanual active standby < y',
    ]);
  });
});
