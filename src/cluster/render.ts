/**
 * The user's configuration with addresses instead of names. `renderClient` is `halab conf DIR`: with it Apache's
 * `hdfs --config DIR` and zkCli, which know no lab, reach it. `hostSettings` is for a role on a host that shares its
 * address with others.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { xmlText } from '../base/xml-text.js';
import { zooFileFor } from '../config/ensemble.js';
import type { ZooFile } from '../config/zoo.js';
import { shifted } from './addresses.js';
import type { Described } from './draft.js';
import { hostOf, type Lab, type PlannedHost } from './plan.js';

/** Replaces `name:port` and bare names in host positions by what the lab gave them. */
export function addressing(lab: Lab): (text: string) => string {
  const byName = new Map(
    lab.plan.hosts.flatMap((host) => [host.name, ...(host.aliases ?? [])].map((name) => [name.toLowerCase(), host])),
  );
  const names = [...byName.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.\\]/g, '\\$&'))
    .join('|');
  const pattern = new RegExp(`(^|[/;,\\s=])(${names})((?::\\d+)*)(?=$|[/;,\\s:])`, 'gi');
  return (text) =>
    text.replace(pattern, (_whole, before: string, name: string, ports: string) => {
      const host = byName.get(name.toLowerCase())!;
      const moved = ports.replace(/\d+/g, (port) => String(shifted(Number(port), host.portShift)));
      return `${before}${host.address}${moved}`;
    });
}

/** Keys whose value holds host names. Others keep theirs: a directory called m1 is no host. */
const ADDRESS_KEY = new RegExp(
  '^(fs\\.defaultFS|ha\\.zookeeper\\.quorum|dfs\\.(namenode|journalnode|datanode)\\.(.*-)?address' +
    '|dfs\\.namenode\\.(rpc|http|https|servicerpc|lifeline\\.rpc|shared\\.edits)[.-].*' +
    '|dfs\\.journalnode\\.(rpc|http)-address)',
);

/** The user's settings with addresses. */
function clientSettings(lab: Lab, { cluster, service }: Described): Map<string, string> {
  const readdress = addressing(lab);
  const out = new Map<string, string>();
  for (const [key, value] of cluster.conf.settings()) out.set(key, ADDRESS_KEY.test(key) ? readdress(value) : value);
  for (const { nameNodeId, rpc, http, serviceRpc, lifelineRpc } of service.nameNodes) {
    const { address, portShift } = hostOf(lab.plan, rpc.host);
    const ports = { rpc: rpc.port, http: http.port, servicerpc: serviceRpc?.port, 'lifeline.rpc': lifelineRpc?.port };
    for (const [name, port] of Object.entries(ports))
      if (port !== undefined)
        out.set(`dfs.namenode.${name}-address.${service.id}.${nameNodeId}`, `${address}:${shifted(port, portShift)}`);
  }
  const provider = `dfs.client.failover.proxy.provider.${service.id}`;
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

/** For a role on this host: wildcards stay, their ports are the host's own. */
export function hostSettings(lab: Lab, host: PlannedHost, described: Described): ReadonlyMap<string, string> {
  const settings = clientSettings(lab, described);
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
  return settings;
}

function propertiesXml(settings: Iterable<readonly [string, string]>): string {
  const body = [...settings].map(
    ([name, value]) =>
      `  <property>\n    <name>${xmlText(name)}</name>\n    <value>${xmlText(value)}</value>\n  </property>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n${body.join('')}</configuration>\n`;
}

const CORE_KEY = /^(fs\.|ha\.|hadoop\.|io\.|ipc\.|net\.)/;

/** core-site.xml and hdfs-site.xml. */
export function siteFiles(settings: ReadonlyMap<string, string>): [name: string, text: string][] {
  return [
    ['core-site.xml', propertiesXml([...settings].filter(([key]) => CORE_KEY.test(key)))],
    ['hdfs-site.xml', propertiesXml([...settings].filter(([key]) => !CORE_KEY.test(key)))],
  ];
}

const LOG4J = `log4j.rootLogger=WARN,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c{1}: %m%n
`;

/** Writes core-site.xml, hdfs-site.xml, zoo.cfg where there are ZooKeepers, log4j.properties; returns their paths. */
export function renderClient(lab: Lab, described: Described, directory: string): readonly string[] {
  mkdirSync(directory, { recursive: true });
  const first = lab.plan.hosts.find((host) => host.roles.some((role) => role.kind === 'zookeeper'));
  const zoo = first === undefined ? undefined : zooFileFor(described.ensemble, first.name);
  const files: [string, string][] = [
    ...siteFiles(clientSettings(lab, described)),
    ...(first === undefined || zoo === undefined ? [] : [['zoo.cfg', zooText(lab, zoo, first)] as [string, string]]),
    ['log4j.properties', LOG4J],
  ];
  return files.map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  });
}

/** zoo.cfg as it is, with addresses; for a client the client port of the first server stands for all. */
export function zooText(lab: Lab, zoo: ZooFile, host: PlannedHost): string {
  const readdress = addressing(lab);
  const lines: string[] = [];
  for (const [key, { value }] of zoo.properties) {
    if (key.startsWith('server.')) lines.push(`${key}=${readdress(value)}`);
    else if (key === 'clientPort') lines.push(`${key}=${shifted(Number(value), host.portShift)}`);
    else lines.push(`${key}=${value}`);
  }
  return `${lines.join('\n')}\n`;
}
