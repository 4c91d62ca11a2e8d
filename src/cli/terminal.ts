/**
 * How commands speak: results on standard output, everything else on standard error, exit codes 0, 1 (failed), 2
 * (usage).
 */
import { LabError } from '../base/errors.js';
import { diskError } from '../host/live/errors.js';

export const Exit = { OK: 0, FAILED: 1, USAGE: 2 } as const;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function notice(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner), 2));
}

/** Prints the error for a person and gives the exit code. */
export function report(error: unknown, program = 'halab'): number {
  if (error instanceof LabError && error.code !== 'ASSERTION') {
    notice(`${program}: ${error.toString()}`);
    return error.code === 'USAGE' || error.code === 'UNKNOWN_TARGET' ? Exit.USAGE : Exit.FAILED;
  }
  // The machine's word on a file or a port says enough; where in the program it was met does not help.
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && path !== undefined) return report(diskError(error, path), program);
  notice(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return Exit.FAILED;
}

/** Columns as wide as their longest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
