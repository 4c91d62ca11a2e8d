/**
 * Inputs for ZooKeeper's configuration, each with what Apache's QuorumPeerConfig 3.8.4 makes of it.
 * test/config/zoo.test.ts holds ours against them, test/apache/zoo.test.ts Apache's own, and both against each other.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ZooCase {
  /** Lines put over those of the base, by their keys; a key alone takes its line out. */
  readonly put: readonly string[];
  /** An ensemble of three (the default), a server alone, or nothing but these lines. */
  readonly base?: 'ensemble' | 'alone' | 'bare';
  /** What myid holds: `1` in an ensemble where nothing is said; null for none. */
  readonly myid?: string | null;
  /** What Apache does. */
  readonly apache: 'taken' | 'refused';
  /** Part of our refusal; where Apache takes it, the reason why we do not. */
  readonly says?: RegExp;
  /** Part of a warning of ours. */
  readonly warns?: RegExp;
  /** Parts of what comes of it. */
  readonly gives?: Readonly<Record<string, unknown>>;
}

const BASES: Readonly<Record<NonNullable<ZooCase['base']>, readonly string[]>> = {
  ensemble: [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    'dataDir=@/data',
    'clientPort=2181',
    'server.1=127.0.0.1:2888:3888',
    'server.2=127.0.0.2:2888:3888',
    'server.3=127.0.0.3:2888:3888',
  ],
  alone: ['dataDir=@/data', 'clientPort=2181'],
  bare: [],
};

/** The text of its zoo.cfg; `@` stands for its directory. */
export function textOf({ put, base = 'ensemble' }: ZooCase, directory: string): string {
  const keys = put.map((line) => line.split('=', 1)[0]);
  const lines = BASES[base].filter((line) => !keys.includes(line.split('=', 1)[0]));
  const added = base === 'bare' ? put : put.filter((line) => line.includes('='));
  return `${[...lines, ...added].join('\n')}\n`.replaceAll('@', directory);
}

export function nameOf({ put, base = 'ensemble', myid }: ZooCase): string {
  const words = `${base}: ${JSON.stringify(put.join(' & '))}`;
  return myid === undefined ? words : `${words} myid ${JSON.stringify(myid)}`;
}

/** A directory with zoo.cfg and data/myid for each case; `remove` when done. */
export function lay(cases: readonly ZooCase[]): { files: readonly string[]; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'halab-zoo-'));
  const files = cases.map((each, index) => {
    const directory = join(root, String(index));
    mkdirSync(join(directory, 'data'), { recursive: true });
    const myid = each.myid === undefined && (each.base ?? 'ensemble') === 'ensemble' ? '1\n' : each.myid;
    if (typeof myid === 'string') writeFileSync(join(directory, 'data', 'myid'), myid);
    writeFileSync(join(directory, 'dynamic'), 'server.1=127.0.0.1:2888:3888;2181\nserver.2=127.0.0.2:2888:3888;2181\n');
    writeFileSync(join(directory, 'zoo.cfg'), textOf(each, directory));
    return join(directory, 'zoo.cfg');
  });
  return { files, remove: () => rmSync(root, { recursive: true, force: true }) };
}

const taken = (put: string | readonly string[], more: Omit<ZooCase, 'put' | 'apache'> = {}): ZooCase => ({
  put: typeof put === 'string' ? [put] : put,
  apache: 'taken',
  ...more,
});
const refused = (put: string | readonly string[], says: RegExp, more: Partial<ZooCase> = {}): ZooCase => ({
  put: typeof put === 'string' ? [put] : put,
  apache: 'refused',
  says,
  ...more,
});
/** Apache takes it; it asks for something that is not offered, or that cannot work there either. */
const stricter = (put: string | readonly string[], says: RegExp, more: Partial<ZooCase> = {}): ZooCase => ({
  ...refused(put, says, more),
  apache: 'taken',
});

