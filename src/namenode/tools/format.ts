/**
 * `hdfs namenode -format`: new ids, empty directories with the image of nothing, and the shared journal. Mirrors
 * NameNode.format.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import type { NameNodeConfig } from '../config.js';
import { openSharedJournal } from '../edit-log/shared-edits.js';
import { NameDirectories } from '../image/name-directories.js';
import { saveImage } from '../image/save-image.js';
import { newNamespaceInfo } from '../image/storage-info.js';
import { Namespace } from '../namespace/namespace.js';
import { confirmFormat, formatJournal, journalItem, storageDirectoryText } from './outcome.js';
import type { ToolOptions } from './outcome.js';

export interface FormatOptions extends ToolOptions {
  /** `-clusterid`; a new one otherwise. */
  readonly clusterId?: string;
}

/**
 * Resolves with the exit code: 0 formatted, 1 refused. Rejects LabError when a directory or a JournalNode cannot be
 * reached: a journal is only formatted when every node takes part, and it comes last, so that a directory is never
 * newer than its journal without anyone being told.
 */
export async function formatNameNode(
  host: Host,
  config: NameNodeConfig,
  options: FormatOptions,
): Promise<{ exitCode: number; clusterId: string }> {
  const print = options.print ?? ((line: string): void => host.log.warn(line));
  const info = newNamespaceInfo(host, {
    address: await firstAddress(host, config.rpc.host),
    ...(options.clusterId === undefined ? {} : { clusterId: options.clusterId }),
  });
  const directories = new NameDirectories(host, config.imageDirs, config.editsDirs);
  const shared = config.sharedEdits === undefined ? undefined : openSharedJournal(host, config, info);
  try {
    await directories.lock();
    const items = [
      ...directories.all.map((dir) => ({ name: storageDirectoryText(dir), hasData: () => directories.hasData(dir) })),
      ...(shared === undefined ? [] : [await journalItem(host, shared)]),
    ];
    host.log.info(`Formatting using clusterid: ${info.clusterId}`);
    if (!(await confirmFormat(items, options, print))) return { exitCode: 1, clusterId: info.clusterId };
    await directories.format(info);
    for (const dir of directories.all) host.log.info(`Storage directory ${dir} has been successfully formatted.`);
    if (shared !== undefined) await formatJournal(shared, options);
    const nothing = new Namespace(config.limits, {
      nowMs: () => host.clock.nowMs(),
      wallMs: () => host.clock.wallMs(),
    });
    const { txid, bytes, md5 } = saveImage(nothing, info.namespaceId);
    await directories.writeImage(txid, bytes, md5);
    return { exitCode: 0, clusterId: info.clusterId };
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError('FORMAT_FAILED', `format failed: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    await shared?.close();
    await directories.unlock();
  }
}

async function firstAddress(host: Host, name: string): Promise<string> {
  try {
    return (await host.net.resolve(name))[0] ?? name;
  } catch {
    return name;
  }
}
