/**
 * Inodes: files and directories, linked to their parents. Times are milliseconds since 1970, modes carry the bits
 * 01777. Mirrors org.apache.hadoop.hdfs.server.namenode.{INodeFile, INodeDirectory} without snapshots, ACLs and
 * extended attributes.
 */
import type { Block } from '../../wire/edits/ops/writable.js';

/** INodeId.ROOT_INODE_ID; ids below are reserved, the first inode made is 16386. */
export const ROOT_INODE_ID = 16385;

/** HdfsConstants.BLOCK_STORAGE_POLICY_ID_UNSPECIFIED */
export const STORAGE_POLICY_UNSPECIFIED = 0;

const NO_BLOCKS: readonly Block[] = Object.freeze([]);

/** Who writes the file (FileUnderConstructionFeature). */
export interface UnderConstruction {
  clientName: string;
  readonly clientMachine: string;
}

export class InodeFile {
  readonly kind = 'file';
  readonly id: number;
  name: string;
  parent: InodeDirectory | undefined = undefined;
  user: string;
  group: string;
  mode: number;
  mtime: number;
  atime: number;
  replication: number;
  readonly blockSize: number;
  storagePolicyId: number;
  blocks: readonly Block[] = NO_BLOCKS;
  underConstruction: UnderConstruction | undefined = undefined;

  constructor(fields: {
    id: number;
    name: string;
    user: string;
    group: string;
    mode: number;
    mtime: number;
    atime: number;
    replication: number;
    blockSize: number;
    storagePolicyId: number;
  }) {
    this.id = fields.id;
    this.name = fields.name;
    this.user = fields.user;
    this.group = fields.group;
    this.mode = fields.mode;
    this.mtime = fields.mtime;
    this.atime = fields.atime;
    this.replication = fields.replication;
    this.blockSize = fields.blockSize;
    this.storagePolicyId = fields.storagePolicyId;
  }

  /** Bytes in its blocks; the last one of a file under construction counts as far as it was reported. */
  get length(): number {
    let sum = 0;
    for (const block of this.blocks) sum += block.numBytes;
    return sum;
  }
}

export class InodeDirectory {
  readonly kind = 'directory';
  readonly id: number;
  name: string;
  parent: InodeDirectory | undefined = undefined;
  user: string;
  group: string;
  mode: number;
  mtime: number;
  /** Never updated for directories, as in Hadoop. */
  readonly atime = 0;
  storagePolicyId = STORAGE_POLICY_UNSPECIFIED;
  nsQuota = -1n;
  dsQuota = -1n;
  readonly #children = new Map<string, Inode>();
  /** Children by name, made when a listing asks for it. */
  #sorted: Inode[] | undefined = undefined;

  constructor(fields: { id: number; name: string; user: string; group: string; mode: number; mtime: number }) {
    this.id = fields.id;
    this.name = fields.name;
    this.user = fields.user;
    this.group = fields.group;
    this.mode = fields.mode;
    this.mtime = fields.mtime;
  }

  get childCount(): number {
    return this.#children.size;
  }

  child(name: string): Inode | undefined {
    return this.#children.get(name);
  }

  addChild(inode: Inode): void {
    this.#children.set(inode.name, inode);
    inode.parent = this;
    if (this.#sorted !== undefined) this.#sorted.splice(indexAfter(this.#sorted, inode.name), 0, inode);
  }

  removeChild(inode: Inode): void {
    this.#children.delete(inode.name);
    inode.parent = undefined;
    if (this.#sorted !== undefined) {
      const at = indexAfter(this.#sorted, inode.name) - 1;
      if (this.#sorted[at] === inode) this.#sorted.splice(at, 1);
    }
  }

  /** In no particular order. */
  children(): IterableIterator<Inode> {
    return this.#children.values();
  }

  /** In HDFS's order of names. Not to be changed by the caller. */
  sortedChildren(): readonly Inode[] {
    this.#sorted ??= [...this.#children.values()].sort((a, b) => compareNames(a.name, b.name));
    return this.#sorted;
  }
}

export type Inode = InodeFile | InodeDirectory;

/** Index of the first child whose name is greater than `name`. */
export function indexAfter(sorted: readonly Inode[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(sorted[middle]!.name, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * HDFS's order of names: UTF-8 bytes as Java's signed bytes, so that whatever is not ASCII comes before what is; among
 * the rest, code points (UTF-16 surrogates stand above U+E000..U+FFFF). An image must have its children in this order:
 * Hadoop searches them by halves. Mirrors DFSUtilClient.compareBytes.
 */
export function compareNames(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x < 0x80 !== y < 0x80) return x < 0x80 ? 1 : -1;
    const surrogate = x >= 0xd800 && y >= 0xd800 && x <= 0xdfff !== y <= 0xdfff;
    return x < y === !surrogate ? -1 : 1;
  }
  return a.length - b.length;
}

/** The inode's absolute path. */
export function pathOf(inode: Inode): string {
  if (inode.parent === undefined) return inode.id === ROOT_INODE_ID ? '/' : inode.name;
  let path = '';
  for (let at: Inode = inode; at.parent !== undefined; at = at.parent) path = `/${at.name}${path}`;
  return path;
}
