/**
 * The dashboard without a terminal: the status once as a table, then events as lines, and a line whenever who is active
 * changes.
 */
import type { LabStatus } from '../cluster/status.js';
import { activeLine } from './frame.js';
import { roleRows } from './rows.js';
import { plainText } from './text.js';

/** Title, who is active, one line a role. */
export function statusLines(status: LabStatus): readonly string[] {
  const rows = roleRows(status).map((row) => [
    row.host,
    row.id,
    row.state,
    row.pid,
    row.epoch,
    row.position,
    row.lag,
    row.address,
    row.detail,
  ]);
  const table = [['HOST', 'ROLE', 'STATE', 'PID', 'EPOCH', 'ZXID/TXID', 'LAG', 'ADDRESS', 'DETAIL'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    `lab ${status.name} in ${status.dir}, hdfs://${status.nameservice}, profile ${status.profile}`,
    plainText(activeLine(status)).trim(),
    ...table.map((row) =>
      row
        .map((value, column) => value.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  ];
}
