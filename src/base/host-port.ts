/**
 * `host:port` in text, IPv6 addresses in brackets: the one place that takes it apart and writes it. What a missing port
 * means, and what to say of a wrong one, is for its callers to say. Mirrors the splitting of
 * org.apache.zookeeper.server.util.ConfigUtils.getHostAndPort.
 */

import type { Endpoint } from './endpoint.js';

/**
 * The host and what follows it, parted at the colons: `m1:2888:3888` gives m1, 2888, 3888; `[::1]:2181` gives ::1 and
 * 2181.
 * Colons at the end count for nothing. Undefined for a bracket that is not closed, or closed and followed by something
 * else than a colon.
 */
export function splitHostPort(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return partsOf(text);
  const end = text.indexOf(']');
  if (end < 0) return undefined;
  const [between, ...parts] = partsOf(text.slice(end + 1));
  return between === undefined || between === '' ? [text.slice(1, end), ...parts] : undefined;
}

function partsOf(text: string): readonly string[] {
  return text.replace(/:+$/, '').split(':');
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** `host`, `host:port`, `[v6]` or `[v6]:port`; a bare IPv6 address is a host. Undefined for anything else. */
export function parseHostPort(text: string): HostAndPort | undefined {
  if (isIpv6(text)) return { host: text, port: undefined };
  const [host, port, ...more] = splitHostPort(text) ?? [];
  if (host === undefined || host === '' || more.length > 0 || /[\s/]/.test(host)) return undefined;
  if (port === undefined) return { host, port: undefined };
  const number = parsePort(port);
  return number === undefined ? undefined : { host, port: number };
}

/** Digits only, 0 to 65535. */
function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

/** As it is written where a port follows: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function hostPortText(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

export function endpointText({ host, port }: Endpoint): string {
  return hostPortText(host, port);
}

/** `0.0.0.0`, `::`, nothing at all, and the other ways to write "every address of this host". */
export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || (isIpv6(host) && /^[0:]+$/.test(host));
}

/** By its look: hexadecimal groups, with `::` or all eight; a zone may follow. */
function isIpv6(host: string): boolean {
  return /^[0-9a-fA-F:.]+(%\w+)?$/.test(host) && (host.includes('::') || host.split(':').length === 8);
}
