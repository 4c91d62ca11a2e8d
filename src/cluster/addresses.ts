/**
 * Loopback addresses for the hosts of a lab: each host gets one of its own in 127.0.0.0/8, from a range that the lab's
 * name decides and that is checked to be free, so that several labs stand side by side and every host keeps the
 * production ports. Where the system has only 127.0.0.1 (macOS without aliases), all hosts share it and ports are
 * shifted.
 */
import { connect, createServer } from 'node:net';
import { LabError } from '../base/errors.js';
import type { Draft } from './draft.js';
import type { Plan, PlannedHost } from './plan.js';

export type PortVerdict = 'free' | 'in-use' | 'no-address' | 'forbidden';

/** Tries to listen, and lets go at once. */
export function checkPort(address: string, port: number): Promise<PortVerdict> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRNOTAVAIL' ? 'no-address' : error.code === 'EACCES' ? 'forbidden' : 'in-use');
    });
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

/** Somebody listens there. */
export function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Ranges tried before giving up; each is one 127.x.y.0/24. */
const RANGES = 32;
/** Shift between the ports of two hosts that share an address: no common distance of well-known ports. */
const SHIFT = 101;

/** FNV-1a: only has to spread names. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/**
 * Gives every host an address. Throws LabError `ADDRESS_IN_USE` naming address and port where an address asked for in
 * the topology has a port in use, or no range is free.
 */
export async function allotAddresses(draft: Draft, dir: string, options: { oneAddress?: boolean } = {}): Promise<Plan> {
  const seed = hash(`${draft.name}:${dir}`);
  if (options.oneAddress === true || (await checkPort('127.64.0.1', 0)) === 'no-address')
    return onOneAddress(draft, seed);
  for (let attempt = 0; attempt < RANGES; attempt++) {
    const range = seed + attempt * 7919;
    // 127.64-191: away from what people use by hand.
    const prefix = `127.${64 + (range % 128)}.${(range >>> 8) % 256}`;
    const hosts = draft.hosts.map(
      (host, index): PlannedHost => atAddress(host, host.wanted ?? `${prefix}.${index + 11}`, 0),
    );
    const taken = await firstTaken(hosts);
    if (taken === undefined) return { ...strip(draft), hosts };
    if (draft.hosts.some((host) => host.wanted === taken.address))
      throw portInUse(taken.address, taken.port, taken.role);
  }
  throw new LabError(
    'ADDRESS_IN_USE',
    `no free range of loopback addresses for lab ${draft.name} after ${RANGES} tries`,
    { remedy: 'stop other labs (halab down), or give the hosts addresses in the topology' },
  );
}

function strip(draft: Draft): Omit<Plan, 'hosts'> {
  const { hosts: _hosts, ...rest } = draft;
  return rest;
}

async function onOneAddress(draft: Draft, seed: number): Promise<Plan> {
  for (let attempt = 0; attempt < RANGES; attempt++) {
    const base = 1000 * (1 + ((seed + attempt * 13) % 40));
    const hosts = draft.hosts.map((host, index): PlannedHost => {
      return atAddress(host, '127.0.0.1', (base + index * SHIFT) % 40_000);
    });
    const all = hosts.flatMap((host) => host.roles.flatMap((role) => role.ports));
    if (new Set(all).size === all.length && (await firstTaken(hosts)) === undefined) return { ...strip(draft), hosts };
  }
  throw new LabError('ADDRESS_IN_USE', `no free ports on 127.0.0.1 for lab ${draft.name}`, {
    remedy: 'stop other labs (halab down)',
  });
}

/** A host of a draft at its address, with the ports that it has there. */
export function atAddress(host: Draft['hosts'][number], address: string, portShift: number): PlannedHost {
  const roles = host.roles.map((role) => ({
    ...role,
    ports: role.ports.map((port) => shifted(port, portShift)),
    ...(role.httpPort === undefined ? {} : { httpPort: shifted(role.httpPort, portShift) }),
  }));
  const { wanted: _wanted, ...rest } = host;
  return { ...rest, address, portShift, roles };
}

/** A port moved by a host's shift, kept below 65536. */
export function shifted(port: number, shift: number): number {
  return shift === 0 ? port : 1024 + ((port + shift - 1024) % (65_535 - 1024));
}

async function firstTaken(
  hosts: readonly PlannedHost[],
): Promise<{ address: string; port: number; role: string } | undefined> {
  const checks = hosts.flatMap((host) =>
    host.roles.flatMap((role) => role.ports.map((port) => ({ address: host.address, port, role: role.id }))),
  );
  const verdicts = await Promise.all(checks.map((check) => checkPort(check.address, check.port)));
  return checks[verdicts.findIndex((verdict) => verdict !== 'free')];
}

export function portInUse(address: string, port: number, role: string): LabError {
  return new LabError('ADDRESS_IN_USE', `${role} needs ${address}:${port}, which another process holds`, {
    remedy:
      `find it with \`ss -ltnp | grep ':${port} '\` (or lsof -i :${port}) and stop it, or give the host ` +
      `another address in the topology`,
    data: { address, port, role },
  });
}
