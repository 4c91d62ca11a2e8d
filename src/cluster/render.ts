/**
 * Configuration for programs that know no lab: core-site.xml, hdfs-site.xml, zoo.cfg and log4j.properties with
 * addresses instead of names. `renderClient` is `halab conf DIR`: with it Apache's `hdfs --config DIR` and zkCli reach
 * the lab. `renderHost` is for a role on a host that shares its address with others.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OVERLAYS } from '../config/profile.js';
import { readZooFile } from '../config/zoo.js';
import { shifted } from './addresses.js';
import { loadForProfile, type Lab, type PlannedHost } from './plan.js';

/** Replaces `name:port` and bare names in host positions by what the lab gave them. */
export function addressing(lab: Lab): (text: string) => string {
  const byName = new Map(lab.plan.hosts.map((host) => [host.name, host]));
  const names = [...byName.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.\\]/g, '\\$&'))
    .join('|');
  const pattern = new RegExp(`(^|[/;,\\s=])(${names})((?::\\d+)*)(?=$|[/;,\\s:])`, 'g');
  return (text) =>
    text.replace(pattern, (_whole, before: string, name: string, ports: string) => {
      const host = byName.get(name)!;
      return `${before}${host.address}${ports.replace(/\d+/g, (port) => String(shifted(Number(port), host.portShift)))}`;
    });
}

/** Keys whose value holds host names. Others keep theirs: a directory called m1 is no host. */
const ADDRESS_KEY =
  /^(fs\.defaultFS|ha\.zookeeper\.quorum|dfs\.(namenode|journalnode|datanode)\.(.*-)?address|dfs\.namenode\.(rpc|http|https|servicerpc|lifeline\.rpc|shared\.edits)[.-].*|dfs\.journalnode\.(rpc|http)-address)/;

/** The user's settings with addresses. */
function clientSettings(lab: Lab): Map<string, string> {
  const conf = loadForProfile(lab.plan.hadoopDir, lab.plan.profile);
  const readdress = addressing(lab);
  const out = new Map<string, string>();
  for (const [key, value] of conf.settings()) out.set(key, ADDRESS_KEY.test(key) ? readdress(value) : value);
  const provider = `dfs.client.failover.proxy.provider.${lab.plan.nameservice}`;
  // A client needs it under the nameservice's name; without it Hadoop takes the nameservice for a host.
  if (!out.has(provider)) {
    out.set(
      provider,
      out.get('dfs.client.failover.proxy.provider') ??
        'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider',
    );
  }
  // Addresses of 127.0.0.0/8 have no names to look up: a client that tried would wait for the resolver.
  out.set('hadoop.security.token.service.use_ip', 'true');
  return out;
}

export function propertiesXml(settings: ReadonlyMap<string, string>): string {
  const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const body = [...settings]
    .map(
      ([name, value]) =>
        `  <property>\n    <name>${escape(name)}</name>\n    <value>${escape(value)}</value>\n  </property>\n`,
    )
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n${body}</configuration>\n`;
}

const CORE_KEY = /^(fs\.|ha\.|hadoop\.|io\.|ipc\.|net\.)/;

const LOG4J = `log4j.rootLogger=WARN,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c{1}: %m%n
`;

/** Writes the four files; returns their paths. */
export function renderClient(lab: Lab, directory: string): readonly string[] {
  mkdirSync(directory, { recursive: true });
  const settings = clientSettings(lab);
  const files = new Map([
    ['core-site.xml', propertiesXml(new Map([...settings].filter(([key]) => CORE_KEY.test(key))))],
    ['hdfs-site.xml', propertiesXml(new Map([...settings].filter(([key]) => !CORE_KEY.test(key))))],
    ['zoo.cfg', zooText(lab, undefined)],
    ['log4j.properties', LOG4J],
  ]);
  return [...files].map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  });
}

/** For a role on this host: wildcards stay, their ports are the host's own. */
export function renderHost(lab: Lab, host: PlannedHost): void {
  const directory = join(lab.dir, 'conf', host.name);
  mkdirSync(directory, { recursive: true });
  const settings = clientSettings(lab);
  const local = (key: string, fallback: string): void => {
    settings.set(
      key,
      (settings.get(key) ?? fallback).replace(/\d+$/, (port) => String(shifted(Number(port), host.portShift))),
    );
  };
  local('dfs.journalnode.rpc-address', '0.0.0.0:8485');
  local('dfs.journalnode.http-address', '0.0.0.0:8480');
  for (const other of lab.plan.hosts) {
    for (const role of other.roles) {
      if (role.kind === 'zkfc')
        settings.set(`dfs.ha.zkfc.port.${lab.plan.nameservice}.${role.nameNodeId}`, String(role.ports[0]));
    }
  }
  settings.set('dfs.ha.zkfc.port', String(shifted(8019, host.portShift)));
  const own = host.roles.find((role) => role.nameNodeId !== undefined)?.nameNodeId;
  if (own !== undefined) settings.set('dfs.ha.namenode.id', own); // all addresses are this host's
  writeFileSync(
    join(directory, 'core-site.xml'),
    propertiesXml(new Map([...settings].filter(([key]) => CORE_KEY.test(key)))),
  );
  writeFileSync(
    join(directory, 'hdfs-site.xml'),
    propertiesXml(new Map([...settings].filter(([key]) => !CORE_KEY.test(key)))),
  );
  writeFileSync(join(directory, 'zoo.cfg'), zooText(lab, host));
}

/** zoo.cfg as it is, with addresses; for a client the client port of the first server stands for all. */
function zooText(lab: Lab, host: PlannedHost | undefined): string {
  const zoo = readZooFile(lab.plan.zooFile, OVERLAYS[lab.plan.profile].zoo);
  const readdress = addressing(lab);
  const lines: string[] = [];
  for (const [key, { value }] of zoo.properties) {
    if (key.startsWith('server.')) lines.push(`${key}=${readdress(value)}`);
    else if (key === 'clientPort')
      lines.push(`${key}=${shifted(Number(value), host?.portShift ?? lab.plan.hosts[0]!.portShift)}`);
    else lines.push(`${key}=${value}`);
  }
  return `${lines.join('\n')}\n`;
}