const INTEGERS: readonly ZooCase[] = [
  refused('tickTime=3000000000', /line 8: tickTime: "3000000000" is more than 32 bits hold/),
  refused('tickTime=2147483647', /minSessionTimeout \(-2\) is larger than maxSessionTimeout/),
  taken('tickTime=500000000', { gives: { minSessionTimeoutMs: 1_000_000_000, maxSessionTimeoutMs: 1_410_065_408 } }),
  taken('tickTime=+500', { gives: { tickTimeMs: 500, maxSessionTimeoutMs: 10_000 } }),
  taken('tickTime= 2000 ', { gives: { tickTimeMs: 2000 } }),
  refused('tickTime=0', /tickTime: is 0/),
  refused('tickTime=-5', /tickTime: is -5/),
  stricter(['tickTime=-5', 'minSessionTimeout=1', 'maxSessionTimeout=5'], /tickTime: is -5/),
  refused('tickTime=0x10', /"0x10" is not a whole number/),
  refused('tickTime=', /"" is not a whole number/),
  refused('tickTime=1_000', /not a whole number/),
  refused('initLimit', /initLimit is not set/),
  refused('initLimit=0', /initLimit is not set/),
  refused('syncLimit=0', /syncLimit is not set/),
  stricter('syncLimit=-1', /syncLimit: is -1/),
  taken('minSessionTimeout=-2', { gives: { minSessionTimeoutMs: -2 } }),
  taken('minSessionTimeout=-1', { gives: { minSessionTimeoutMs: 4000 } }),
  taken('minSessionTimeout=40000', { gives: { minSessionTimeoutMs: 40_000 } }),
  refused('minSessionTimeout=90000', /minSessionTimeout \(90000\) is larger/),
  refused('maxSessionTimeout=3999', /is larger than maxSessionTimeout \(3999\)/),
  taken('maxClientCnxns=-1', { gives: { maxClientCnxns: -1 } }),
  refused('maxClientCnxns=abc', /"abc" is not a whole number/),
  taken('autopurge.snapRetainCount=-1', { gives: { autopurge: { snapRetainCount: 3, purgeIntervalHours: 0 } } }),
  refused('autopurge.purgeInterval=1.5', /not a whole number/),
  taken('connectToLearnerMasterLimit=-1'),
  refused('clientPortListenBacklog=x', /not a whole number/),
  taken('clientPortListenBacklog=-5', { warns: /clientPortListenBacklog: has no effect here/ }),
  refused('quorum.cnxn.threads.size=x', /not a whole number/),
  refused('jvm.pause.info-threshold.ms=x', /not a whole number of 64 bits/),
  refused('multiAddress.reachabilityCheckTimeoutMs=x', /not a whole number/),
];

const BOOLEANS: readonly ZooCase[] = [
  taken('syncEnabled=TRUE', { gives: { syncEnabled: true } }),
  taken('syncEnabled= false ', { gives: { syncEnabled: false } }),
  ...[
    'syncEnabled',
    'quorumListenOnAllIPs',
    'standaloneEnabled',
    'reconfigEnabled',
    'localSessionsEnabled',
    'sslQuorum',
    'portUnification',
    'jvm.pause.monitor',
    'multiAddress.enabled',
    'quorum.auth.enableSasl',
  ].map((key) => refused(`${key}=yes`, /"yes" is neither true nor false/)),
];

const WRONG_FORM = /does not say host:port:port/;

