/**
 * What a one-shot command says and how it ends: lines for the terminal and an exit code, as Hadoop's tools have them.
 */
import { hasCode, LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { QuorumJournal } from '../../journal/writer/api.js';

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

/** Something that may hold data already. */
export interface FormatItem {
  readonly name: string;
  hasData(): Promise<boolean>;
}

/**
 * Whether all of these may be overwritten: with `force` all, otherwise the user is asked for each that holds data.
 * Mirrors Storage.confirmFormat.
 */
export async function confirmFormat(
  items: readonly FormatItem[],
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

/** The JournalNodes, by their addresses. Formatting them anew takes `force`: a "yes" is for the directories alone. */
export async function journalItem(host: Host, shared: QuorumJournal): Promise<FormatItem> {
  const addresses = await Promise.all(shared.status().map(({ address }) => resolved(host, address)));
  return { name: `QJM to [${addresses.join(', ')}]`, hasData: () => shared.isFormatted() };
}

/** Rejects QUORUM_LOST with each node's reason. */
export async function formatJournal(shared: QuorumJournal, options: ToolOptions): Promise<void> {
  try {
    await shared.format({ force: options.force === true });
  } catch (error) {
    if (!hasCode(error, 'QUORUM_LOST') || !error.message.includes('the current directory is not empty')) throw error;
    throw new LabError(error.code, error.message, {
      remedy: 'A "yes" is for the name directories alone. To lose what the JournalNodes hold, too: -force.',
      cause: error,
    });
  }
}

async function resolved(host: Host, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  try {
    const [found] = await host.net.resolve(address.slice(0, colon));
    return `${found ?? address.slice(0, colon)}${address.slice(colon)}`;
  } catch {
    return address;
  }
}

export function storageDirectoryText(dir: string): string {
  return `Storage Directory root= ${dir}; location= null`;
}
