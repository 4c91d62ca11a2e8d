/** Addresses and NameNodes as Hadoop's messages, and its fencing scripts, write them: `m1/127.0.1.1:9000`. */
import type { Endpoint, Host } from '../host/host.js';
import type { HaTarget } from './config.js';

/**
 * As java.net.InetSocketAddress prints itself: the name, a slash, the address and port; no name in front of a bare
 * address.
 */
export function socketAddressText(endpoint: Endpoint, address: string | undefined): string {
  if (address === undefined) return `${endpoint.host}/<unresolved>:${endpoint.port}`;
  return `${endpoint.host === address ? '' : endpoint.host}/${address}:${endpoint.port}`;
}

/** The first address of a name, undefined if it has none: never rejects. */
export async function addressOf(host: Host, name: string): Promise<string | undefined> {
  return host.net.resolve(name).then(
    (addresses) => addresses[0],
    () => undefined,
  );
}

/** `NameNode at m1/127.0.1.1:9000`, the health port's address if the NameNode has one. */
export async function targetText(host: Host, target: HaTarget): Promise<string> {
  const endpoint = target.lifeline ?? target.address;
  return `NameNode at ${socketAddressText(endpoint, await addressOf(host, endpoint.host))}`;
}
