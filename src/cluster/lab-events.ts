/**
 * The supervisor's own events (launched, killed, paused, …) beside those of the roles. A full disk loses them, nothing
 * else.
 */
import { appendFileSync } from 'node:fs';
import type { LabEvent } from '../base/events.js';
import type { Lab } from './lab.js';
import { eventsFile } from './state-dir.js';

export function writeLabEvent(lab: Lab, event: LabEvent): void {
  try {
    appendFileSync(eventsFile(lab.dir, 'lab'), `${JSON.stringify({ wallMs: Date.now(), role: 'lab', ...event })}\n`);
  } catch {
    // What was done is done; who did it says so.
  }
}
