/**
 * `host:port,host:port/chroot`: the servers of an ensemble and the node below which all of a client's paths lie.
 * Mirrors org.apache.zookeeper.client.ConnectStringParser.
 */
import { LabError } from '../../base/errors.js';
import { parseHostPort } from '../../base/host-port.js';
import type { Random } from '../../base/prng.js';
import type { Endpoint } from '../../host/host.js';
import type { SessionEvent } from './session.js';
import { validatePath } from './path.js';

export interface ConnectionOptions {
  /** `host:port,host:port/chroot` */
  readonly connectString: string;
  /** Asked for; the server may grant less or more. */
  readonly sessionTimeoutMs: number;
  /** The longest packet taken from a server (jute.maxbuffer of a client). */
  readonly maxPacketBytes?: number | undefined;
  readonly onEvent?: (state: SessionEvent) => void;
  /** Sent on every connection, before anything else. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Buffer }[];
}

export interface ConnectString {
  readonly servers: readonly Endpoint[];
  /** `''` when there is none, else a path without a trailing slash. */
  readonly chroot: string;
}

const DEFAULT_PORT = 2181;

/** Throws LabError `BAD_CONFIG`, quoting the string, for one that names no server, a bad port or a bad chroot. */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const list = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 || text.length === slash + 1 ? '' : text.slice(slash);
  if (chroot !== '') validatePath(chroot);
  const servers = list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseServer(part, text));
  if (servers.length === 0) {
    throw new LabError('BAD_CONFIG', `the ZooKeeper connect string "${text}" names no server`, {
      remedy: 'give it as host:port,host:port',
    });
  }
  return { servers, chroot };
}

function parseServer(part: string, whole: string): Endpoint {
  const found = parseHostPort(part);
  if (found === undefined || found.port === 0) {
    throw new LabError('BAD_CONFIG', `"${part}" in the ZooKeeper connect string "${whole}" is not host:port`, {
      remedy: 'a port is a number from 1 to 65535',
    });
  }
  return { host: found.host, port: found.port ?? DEFAULT_PORT };
}

/** In another order each time, so that the clients of an ensemble spread over its servers. */
export function shuffled(servers: readonly Endpoint[], random: Random): readonly Endpoint[] {
  const order = [...servers];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
