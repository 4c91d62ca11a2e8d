/** `qjournal://host:port;host:port;host:port/journalId`, the value of dfs.namenode.shared.edits.dir. */
import { LabError } from '../../base/errors.js';
import { parseHostPort } from '../../base/host-port.js';
import type { Endpoint } from '../../host/host.js';

export interface QuorumJournalUri {
  readonly nodes: readonly Endpoint[];
  readonly journalId: string;
}

const DEFAULT_PORT = 8485;

/** Throws LabError `BAD_CONFIG` naming the URI. */
export function parseQuorumJournalUri(uri: string): QuorumJournalUri {
  const bad = (what: string): LabError =>
    new LabError('BAD_CONFIG', `dfs.namenode.shared.edits.dir: Bad URI '${uri}': ${what}`, {
      remedy: 'Write it as qjournal://host1:8485;host2:8485;host3:8485/journalId.',
    });
  const match = /^qjournal:\/\/([^/]*)(?:\/(.*))?$/.exec(uri.trim());
  if (match === null) throw bad('it does not begin with qjournal://');
  const journalId = match[2] ?? '';
  if (journalId === '') throw bad('must identify journal in path component');
  if (journalId.includes('/') || journalId.startsWith('.')) throw bad(`bad journal id: ${journalId}`);
  const nodes = match[1]!
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const address = parseHostPort(part);
      if (address === undefined || address.port === 0) throw bad(`'${part}' is not host:port`);
      return { host: address.host, port: address.port ?? DEFAULT_PORT };
    });
  if (nodes.length === 0) throw bad('it names no JournalNode');
  return { nodes, journalId };
}
