/** Events as NDJSON, one a line, stamped; bigints as decimal strings. */
import type { LabEvent } from '../../base/events.js';

export function eventLine(event: LabEvent, wallMs: number, role: string): string {
  return JSON.stringify({ wallMs, role, ...event }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
