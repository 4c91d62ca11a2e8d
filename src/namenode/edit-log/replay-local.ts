/** Without HA the local segments are the log: a start applies them all. Mirrors FSImage.loadEdits. */
import { LabError } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { SEGMENT_HEADER_SIZE } from '../../wire/edits/segment/header.js';
import type { BlockManager } from '../blocks/block-manager.js';
import type { NameDirectories } from '../image/name-directories.js';
import type { Namespace } from '../namespace/namespace.js';
import type { SafeMode } from '../safe-mode.js';
import type { EditLogWriter } from './edit-log-writer.js';
import { replay } from './replay.js';

export interface LocalReplayParts {
  readonly host: Host;
  readonly namespace: Namespace;
  readonly directories: NameDirectories;
  readonly writer: EditLogWriter;
  readonly safeMode: SafeMode;
  readonly blocks: BlockManager;
}

/** Rejects EDITS_GAP if what was promised to be there is not. */
export async function replayLocal(parts: LocalReplayParts): Promise<void> {
  const { namespace, host, writer, directories, safeMode, blocks } = parts;
  for (const journal of writer.localJournals) {
    for (const segment of await journal.segments()) {
      if (segment.lastTxid <= namespace.lastTxid || segment.firstTxid > namespace.lastTxid + 1n) continue;
      const bytes = await host.disk.readFile(segment.path);
      if (bytes !== undefined) replay(namespace, bytes, segment.path, SEGMENT_HEADER_SIZE);
    }
  }
  const seen = await directories.readSeenTxid();
  if (namespace.lastTxid < seen - 1n) {
    throw new LabError(
      'EDITS_GAP',
      `Gap in transactions. Expected to be able to read up until at least txid ${seen} but unable to find any ` +
        `edit logs containing txid ${namespace.lastTxid + 1n}`,
    );
  }
  safeMode.loaded(blocks.total);
}
