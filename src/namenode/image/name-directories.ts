/**
 * The name directories on disk:
 *
 *     DIR/in_use.lock
 *     DIR/current/VERSION
 *     DIR/current/seen_txid                                   the last segment's first transaction: what must not be
 *     forgotten DIR/current/fsimage_<txid> fsimage_<txid>.md5           (fsimage.ckpt_<txid> while it arrives)
 *     DIR/current/edits_<first>-<last> edits_inprogress_<first>
 *
 * Images go to every image directory. Mirrors org.apache.hadoop.hdfs.server.namenode.NNStorage.
 */
import { hasCode, LabError, messageOf } from '../../base/errors.js';
import type { Host } from '../../host/host.js';
import { md5FileText, md5Of, parseMd5File } from '../../wire/fsimage/container.js';
import { parseVersionFile, versionFileText } from './storage-info.js';
import type { NamespaceInfo } from './storage-info.js';

export function imageName(txid: bigint): string {
  return `fsimage_${txid.toString().padStart(19, '0')}`;
}

/** What to do about an image that cannot be read. */
export const IMAGE_REMEDY =
  'Copy the image and its .md5 from another name directory, or bootstrap this NameNode from the other one: empty ' +
  'the directory, then "hdfs namenode -bootstrapStandby".';

const IMAGE = /^fsimage_(\d{19})$/;

export interface FoundImage {
  readonly txid: bigint;
  readonly path: string;
}

export class NameDirectories {
  readonly #host: Host;
  readonly imageDirs: readonly string[];
  readonly editsDirs: readonly string[];
  #locks: { release(): Promise<void> }[] = [];

  constructor(host: Host, imageDirs: readonly string[], editsDirs: readonly string[]) {
    this.#host = host;
    this.imageDirs = imageDirs;
    this.editsDirs = editsDirs;
  }

  /** Image and edits directories, each once. */
  get all(): readonly string[] {
    return [...new Set([...this.imageDirs, ...this.editsDirs])];
  }

  /** Takes every in_use.lock. Rejects LOCKED, naming the directory and its holder. */
  async lock(): Promise<void> {
    for (const dir of this.all) {
      await this.#host.disk.makeDirectory(dir);
      this.#locks.push(await this.#lock(dir));
    }
  }