const SERVER_LINES: readonly ZooCase[] = [
  taken(['server.1=[::1]:2888:3888:participant;[::1]:22181', 'clientPort'], {
    gives: { client: { host: '::1', port: 22_181 } },
  }),
  refused('server.1=127.0.0.1:2888:3888 ', /server\.1: "3888 " is not a port/),
  taken('server.1=127.0.0.1:2888:3888:participant '),
  taken('server.1=127.0.0.1:2888:3888: Participant'),
  refused('server.1=127.0.0.1:2888:3888;2181 ', /"2181 " after the semicolon is no client port/),
  refused('server.1=127.0.0.1:2888:3888; 2181', /" 2181" after the semicolon is no client port/),
  refused('server.1=127.0.0.1: 2888:3888', /" 2888" is not a port/),
  refused('server.1=127.0.0.1:2888', /the election port is missing/),
  refused('server.1=127.0.0.1', WRONG_FORM),
  refused('server.1=', WRONG_FORM),
  refused('server.1=127.0.0.1:2888:3888:observer:x', WRONG_FORM),
  refused('server.1=::1:2888:3888', WRONG_FORM),
  refused('server.1=127.0.0.1:2888:3888;a;b', WRONG_FORM),
  refused('server.1=127.0.0.1:2888:3888;a:b:c', /after the semicolon is no client port/),
  refused('server.1=127.0.0.1:2888:3888;[::1]', /after the semicolon is no client port/),
  refused('server.1=[::1:2888:3888', /a bracket without "\]:" behind it/),
  stricter('server.1=[::1]2888:3888', /a bracket without "\]:" behind it/),
  refused('server.1=127.0.0.1:2888:3888:leader', /"leader" is no role/),
  taken('server.1=127.0.0.1:2888:3888:OBSERVER'),
  taken('server.1=127.0.0.1:2888:3888;'),
  taken('server.1=127.0.0.1:2888:3888::'),
  taken('server.1=127.0.0.1:+2888:3888'),
  taken('server.1=127.0.0.1:0:3888'),
  taken('server.1=:2888:3888'),
  taken('server.1=0.0.0.0:2888:3888'),
  refused('server.1=127.0.0.1:2888:2888', /the quorum port and the election port are both 2888/),
  refused('server.1=127.0.0.1:2888:70000', /"70000" is not a port/),
  refused('server.1=127.0.0.1:-1:3888', /"-1" is not a port/),
  refused('server.1=127.0.0.1:2888:3888|127.0.0.5:2888:3888', /several addresses of one server are not offered/),
  refused(['server.1=127.0.0.1:2888:3888|127.0.0.5:2888:3888', 'multiAddress.enabled=true'], /several addresses/),
  taken('server.1001=127.0.0.4:2888:3888', { myid: '1001', gives: { sid: 1001 } }),
  taken('server.256=127.0.0.4:2888:3888', { myid: '256', gives: { sid: 256 } }),
  taken('server.+5=127.0.0.4:2888:3888', { myid: '5', gives: { sid: 5 } }),
  stricter('server.-5=127.0.0.4:2888:3888', /-5 is a negative server number/),
  refused('server.x=127.0.0.4:2888:3888', /server\.x: "x" is not a server number/),
  refused('server.=127.0.0.4:2888:3888', /"" is not a server number/),
  refused('server.1.2=127.0.0.4:2888:3888', /"1\.2" is not a server number/),
  refused('server.9223372036854775808=127.0.0.4:2888:3888', /is not a server number/),
  taken('Server.4=x', { warns: /line 9: Server\.4: ZooKeeper knows no such key/ }),
  stricter('group.1=1:2:3', /group\.1: groups of servers are not offered/),
  refused('groupx=1', /groups of servers are not offered/),
  refused('weight.1=2', /weight\.1: weights are not offered/),
];

