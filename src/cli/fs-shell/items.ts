/**
 * Paths of a command line with what is there: patterns expanded, each found entry shown as it was asked for. Mirrors
 * PathData and Globber.
 */
import { listDirectory } from '../../namenode/client/list-directory.js';
import { HdfsFileStatusProto_FileType, type HdfsFileStatusProto } from '../../wire/hadoop/gen/hdfs.js';
import { CommandFault, MISSING, PathFault } from './fault.js';
import type { FileSystem, FileSystems } from './file-systems.js';
import { absolute, childOf, parsePath, shownAs } from './fs-path.js';
import { expandBraces, isGlob, nameMatcher, unquoted } from './glob.js';

export interface Item {
  readonly fs: FileSystem;
  /** For people. */
  readonly shown: string;
  /** For the NameNode. */
  readonly path: string;
  /** Undefined: nothing is there. */
  readonly status: HdfsFileStatusProto | undefined;
}

export function isDirectory(status: HdfsFileStatusProto | undefined): boolean {
  return status?.fileType === HdfsFileStatusProto_FileType.IS_DIR;
}

/** With its file system in front. */
export function wholePath(item: Item): string {
  return `${item.fs.uri}${item.path}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export async function statusAt(fs: FileSystem, path: string): Promise<HdfsFileStatusProto | undefined> {
  return (await fs.call('getFileInfo', { src: path })).fs;
}

export async function parentExists(item: Item): Promise<boolean> {
  // A name that ends with a slash has no parent but itself.
  if (item.shown.length > 1 && item.shown.endsWith('/')) return false;
  return (await statusAt(item.fs, parentOf(item.path))) !== undefined;
}

export async function childrenOf(fs: FileSystem, path: string): Promise<readonly HdfsFileStatusProto[]> {
  const found = await listDirectory((request) => fs.call('getListing', request), path);
  if (found === undefined) throw new CommandFault(`File ${fs.uri}${path} does not exist.`);
  return found;
}

export function childItem(item: Item, status: HdfsFileStatusProto): Item {
  const name = status.path.toString('utf8');
  return { fs: item.fs, shown: childOf(item.shown, name), path: childOf(item.path, name), status };
}

/** The child that a command puts into a directory. */
export async function childNamed(item: Item, name: string): Promise<Item> {
  const path = childOf(item.path, name);
  return { fs: item.fs, shown: childOf(item.shown, name), path, status: await statusAt(item.fs, path) };
}

export class Items {
  readonly #fileSystems: FileSystems;
  readonly #home: string;

  constructor(fileSystems: FileSystems, home: string) {
    this.#fileSystems = fileSystems;
    this.#home = home;
  }

  /**
   * What a word of the command line means: what a pattern fits, in order; otherwise one item, be it there or not.
   * Rejects PathFault where a pattern fits nothing, LineFault where the word is no path.
   */
  async expand(word: string): Promise<readonly Item[]> {
    const typed = parsePath(word);
    const fs = await this.#fileSystems.of(typed);
    if (!isGlob(typed.path)) {
      const path = absolute(typed, this.#home);
      const status = await statusAt(fs, path);
      // What is there is shown by its plain name, what is not as it was typed.
      return [{ fs, path, status, shown: status === undefined ? word : shownAs(typed, path, this.#home) }];
    }
    const found: Item[] = [];
    for (const pattern of expandBraces(typed.path)) {
      for (const { path, status } of await this.#matches(fs, absolute({ ...typed, path: pattern }, this.#home)))
        found.push({ fs, path, status, shown: shownAs(typed, path, this.#home) });
    }
    if (found.length === 0) throw new PathFault(word, MISSING);
    return found.sort((a, b) => (a.shown < b.shown ? -1 : a.shown > b.shown ? 1 : 0));
  }

  async #matches(fs: FileSystem, pattern: string): Promise<{ path: string; status: HdfsFileStatusProto }[]> {
    let paths = ['/'];
    for (const part of pattern.split('/').filter((name) => name !== '')) {
      const next: string[] = [];
      for (const path of paths) {
        if (!isGlob(part)) {
          next.push(childOf(path, unquoted(part)));
          continue;
        }
        if (!isDirectory(await statusAt(fs, path))) continue;
        const fits = nameMatcher(part);
        for (const { path: name } of await childrenOf(fs, path)) {
          const text = name.toString('utf8');
          if (fits.test(text)) next.push(childOf(path, text));
        }
      }
      paths = next;
    }
    const found: { path: string; status: HdfsFileStatusProto }[] = [];
    for (const path of paths) {
      const status = await statusAt(fs, path);
      if (status !== undefined) found.push({ path, status });
    }
    return found;
  }
}
