/**
 * What a one-shot command says and how it ends: lines for the terminal and an exit code, as Hadoop's tools have them.
 */
export interface ToolOptions {
  /** `-force`: goes on although data exists. */
  readonly force?: boolean;
  /** False is `-nonInteractive`: never asks, refuses instead. */
  readonly interactive?: boolean;
  /** Asks the user; only called when interactive. Absent: as if the user had said no. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Lines for stderr; absent: the host's log. */
  readonly print?: (line: string) => void;
}

/**
 * Whether all of these may be overwritten: with `force` all, otherwise the user is asked for each that holds data.
 * Mirrors Storage.confirmFormat.
 */
export async function confirmFormat(
  items: readonly { readonly name: string; hasData(): Promise<boolean> }[],
  options: ToolOptions,
  print: (line: string) => void,
): Promise<boolean> {
  for (const item of items) {
    if (!(await item.hasData())) continue;
    if (options.force === true) {
      print(`Data exists in ${item.name}. Formatting anyway.`);
      continue;
    }
    if (options.interactive !== true) {
      print(`Running in non-interactive mode, and data appears to exist in ${item.name}. Not formatting.`);
      return false;
    }
    if ((await options.confirm?.(`Re-format filesystem in ${item.name} ? (Y or N) `)) !== true) {
      print(`Format aborted in ${item.name}`);
      return false;
    }
  }
  return true;
}

export function storageDirectoryText(dir: string): string {
  return `Storage Directory root= ${dir}; location= null`;
}