const CLIENT_PORTS: readonly ZooCase[] = [
  refused('clientPort=abc', /line 8: clientPort: "abc" is not a whole number/),
  refused('clientPort=-1', /"-1" is not a port/),
  refused('clientPort=65536', /"65536" is not a port/),
  taken('clientPort=65535', { gives: { client: { host: '0.0.0.0', port: 65_535 } } }),
  taken('clientPort=+2181', { gives: { client: { host: '0.0.0.0', port: 2181 } } }),
  taken('clientPort', { gives: { client: undefined } }),
  taken('clientPort=0', { gives: { client: undefined } }),
  taken('clientPort=0', { base: 'alone', gives: { client: undefined } }),
  refused(['clientPort', 'clientPortAddress=127.0.0.1'], /clientPortAddress: set, but clientPort is not/),
  taken('clientPortAddress=[::1]', { base: 'alone', gives: { client: { host: '::1', port: 2181 } } }),
  taken('clientPortAddress=::1', { base: 'alone', gives: { client: { host: '::1', port: 2181 } } }),
  refused('server.1=127.0.0.1:2888:3888;2182', /connect to 0\.0\.0\.0:2181, but server\.1 says 0\.0\.0\.0:2182/),
  refused('server.1=127.0.0.1:2888:3888;0', /but server\.1 says 0\.0\.0\.0:0/),
  taken('server.1=127.0.0.1:2888:3888;2181', { gives: { client: { host: '0.0.0.0', port: 2181 } } }),
  taken('server.2=127.0.0.2:2888:3888;2182'),
  taken('server.1=127.0.0.1:2888:3888;127.0.0.1:2181', { gives: { client: { host: '127.0.0.1', port: 2181 } } }),
  refused(['server.1=127.0.0.1:2888:3888;2181', 'clientPortAddress=127.0.0.1'], /clients connect to 127\.0\.0\.1:2181/),
  refused(
    ['server.1=127.0.0.1:2888:3888;127.0.0.1:2181', 'clientPortAddress=127.0.0.2'],
    /clients connect to 127\.0\.0\.2:2181, but server\.1 says 127\.0\.0\.1:2181/,
  ),
  taken(['server.1=127.0.0.1:2888:3888;127.0.0.1:2181', 'clientPortAddress=127.0.0.1']),
  taken(['server.1=127.0.0.1:2888:3888;127.0.0.1:2181', 'clientPortAddress=0.0.0.0'], {
    gives: { client: { host: '127.0.0.1', port: 2181 } },
  }),
  refused('server.1=127.0.0.1:2888:3888;2182', /but server\.1 says/, { base: 'alone', myid: '1' }),
  taken('server.1=127.0.0.1:2888:3888;2182', { base: 'alone', gives: { client: { host: '0.0.0.0', port: 2181 } } }),
  taken(['clientPort', 'server.1=127.0.0.1:2888:3888;2182'], {
    base: 'alone',
    myid: '1',
    gives: { mode: 'standalone', client: { host: '0.0.0.0', port: 2182 } },
  }),
];

const MYID: readonly ZooCase[] = [
  ...['1 \n', ' 1\n', '1\t', '', 'one', '\n1', '0x1'].map((myid) =>
    refused([], /myid: ".*" is not a server number/, { myid }),
  ),
  ...['01\n', '+1\n', '1\r\n', '1\nx'].map((myid) => taken([], { myid, gives: { sid: 1 } })),
  refused([], /myid is missing/, { myid: null }),
  refused([], /myid is missing/, { myid: '-1' }),
  refused([], /"x" is not a server number/, { base: 'alone', myid: 'x' }),
  taken([], { base: 'alone', myid: '7', gives: { mode: 'standalone', sid: 1 } }),
  taken([], { base: 'alone', gives: { mode: 'standalone' } }),
];

const ENSEMBLES: readonly ZooCase[] = [
  taken('server.1=127.0.0.1:2888:3888', { base: 'alone', gives: { mode: 'standalone' } }),
  refused('standaloneEnabled=false', /standaloneEnabled=false and no server\.N line/, { base: 'alone' }),
  refused(['standaloneEnabled=false', 'server.1=127.0.0.1:2888:3888:observer'], /no server\.N line of a participant/, {
    base: 'alone',
    myid: '1',
  }),
  refused('server.1=127.0.0.1:2888:3888:observer', /observers need an ensemble/, { base: 'alone' }),
  refused(['server.1=127.0.0.1:2888:3888', 'server.2=127.0.0.1:2889:3889:observer'], /observers need an ensemble/, {
    base: 'alone',
  }),
  refused(['standaloneEnabled=false', 'server.1=127.0.0.1:2888:3888'], /initLimit is not set/, { base: 'alone' }),
  taken(['standaloneEnabled=false', 'server.1=127.0.0.1:2888:3888', 'initLimit=5', 'syncLimit=5'], {
    base: 'alone',
    myid: '1',
    gives: { mode: 'quorum', sid: 1 },
  }),
  refused('electionAlg=1', /only 3, fast leader election, is/),
  taken('electionAlg=+3'),
  refused('peerType=foo', /"foo" is no role/),
  taken('peerType=observer', { warns: /peerType: is observer; its server line says participant/ }),
  taken('peerType=Participant'),
  taken(['tickTime=2000', 'initLimit=10', 'syncLimit=5', 'dataDir=@/data', 'dynamicConfigFile=@/dynamic'], {
    base: 'bare',
    myid: '2',
    gives: { sid: 2, client: { host: '0.0.0.0', port: 2181 } },
  }),
  refused('dynamicConfigFile=@/dynamic', /server\.1: must stand in the dynamic configuration file/),
  refused(['dataDir=@/data', 'dynamicConfigFile=@/nosuch'], /nosuch: cannot be read/, { base: 'bare' }),
  refused(['dataDir=@/data', 'dynamicConfigFile=@/zoo.cfg'], /dataDir: has no place in a dynamic/, { base: 'bare' }),
];

