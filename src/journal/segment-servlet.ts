/**
 * `/getJournal`: a segment's file for NameNodes that read and JournalNodes that recover. Mirrors
 * org.apache.hadoop.hdfs.qjournal.server.GetJournalEditServlet and the headers that TransferFsImage wants.
 */
import type { Host } from '../host/host.js';
import type { HttpRequest, HttpResponse } from '../wire/http/server.js';
import type { JournalShell } from './journal-shell.js';
import { parseEditsName } from './names.js';

const PIECE_BYTES = 256 << 10;

const problem = (status: number, message: string): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: `${message}\n`,
});

export async function serveSegment(
  host: Host,
  request: HttpRequest,
  find: (journalId: string) => Promise<JournalShell>,
): Promise<HttpResponse> {
  const { query } = request;
  const journalId = query.get('jid');
  const segmentTxid = query.get('segmentTxId');
  if (journalId === null || journalId === '') return problem(400, 'the parameter jid is missing');
  if (segmentTxid === null || !/^\d{1,19}$/.test(segmentTxid))
    return problem(400, 'the parameter segmentTxId is missing or no number');
  const journal = await find(journalId);
  const { storage } = journal.state;
  if (storage === undefined) return problem(500, `Journal ${journalId} is not formatted`);
  const theirs = query.get('storageInfo');
  if (theirs !== null) {
    const [, namespaceId, , clusterId] = theirs.split(':');
    if (namespaceId !== String(storage.namespaceId) || clusterId !== storage.clusterId) {
      return problem(
        403,
        `This node has namespaceId '${storage.namespaceId}' and clusterId '${storage.clusterId}' but the requesting ` +
          `node expected '${namespaceId}' and '${clusterId}'`,
      );
    }
  }
  const inProgressOk = query.get('inProgressOk')?.toLowerCase() !== 'false';
  const file = await findFile(host, journal, BigInt(segmentTxid), inProgressOk);
  if (file === undefined) return problem(404, `No edit log found starting at txid ${segmentTxid}`);
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename=${file.name}`,
      'X-Image-Edits-Name': file.name,
    },
    length: file.size,
    body: readFile(host, journal, BigInt(segmentTxid), file),
  };
}

interface Found {
  readonly name: string;
  readonly size: number;
  readonly replacements: number;
}

async function findFile(
  host: Host,
  journal: JournalShell,
  firstTxid: bigint,
  inProgressOk: boolean,
): Promise<Found | undefined> {
  // A rename between the listing and the look at the file is the only way to miss it; a second look finds it.
  for (let attempt = 0; attempt < 2; attempt++) {
    const replacements = journal.directory.replacements;
    const names = (await host.disk.list(`${journal.directory.root}/current`)) ?? [];
    const name = names.find((candidate) => {
      const parsed = parseEditsName(candidate);
      return (
        parsed !== undefined &&
        parsed.firstTxid === firstTxid &&
        (parsed.kind === 'finalized' || (parsed.kind === 'inProgress' && inProgressOk))
      );
    });
    if (name === undefined) return undefined;
    const size = (await host.disk.stat(journal.directory.path(name)))?.size;
    if (size !== undefined) return { name, size, replacements };
  }
  return undefined;
}

async function* readFile(
  host: Host,
  journal: JournalShell,
  firstTxid: bigint,
  file: Found,
): AsyncGenerator<Buffer, void, undefined> {
  let name = file.name;
  for (let at = 0; at < file.size; ) {
    let piece: Buffer;
    try {
      piece = await host.disk.readRange(journal.directory.path(name), at, Math.min(PIECE_BYTES, file.size - at));
    } catch (error) {
      // Finalized meanwhile: the same bytes under another name.
      const renamed = await findFile(host, journal, firstTxid, false);
      if (renamed === undefined || renamed.name === name) throw error;
      name = renamed.name;
      continue;
    }
    if (piece.length === 0 || journal.directory.replacements !== file.replacements) {
      throw new Error(`${journal.directory.path(name)} was replaced while it was read`);
    }
    at += piece.length;
    yield piece;
  }
}
