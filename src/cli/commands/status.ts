/** `halab status [--json]` */
import { openLab } from '../../cluster/lab.js';
import { probeLab } from '../../cluster/probe.js';
import { placeOf } from '../../cluster/state-dir.js';
import type { LabStatus, RoleStatus } from '../../cluster/status.js';
import { zxidText } from '../../base/zxid.js';
import type { PlaceOptions } from '../place-options.js';
import { print, printJson, table } from '../terminal.js';

export async function status(options: PlaceOptions & { json?: boolean; timeout: string }): Promise<void> {
  const found = await probeLab(openLab(placeOf(options)), { timeoutMs: Math.max(1, Number(options.timeout) || 1000) });
  if (options.json === true) printJson(found);
  else print(statusText(found));
}

export function statusText(found: LabStatus): string {
  const unreadable = found.electionUnreadable !== undefined;
  const head = [
    `lab ${found.name} (${found.profile}), nameservice ${found.nameservice}`,
    `active ${found.active ?? 'none'}   lock ` +
      `${lockText(found)}   breadcrumb ${unreadable ? 'not readable' : (found.breadcrumb ?? 'none')}` +
      (found.pssKb === undefined ? '' : `   memory ${Math.round(found.pssKb / 1024)} MB`),
  ];
  const rows = [
    ['HOST', 'ROLE', 'PID', 'ADDRESS', 'STATE', 'EPOCH', 'ZXID/TXID', 'LAG', ''],
    ...found.hosts.flatMap((host) =>
      host.roles.map((role) => [
        host.name,
        role.id,
        role.pid === undefined ? '-' : String(role.pid),
        `${role.address}:${role.port}`,
        stateText(role),
        role.epoch ?? role.promisedEpoch ?? '',
        role.zxid === undefined ? (role.txid ?? '') : zxidText(BigInt(role.zxid)),
        role.lag ?? '',
        role.detail,
      ]),
    ),
  ];
  return `${head.join('\n')}\n\n${table(rows)}`;
}

function lockText({ lockHolder, electionUnreadable }: LabStatus): string {
  if (electionUnreadable !== undefined) return `not readable (${electionUnreadable.why})`;
  return lockHolder === undefined ? 'free' : `${lockHolder.id}, session ${lockHolder.session}`;
}

function stateText(role: RoleStatus): string {
  if (role.state !== 'running') return role.state;
  return (role.haState ?? role.mode)?.toLowerCase() ?? (role.answers ? 'running' : 'silent');
}