const OTHER_KEYS: readonly ZooCase[] = [
  refused('dataDir', /dataDir is not set/),
  refused('dataDir=', /dataDir: names no directory/),
  refused('dataLogDir=', /dataLogDir: names no directory/),
  stricter('secureClientPort=2281', /secureClientPort: TLS is not offered/),
  taken('secureClientPort=0'),
  refused('secureClientPort=abc', /not a whole number/),
  refused('secureClientPortAddress=127.0.0.1', /secureClientPortAddress: TLS is not offered/),
  stricter('sslQuorum=true', /TLS is not offered between servers/),
  taken('sslQuorum=false'),
  stricter('portUnification=true', /TLS is not offered between servers/),
  stricter('observerMasterPort=2191', /observer masters are not offered/),
  taken('observerMasterPort=0'),
  taken('observerMasterPort=-1'),
  stricter('oraclePath=/x', /the quorum oracle is not offered/),
  stricter('quorum.auth.enableSasl=true', /SASL is not offered between servers/),
  refused('quorum.auth.serverRequireSasl=true', /SASL is not offered between servers/),
  refused('quorum.auth.learnerRequireSasl=true', /SASL is not offered between servers/),
  stricter('localSessionsEnabled=true', /local sessions are not offered/),
  stricter('reconfigEnabled=true', /reconfiguration is not offered/),
  taken('reconfigEnabled=false'),
  refused('metricsProvider.className=nosuch', /there is no class nosuch/),
  taken('metricsProvider.httpPort=7000', { warns: /metricsProvider\.httpPort: has no effect here: no metrics/ }),
  refused('version=zz', /not a hexadecimal number/),
  taken('admin.serverPort=8081', { warns: /admin\.serverPort: has no effect here: there is no AdminServer/ }),
  taken('admin.enableServer=false'),
  taken('foo=bar', { warns: /line 9: foo: ZooKeeper knows no such key/ }),
  taken('zookeeper.snapCount=5', { warns: /write snapCount, without "zookeeper\."/, gives: { snapCount: 100_000 } }),
];

/** Keys that become system properties: nothing about them is refused where they are read. */
const PROPERTIES: readonly ZooCase[] = [
  taken('jute.maxbuffer=4194304', {
    warns: /jute\.maxbuffer: has no effect in zoo\.cfg/,
    gives: { juteMaxBuffer: 0xfffff },
  }),
  taken('jute.maxbuffer=0x9fffff', { warns: /SERVER_JVMFLAGS=-Djute\.maxbuffer=/, gives: { juteMaxBuffer: 0xfffff } }),
  taken('readonlymode.enabled=true', { warns: /readonlymode\.enabled: has no effect in zoo\.cfg/ }),
  taken('znode.container.checkIntervalMs=1', { warns: /has no effect in zoo\.cfg/ }),
  taken('cnxTimeout=600', { gives: { cnxTimeoutMs: 600 } }),
  stricter('cnxTimeout=x', /cnxTimeout: "x" is not a whole number/),
  taken('extendedTypesEnabled=true', { gives: { extendedTypesEnabled: true } }),
  taken('extendedTypesEnabled=yes', { gives: { extendedTypesEnabled: false } }),
  taken('enforceQuota=TRUE', { gives: { enforceQuota: true } }),
  taken('skipACL=yes', { gives: { skipAcl: true } }),
  taken('skipACL=true', { gives: { skipAcl: false } }),
  taken('leaderServes=no', { gives: { leaderServes: false } }),
  taken('forceSync=no', { gives: { forceSync: false } }),
  taken('snapCount=x', { warns: /snapCount: "x" is not a number; 100000 is used/, gives: { snapCount: 100_000 } }),
  taken('snapCount=0x10', { gives: { snapCount: 16 } }),
  taken('snapCount=1', { gives: { snapCount: 2 } }),
  taken('commitLogCount=0x1000', { warns: /is not a number; 500 is used/, gives: { commitLogCount: 500 } }),
  taken('commitLogCount=100', { gives: { commitLogCount: 500 } }),
  taken('commitLogCount=1000', { gives: { commitLogCount: 1000 } }),
  taken('maxCnxns=010', { gives: { maxCnxns: 8 } }),
  taken('observer.syncEnabled=false', { gives: { syncEnabled: false } }),
  taken(['observer.syncEnabled=true', 'syncEnabled=false'], { gives: { syncEnabled: true } }),
  taken('4lw.commands.whitelist', { gives: { fourLetterWordWhitelist: ['srvr'] } }),
  taken('4lw.commands.whitelist=ruok, mntr,', { gives: { fourLetterWordWhitelist: ['ruok', 'mntr', 'srvr'] } }),
  taken('4lw.commands.whitelist=*', { gives: { fourLetterWordWhitelist: ['*', 'srvr'] } }),
  stricter('authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider', /only digest, ip and world/),
  stricter('sessionRequireClientSASLAuth=true', /SASL is not offered/),
];

