/**
 * Configuration for hosts that share one address: the user's files with every host:port replaced, one directory a host.
 * Nothing is written where each host has an address of its own.
 */
import type { Lab } from './plan.js';
import { renderHost } from './render.js';

export function renderShared(lab: Lab): void {
  for (const host of lab.plan.hosts) if (host.portShift !== 0) renderHost(lab, host);
}
