/** Any role: `NoCrash`: a process ends because it was killed, or says why it must; it never throws. */
import type { Check, Report } from './check.js';

/** `mayExit`: reasons with which a role may give up. */
export function rolesLive(mayExit: (role: string, reason: string) => boolean, report: Report): Check {
  return {
    onEnd(role, end, nowMs) {
      if (end.how === 'crash') report('NoCrash', nowMs, `${role} ${end.reason}`);
      if (end.how === 'exit' && end.code !== 0 && !mayExit(role, end.reason))
        report('NoCrash', nowMs, `${role} exits with ${end.code}: ${end.reason}`);
    },
  };
}
