/** A Host for commands and probes: it knows the lab's hosts by name, keeps no files of its own and logs nothing. */
import { createLiveHost, type LiveHost } from '../host/live/index.js';
import type { Lab } from './lab.js';

export function clientHost(lab: Lab | undefined, id: string): LiveHost {
  const hosts = lab === undefined ? undefined : new Map(lab.plan.hosts.map((host) => [host.name, host.address]));
  return createLiveHost({ id, hosts });
}
