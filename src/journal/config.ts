/** What a JournalNode needs of a Hadoop configuration. Defaults are Hadoop's own. */
import { LabError } from '../base/errors.js';
import { parseHostPort } from '../base/host-port.js';
import type { Configuration } from '../config/hadoop/contract.js';
import { listenHost } from '../config/hadoop/nameservice.js';
import type { Endpoint } from '../host/host.js';

export interface JournalNodeConfig {
  /** dfs.journalnode.edits.dir: one directory a journal below it. */
  readonly editsDir: string;
  /** dfs.journalnode.edits.dir.<nameservice>, where set. */
  readonly editsDirs: Readonly<Record<string, string>>;
  readonly rpc: Endpoint;
  readonly http: Endpoint;
  /** dfs.ha.tail-edits.in-progress and dfs.journalnode.edit-cache-size.bytes; undefined: no cache. */
  readonly cacheBytes: number | undefined;
  /** How long fetching a segment from another node may make no progress. */
  readonly fetchTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** `address`: what to bind to where the configuration says 0.0.0.0 (a lab's host has an address of its own). */
export function journalNodeConfigFrom(conf: Configuration, options: { address?: string } = {}): JournalNodeConfig {
  const editsDirs: Record<string, string> = {};
  for (const nameservice of conf.getList('dfs.nameservices')) {
    const directory = conf.get(`dfs.journalnode.edits.dir.${nameservice}`);
    if (directory !== undefined)
      editsDirs[nameservice] = absolute(conf, `dfs.journalnode.edits.dir.${nameservice}`, directory);
  }
  return Object.freeze({
    editsDir: absolute(
      conf,
      'dfs.journalnode.edits.dir',
      conf.get('dfs.journalnode.edits.dir') ?? '/tmp/hadoop/dfs/journalnode/',
    ),
    editsDirs: Object.freeze(editsDirs),
    rpc: endpoint(conf, 'dfs.journalnode.rpc-address', 'dfs.journalnode.rpc-bind-host', 8485, options.address),
    http: endpoint(conf, 'dfs.journalnode.http-address', 'dfs.journalnode.http-bind-host', 8480, options.address),
    cacheBytes: conf.getBoolean('dfs.ha.tail-edits.in-progress')
      ? conf.getInt('dfs.journalnode.edit-cache-size.bytes')
      : undefined,
    fetchTimeoutMs: conf.getTimeMs('dfs.image.transfer.timeout'),
    connectTimeoutMs: conf.getTimeMs('ipc.client.connect.timeout'),
  });
}

function absolute(conf: Configuration, key: string, directory: string): string {
  if (!directory.startsWith('/')) {
    throw new LabError(
      'BAD_CONFIG',
      `${key} in ${conf.sourceOf(key)}: Journal dir '${directory}' should be an absolute path`,
      {
        remedy: 'Give a path that begins with /.',
      },
    );
  }
  return directory.length > 1 ? directory.replace(/\/+$/, '') : directory;
}

function endpoint(
  conf: Configuration,
  key: string,
  bindKey: string,
  defaultPort: number,
  hostAddress: string | undefined,
): Endpoint {
  const value = conf.get(key) ?? `0.0.0.0:${defaultPort}`;
  const bare = /^\d+$/.test(value) ? `0.0.0.0:${value}` : value;
  const address = parseHostPort(bare.startsWith(':') ? `0.0.0.0${bare}` : bare);
  if (address === undefined) {
    throw new LabError('BAD_CONFIG', `${key} in ${conf.sourceOf(key)}: '${value}' is not host:port`, {
      remedy: `Write it as host:${defaultPort}.`,
    });
  }
  return {
    host: listenHost(conf.get(bindKey) || address.host, hostAddress),
    port: address.port ?? defaultPort,
  };
}
