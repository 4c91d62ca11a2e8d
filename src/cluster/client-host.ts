/** A Host for commands and probes: it knows the lab's hosts by name, keeps no files of its own and logs nothing. */
import { createLiveHost, type LiveHost } from '../host/live/index.js';
import { hostsTable, type Lab } from './plan.js';

const made = new Map<string, LiveHost>();

/** The same one again for the same lab and id: each lives as long as the process. */
export function clientHost(lab: Lab | undefined, id: string): LiveHost {
  const key = `${lab?.dir ?? ''} ${id}`;
  let host = made.get(key);
  if (host === undefined) {
    host = createLiveHost({
      id,
      hosts: lab === undefined ? undefined : hostsTable(lab.plan),
    });
    made.set(key, host);
  }
  return host;
}
