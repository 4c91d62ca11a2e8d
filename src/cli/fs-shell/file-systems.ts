/**
 * From a path to the NameNodes that are asked for it: a nameservice with its failover, or the one NameNode that a URI
 * names. A client of one NameNode never asks another. Mirrors FileSystem.get, DistributedFileSystem.initialize and
 * NameNodeProxiesClient.createProxyWithClientProtocol.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Configuration } from '../../config/hadoop/contract.js';
import { nameNodesOf } from '../../config/hadoop/nameservice.js';
import type { Host } from '../../host/host.js';
import { clientOptionsFrom } from '../../namenode/client/config.js';
import {
  FailoverProxyShell,
  type ClientMethod,
  type ClientRequest,
  type ClientResponse,
  type NamedEndpoint,
} from '../../namenode/client/failover-proxy-shell.js';
import { CommandFault, LineFault } from './fault.js';
import type { FsPath } from './fs-path.js';

const DEFAULT_RPC_PORT = 8020;
const HA_PACKAGE = 'org.apache.hadoop.hdfs.server.namenode.ha.';

/** One NameNode, or one nameservice. */
export interface FileSystem {
  /** `hdfs://hdfs-cluster` */
  readonly uri: string;
  /** What two file systems have in common that a rename may join: the port does not count. */
  readonly host: string;
  call<M extends ClientMethod>(method: M, request: ClientRequest<M>): Promise<ClientResponse<M>>;
}

export interface FileSystemsOptions {
  readonly host: Host;
  readonly conf: Configuration;
  readonly user: string;
  /** `name/address` of this machine, for messages. */
  readonly localName: string;
}

interface Opened extends FileSystem {
  close(): void;
}

export class FileSystems {
  readonly #options: FileSystemsOptions;
  readonly #open = new Map<string, Opened>();
  readonly #default: { readonly scheme: string; readonly authority: string };

  /** Throws LineFault if fs.defaultFS is no URI. */
  constructor(options: FileSystemsOptions) {
    this.#options = options;
    const text = fixedName(options.conf.get('fs.defaultFS') ?? 'file:///');
    const match = /^([^:/?#]+):(?:\/\/([^/]*))?/.exec(text);
    if (match === null) throw new LineFault(`fs.defaultFS: "${text}" is no URI`);
    this.#default = { scheme: match[1]!.toLowerCase(), authority: match[2] ?? '' };
  }

  /** Rejects CommandFault and LineFault. */
  async of(path: FsPath): Promise<FileSystem> {
    if (path.scheme === undefined && path.authority !== undefined)
      throw new CommandFault('No FileSystem for scheme "null"');
    const scheme = path.scheme?.toLowerCase() ?? this.#default.scheme;
    const authority = path.authority ?? (scheme === this.#default.scheme ? this.#default.authority : '');
    if (scheme !== 'hdfs') throw otherScheme(path.scheme ?? scheme, authority, path);
    const key = authority.toLowerCase();
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const opened = await this.#connect(authority, path);
    this.#open.set(key, opened);
    return opened;
  }

  close(): void {
    for (const opened of this.#open.values()) opened.close();
  }

  async #connect(authority: string, path: FsPath): Promise<Opened> {
    const { host, conf, user } = this.#options;
    const match = /^(?:[^@]*@)?(\[[^\]]+\]|[^:]+)(?::(\d*))?$/.exec(authority);
    if (match === null) throw new CommandFault(`Incomplete HDFS URI, no host: ${whole(authority, path)}`);
    const name = match[1]!.replace(/^\[|\]$/g, '');
    const port = match[2] === undefined || match[2] === '' ? undefined : Number(match[2]);
    if (port !== undefined && port > 65535) throw new LineFault(`port out of range:${port}`);
    const logical = conf.get(`dfs.client.failover.proxy.provider.${name}`);
    const nameNodes =
      logical === undefined
        ? [await this.#single(name, port ?? DEFAULT_RPC_PORT)]
        : this.#nameservice(name, port, logical, whole(authority, path));
    const proxy = new FailoverProxyShell(host, nameNodes, clientOptionsFrom(conf, { user, ha: logical !== undefined }));
    return {
      uri: `hdfs://${authority}`,
      host: name.toLowerCase(),
      call: async (method, request) => {
        try {
          return (await proxy.call(method, request)).response;
        } catch (error) {
          throw this.#told(error);
        }
      },
      close: () => proxy.close(),
    };
  }

  async #single(name: string, port: number): Promise<NamedEndpoint> {
    try {
      await this.#options.host.net.resolve(name);
    } catch {
      throw new LineFault(`java.net.UnknownHostException: ${name}`);
    }
    return { id: name, host: name, port };
  }

  #nameservice(name: string, port: number | undefined, provider: string, uri: string): readonly NamedEndpoint[] {
    const { conf, host } = this.#options;
    if (!provider.startsWith(HA_PACKAGE)) throw new CommandFault("Couldn't create proxy provider null");
    // Hadoop lets the default port pass.
    if (port !== undefined && port > 0 && port !== DEFAULT_RPC_PORT) {
      throw new CommandFault(
        `Port ${port} specified in URI ${uri} but host '${name}' is a logical (HA) namenode and does not use port ` +
          `information.`,
      );
    }
    const found = nameNodesOf(conf, name).map(({ nameNodeId, rpc }) => ({ id: nameNodeId, ...rpc }));
    if (conf.get('dfs.client.failover.random.order') !== 'true') return found;
    for (let last = found.length - 1; last > 0; last--) {
      const other = host.random.below(last + 1);
      [found[last], found[other]] = [found[other]!, found[last]!];
    }
    return found;
  }

  /** A NameNode that cannot be reached, in the words that people search for. */
  #told(error: unknown): unknown {
    if (!(error instanceof LabError) || error.code !== 'CONNECT_REFUSED') return error;
    const at = /(\S+:\d+)/.exec(messageOf(error))?.[1] ?? 'the NameNode';
    return new LabError(
      'CONNECT_REFUSED',
      `Call From ${this.#options.localName} to ${at} failed on connection exception: java.net.ConnectException: ` +
        `Connection refused; For more details see:  http://wiki.apache.org/hadoop/ConnectionRefused`,
      { cause: error },
    );
  }
}

function whole(authority: string, path: FsPath): string {
  return `hdfs://${authority}${path.path}${path.path === '' || path.typed.endsWith('/') ? '/' : ''}`.replace(
    /\/+$/,
    '/',
  );
}

/** Names from before there were URIs. Mirrors FileSystem.fixName. */
function fixedName(text: string): string {
  if (text === 'local') return 'file:///';
  return text.includes('/') ? text : `hdfs://${text}`;
}

function otherScheme(scheme: string, authority: string, path: FsPath): Error {
  if (scheme === 'file') {
    if (authority !== '') return new LineFault(`Wrong FS: ${path.typed}, expected: file:///`);
    return new CommandFault(
      `${path.typed}: the lab's hdfs dfs knows HDFS only, not this machine's files; is fs.defaultFS set?`,
    );
  }
  if (scheme === 'viewfs')
    return new CommandFault(
      `ViewFs: Cannot initialize: Empty Mount table in config for viewfs://${authority || 'default'}/`,
    );
  return new CommandFault(`No FileSystem for scheme "${scheme}"`);
}
