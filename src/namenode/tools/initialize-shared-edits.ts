/**
 * `hdfs namenode -initializeSharedEdits`: a NameNode without HA gets a shared journal: it is formatted with the
 * NameNode's ids and filled with the edits since the newest image. Mirrors NameNode.initializeSharedEdits.
 */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { SEGMENT_HEADER_SIZE } from '../../wire/edits/segment/header.js';
import { scanOps } from '../../wire/edits/segment/scan.js';
import type { NameNodeConfig } from '../config.js';
import { openSharedJournal } from '../edit-log/shared-edits.js';
import { LocalJournal } from '../edit-log/local-journal.js';
import { NameDirectories } from '../image/name-directories.js';
import { confirmFormat, formatJournal, journalItem } from './outcome.js';
import type { ToolOptions } from './outcome.js';

/** Resolves with the exit code: 0 done, 1 refused. */
export async function initializeSharedEdits(
  host: Host,
  config: NameNodeConfig,
  options: ToolOptions,
): Promise<{ exitCode: number }> {
  const print = options.print ?? ((line: string): void => host.log.warn(line));
  if (config.sharedEdits === undefined) {
    throw new LabError(
      'BAD_CONFIG',
      'No shared edits directory configured for this NameNode: dfs.namenode.shared.edits.dir is not set',
    );
  }
  const directories = new NameDirectories(host, config.imageDirs, config.editsDirs);
  const info = await directories.readInfo();
  const shared = openSharedJournal(host, config, info);
  try {
    await directories.lock();
    if (!(await confirmFormat([await journalItem(host, shared)], options, print))) return { exitCode: 1 };
    await formatJournal(shared, options);
    const newestImage = (await directories.images())[0]?.txid ?? 0n;
    const journal = new LocalJournal(host, directories.editsDirs[0]!);
    await journal.recoverUnfinalized();
    await shared.becomeWriter();
    for (const segment of await journal.segments()) {
      if (segment.lastTxid <= newestImage) continue;
      const bytes = await host.disk.readFile(segment.path);
      if (bytes === undefined) continue;
      const ops = [...scanOps(bytes, SEGMENT_HEADER_SIZE)];
      const last = ops[ops.length - 1];
      if (last === undefined || last.txid !== segment.lastTxid)
        throw new LabError('CORRUPT', `${segment.path} does not hold all of its transactions`);
      await shared.startSegment(segment.firstTxid);
      shared.write(bytes.subarray(SEGMENT_HEADER_SIZE, last.offset + last.length), segment.firstTxid, ops.length);
      await shared.flush();
      await shared.finalizeSegment(segment.firstTxid, segment.lastTxid);
    }
    return { exitCode: 0 };
  } finally {
    await shared.close();
    await directories.unlock();
  }
}
