/**
 * Start-up: the newest image that can be read. One that cannot is passed over for the next, with a warning, as long as
 * the edits since then are to be had. Mirrors FSImage.loadFSImage.
 */
import { LabError, messageOf } from '../../base/errors.js';
import type { NameNodeCore } from '../core.js';
import { loadImage } from './load-image.js';
import { IMAGE_REMEDY } from './name-directories.js';

/** Rejects NO_IMAGE, or the fault of the oldest image tried. */
export async function loadNewestImage(core: NameNodeCore): Promise<void> {
  const { directories, namespace, host } = core;
  let failure: unknown;
  for (const { path, txid } of await directories.images()) {
    try {
      const loaded = loadImage(namespace, await directories.readImage(path));
      if (loaded.namespaceId !== core.info.namespaceId) {
        throw new LabError(
          'INCONSISTENT',
          `${path} is of namespace ${loaded.namespaceId}, its directory of ${core.info.namespaceId}`,
          { remedy: IMAGE_REMEDY },
        );
      }
      host.log.info(`Loaded image for txid ${txid} from ${path}`);
      core.checkpoints.loaded(txid);
      core.safeMode.loaded(core.blocks.total);
      return;
    } catch (error) {
      // The reader of images knows no paths.
      failure =
        error instanceof LabError && !error.message.includes(path)
          ? new LabError(error.code, `${path}: ${error.message}`, {
              remedy: error.remedy ?? IMAGE_REMEDY,
              cause: error,
            })
          : error;
      host.log.error(`Failed to load image from ${path}: ${messageOf(error)}`);
    }
  }
  if (failure !== undefined) throw failure;
  throw new LabError(
    'NO_IMAGE',
    `No image file found in any of the storage directories ${directories.imageDirs.join(', ')}`,
    {
      remedy: 'Restore an fsimage from another name directory, or run "hdfs namenode -bootstrapStandby".',
    },
  );
}