const bare = (text: string): ZooCase => taken(text.split('\n'), { base: 'bare' });

const SYNTAX: readonly ZooCase[] = [
  {
    ...bare(
      '# c\r\n! c\r\n tickTime = 1000 \r\ninitLimit:10\r\nsyncLimit 5\r\ndataDir=@/da\\\r\n   ta\r\nclientPort=2181\r',
    ),
    gives: { tickTimeMs: 1000, initLimit: 10, syncLimit: 5 },
  },
  { ...bare('dataDir=@/data\n# comment \\\nclientPort=2181'), gives: { client: { host: '0.0.0.0', port: 2181 } } },
  {
    ...bare('dataDir=@/data\nclient\\\n   Port=2\\u0031\\u0038\\u0031'),
    gives: { client: { host: '0.0.0.0', port: 2181 } },
  },
  { ...bare('dataDir=@/data\nclientPort=2181\\'), gives: { client: { host: '0.0.0.0', port: 2181 } } },
  { ...bare('dataDir=@/data\nclientPort=2181\u000b'), gives: { client: { host: '0.0.0.0', port: 2181 } } },
  {
    ...bare('\ufefftickTime=1000\ndataDir=@/data'),
    warns: /begins with a byte order mark/,
    gives: { tickTimeMs: 3000 },
  },
  {
    ...bare('dataDir=@/data\nclientPort=1\nclientPort=2'),
    warns: /was 1 on line 2/,
    gives: { client: { host: '0.0.0.0', port: 2 } },
  },
  bare('dataDir=@/data\n# bad=\\u12'),
  refused(['dataDir=@/data', 'bad=\\u12'], /line 2: \\u needs four hexadecimal digits/, { base: 'bare' }),
  refused(['dataDir=@/data', 'bad=\\uu0041'], /line 2: \\u needs four/, { base: 'bare' }),
  refused(['dataDir=@/data', 'clientPort=2181 # the port'], /"2181 # the port" is not a whole number/, {
    base: 'bare',
  }),
  refused(['dataDir=@/data', 'clientPort=2181\u00a0'], /is not a whole number/, { base: 'bare' }),
  refused(['dataDir=@/data', 'client\\Port==2181'], /"=2181" is not a whole number/, { base: 'bare' }),
  refused(['dataDir=@/data', 'dataDir'], /dataDir: names no directory/, { base: 'bare' }),
];

export const ZOO_CASES: readonly ZooCase[] = [
  ...INTEGERS,
  ...BOOLEANS,
  ...SERVER_LINES,
  ...CLIENT_PORTS,
  ...MYID,
  ...ENSEMBLES,
  ...OTHER_KEYS,
  ...PROPERTIES,
  ...SYNTAX,
];
