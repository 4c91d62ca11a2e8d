/** Hands a check what it would see in a run, and gives back what it reports. */
import type { StampedEvent } from '../../../src/base/events.js';
import { Violations } from '../../../src/drill/checks/check.js';
import type { Check, Report, RoleEnd, Trace } from '../../../src/drill/checks/check.js';

/** `[role, event or trace or how it ended]`, in order. */
export type Seen = readonly [role: string, what: Record<string, unknown>];

/** Names of the broken promises, in order. */
export function broken(make: (report: Report) => Check, seen: readonly Seen[]): string[] {
  const violations = new Violations();
  const check = make(violations.report);
  seen.forEach(([role, what], index) => {
    if ('how' in what) check.onEnd?.(role, what as unknown as RoleEnd, index);
    else {
      // A check looks at what it knows, on either way.
      check.onEvent?.({ ...what, role, wallMs: index } as unknown as StampedEvent, index);
      check.onTrace?.({
        ...what,
        role,
        nowMs: index,
        incarnation: (what['incarnation'] as number | undefined) ?? 1,
      } as unknown as Trace);
    }
  });
  check.finish?.(seen.length);
  return violations.list.map((violation) => violation.check);
}