  /** Two names of one directory cannot both be locked, as two processes could not. */
  async #lock(dir: string): Promise<{ release(): Promise<void> }> {
    try {
      return await this.#host.disk.lock(`${dir}/in_use.lock`);
    } catch (error) {
      if (!hasCode(error, 'LOCKED')) throw error;
      const holder = error.data['pid'];
      throw new LabError(
        'LOCKED',
        `Cannot lock storage ${dir}. The directory is already ` +
          `locked${typeof holder === 'number' ? ` by process ${holder}` : ''}`,
        {
          remedy:
            'Stop the process that uses it. If it is this one: dfs.namenode.name.dir and dfs.namenode.edits.dir name ' +
            'the directory twice, by a link or by "..": name it once.',
          data: error.data,
          cause: error,
        },
      );
    }
  }

  async unlock(): Promise<void> {
    const locks = this.#locks;
    this.#locks = [];
    for (const lock of locks) await lock.release();
  }

  /** True if the directory's `current` holds anything (Storage.StorageDirectory.hasSomeData). */
  async hasData(dir: string): Promise<boolean> {
    return ((await this.#host.disk.list(`${dir}/current`))?.length ?? 0) > 0;
  }

  /** Empties and starts every directory anew. */
  async format(info: NamespaceInfo): Promise<void> {
    for (const dir of this.all) {
      await this.#host.disk.remove(`${dir}/current`);
      await this.#host.disk.makeDirectory(`${dir}/current`);
      await this.#host.disk.writeFile(`${dir}/current/VERSION`, Buffer.from(versionFileText(info)));
    }
    await this.writeSeenTxid(0n);
  }

  /** What the directories agree on. Rejects NOT_FORMATTED, CORRUPT, INCONSISTENT. */
  async readInfo(): Promise<NamespaceInfo> {
    let first: NamespaceInfo | undefined;
    for (const dir of this.all) {
      const path = `${dir}/current/VERSION`;
      const text = await this.#host.disk.readFile(path);
      if (text === undefined) {
        throw new LabError('NOT_FORMATTED', `NameNode is not formatted: ${path} does not exist`, {
          remedy: 'Run "hdfs namenode -format" for a new cluster, "hdfs namenode -bootstrapStandby" to join one.',
          data: { dir },
        });
      }
      const info = parseVersionFile(text.toString('utf8'), path);
      if (
        first !== undefined &&
        (first.namespaceId !== info.namespaceId ||
          first.clusterId !== info.clusterId ||
          first.blockPoolId !== info.blockPoolId)
      ) {
        throw new LabError(
          'INCONSISTENT',
          `Directory ${dir} is in an inconsistent state: its namespace ${info.namespaceId} of cluster ` +
            `${info.clusterId} ` +
            `is not that of ${this.all[0]}`,
          { remedy: 'Use directories of one namespace; empty the one that is wrong and copy the right one there.' },
        );
      }
      first ??= info;
    }
    return first!;
  }

  async writeSeenTxid(txid: bigint): Promise<void> {
    for (const dir of this.all) await this.#host.disk.writeFile(`${dir}/current/seen_txid`, Buffer.from(`${txid}\n`));
  }

  /** The greatest of all directories; 0 if there is none. Rejects CORRUPT. */
  async readSeenTxid(): Promise<bigint> {
    let greatest = 0n;
    for (const dir of this.all) {
      const path = `${dir}/current/seen_txid`;
      const text = (await this.#host.disk.readFile(path))?.toString('utf8').trim();
      if (text === undefined) continue;
      if (!/^\d{1,19}$/.test(text)) {
        throw new LabError('CORRUPT', `${path} does not hold a transaction id: ${JSON.stringify(text.slice(0, 40))}`, {
          remedy:
            'write the first transaction of the newest edits_* file of this directory into it, or bootstrap this ' +
            'NameNode from the other one',
        });
      }
      if (BigInt(text) > greatest) greatest = BigInt(text);
    }
    return greatest;
  }

  /** Newest first; the same image in several directories, in their order. */
  async images(): Promise<readonly FoundImage[]> {
    const found: FoundImage[] = [];
    for (const dir of this.imageDirs) {
      for (const name of (await this.#host.disk.list(`${dir}/current`)) ?? []) {
        const match = IMAGE.exec(name);
        if (match !== null) found.push({ txid: BigInt(match[1]!), path: `${dir}/current/${name}` });
      }
    }
    return found.sort((a, b) => (a.txid === b.txid ? 0 : a.txid < b.txid ? 1 : -1));
  }

  /** The bytes, checked against the .md5 file. Rejects CORRUPT or NOT_FOUND. */
  async readImage(path: string): Promise<Buffer> {
    const bytes = await this.#host.disk.readFile(path);
    if (bytes === undefined) throw new LabError('NOT_FOUND', `${path} does not exist`);
    const md5Text = await this.#host.disk.readFile(`${path}.md5`);
    const expected = md5Text === undefined ? undefined : parseMd5File(md5Text.toString('utf8'));
    if (expected === undefined)
      throw new LabError('CORRUPT', `${path}: its .md5 file is missing or not readable`, { remedy: IMAGE_REMEDY });
    const actual = md5Of(bytes);
    if (actual !== expected) {
      throw new LabError(
        'CORRUPT',
        `Image file ${path} is corrupt with MD5 checksum of ${actual} but expecting ${expected}`,
        { remedy: IMAGE_REMEDY },
      );
    }
    return bytes;
  }

  /**
   * Image first under another name, then its digest, then the name: an image without a digest is never taken for one. A
   * directory that fails is left out, and told; rejects with its fault where none is left.
   */
  async writeImage(txid: bigint, bytes: Buffer, md5: string): Promise<void> {
    const name = imageName(txid);
    let failed = 0;
    for (const dir of this.imageDirs) {
      const temporary = `${dir}/current/fsimage.ckpt_${txid.toString().padStart(19, '0')}`;
      try {
        await this.#host.disk.writeFile(temporary, bytes);
        await this.#host.disk.writeFile(`${dir}/current/${name}.md5`, Buffer.from(md5FileText(md5, name)));
        await this.#host.disk.rename(temporary, `${dir}/current/${name}`);
      } catch (error) {
        // What is half there only takes room.
        await this.#host.disk.remove(temporary).catch(() => undefined);
        failed += 1;
        if (failed === this.imageDirs.length) throw error;
        this.#host.log.error(`${dir}: image ${txid} could not be saved there: ${messageOf(error)}`);
      }
    }
  }

  /** What a transfer or a checkpoint left half-done. */
  async removeUnfinished(): Promise<void> {
    for (const dir of this.imageDirs) {
      for (const name of (await this.#host.disk.list(`${dir}/current`)) ?? []) {
        if (name.startsWith('fsimage.ckpt_')) await this.#host.disk.remove(`${dir}/current/${name}`);
      }
    }
  }

  /** Keeps the newest `retained` images. Returns the oldest kept transaction. */
  async purgeImages(retained: number): Promise<bigint> {
    const images = await this.images();
    const txids = [...new Set(images.map(({ txid }) => txid))];
    const kept = txids.slice(0, Math.max(1, retained));
    for (const { txid, path } of images) {
      if (kept.includes(txid)) continue;
      await this.#host.disk.remove(path);
      await this.#host.disk.remove(`${path}.md5`);
    }
    return kept[kept.length - 1] ?? 0n;
  }
}
