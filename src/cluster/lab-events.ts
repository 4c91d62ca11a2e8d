/** The supervisor's own events (launched, killed, paused, …) beside those of the roles. */
import { appendFileSync } from 'node:fs';
import type { LabEvent } from '../base/events.js';
import type { Lab } from './lab.js';
import { eventsFile } from './state-dir.js';

export function writeLabEvent(lab: Lab, event: LabEvent): void {
  appendFileSync(eventsFile(lab.dir, 'lab'), `${JSON.stringify({ wallMs: Date.now(), role: 'lab', ...event })}\n`);
}
