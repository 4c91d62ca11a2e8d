/**
 * The namespace in memory: the tree, inode ids, leases, the retry cache and the counters that an image carries. One
 * file an operation beside this one; each checks, changes the tree and logs what it did. Nothing here waits, reads a
 * clock of its own or knows of journals: `log` numbers an edit and keeps it, replies are held back elsewhere. Mirrors
 * FSDirectory and FSNamesystem.
 *
 * Calling order: load (image, then `apply` for edits), `openForWrite(journal)` on becoming active, operations,
 * `closeForWrite()`.
 */
import { assert } from '../../base/errors.js';
import type { EditOp } from '../../wire/edits/ops/ops.js';
import type { RpcIds } from '../../wire/edits/ops/writable.js';
import { HadoopError, invalidPath } from './errors.js';
import { InodeDirectory, ROOT_INODE_ID } from './inode.js';
import type { Inode } from './inode.js';
import { Leases } from './leases.js';
import { isValidName, prefixPath, resolve } from './path.js';
import type { ResolvedPath } from './path.js';
import { checkTraverse } from './permissions.js';
import type { Caller } from './permissions.js';
import { RetryCache } from './retry-cache.js';
import type { FileStatus } from './file-status.js';

export interface NamespaceLimits {
  /** dfs.permissions.enabled */
  readonly permissionsEnabled: boolean;
  /** Owner of the root directory, and superuser: the user the NameNode runs as. */
  readonly superUser: string;
  /** dfs.permissions.superusergroup */
  readonly superGroup: string;
  /** dfs.namenode.fs-limits.max-component-length; 0: none */
  readonly maxComponentLength: number;
  /** dfs.namenode.fs-limits.max-directory-items */
  readonly maxDirectoryItems: number;
  /** dfs.namenode.fs-limits.min-block-size */
  readonly minBlockSize: number;
  /** dfs.namenode.replication.min and dfs.replication.max */
  readonly minReplication: number;
  readonly maxReplication: number;
  /** dfs.ls.limit */
  readonly lsLimit: number;
  /** dfs.namenode.accesstime.precision; 0: access times are not kept */
  readonly accessTimePrecisionMs: number;
  /** dfs.namenode.retrycache.expirytime.millis */
  readonly retryCacheExpiryMs: number;
  /** dfs.namenode.enable.retrycache */
  readonly retryCacheEnabled: boolean;
}

/** Monotonic for periods, wall clock for what is stored. */
export interface NamespaceClock {
  nowMs(): number;
  wallMs(): number;
}

/** Where edits go: numbers them, keeps them in order. */
export interface EditSink {
  /** Returns the transaction id. */
  append(op: EditOp): bigint;
}

/**
 * What an operation answers, and the transaction that must be durable before anyone may hear it: the operation's own
 * last edit, or, if it changed nothing, the last one that it may have seen.
 */
export interface Applied<T> {
  readonly value: T;
  readonly txid: bigint;
}

/** What a retried call is answered with. */
export type RetryPayload = FileStatus | undefined;

const RETRY_CACHE_MAX_ENTRIES = 65_536;

/** BlockIdManager's counters, which the image and the edits carry. */
export interface BlockIds {
  genStampV1: number;
  genStampV2: number;
  genStampV1Limit: number;
  lastAllocatedBlockId: bigint;
}

export class Namespace {
  readonly limits: NamespaceLimits;
  readonly clock: NamespaceClock;
  /** When it was formatted (NamespaceInfo.cTime), wall clock. */
  readonly createdMs: number;
  readonly leases: Leases;
  readonly retryCache: RetryCache<RetryPayload>;
  readonly #inodes = new Map<number, Inode>();
  #root: InodeDirectory;
  lastInodeId = ROOT_INODE_ID;
  readonly blockIds: BlockIds = {
    genStampV1: 1000,
    genStampV2: 1000,
    genStampV1Limit: 0,
    lastAllocatedBlockId: 1073741824n,
  };
  #blocksSeen = false;
  #sink: EditSink | undefined = undefined;
  /** The last transaction that this namespace contains, applied or written. */
  lastTxid = 0n;

  constructor(limits: NamespaceLimits, clock: NamespaceClock, createdMs = 0) {
    this.limits = limits;
    this.createdMs = createdMs;
    this.clock = clock;
    this.leases = new Leases(clock.nowMs);
    this.retryCache = new RetryCache({
      nowMs: clock.nowMs,
      expiryMs: limits.retryCacheExpiryMs,
      maxEntries: RETRY_CACHE_MAX_ENTRIES,
    });
    this.#root = this.#makeRoot();
  }

  #makeRoot(): InodeDirectory {
    const root = new InodeDirectory({
      id: ROOT_INODE_ID,
      name: '',
      user: this.limits.superUser,
      group: this.limits.superGroup,
      mode: 0o755,
      mtime: 0,
    });
    // DirectoryWithQuotaFeature's default for the root: no limit, but a quota.
    root.nsQuota = 0x7fffffffffffffffn;
    this.#inodes.set(root.id, root);
    return root;
  }

  /** Back to an empty tree, before an image is loaded. */
  clear(): void {
    this.#inodes.clear();
    this.leases.clear();
    this.retryCache.clear();
    this.lastInodeId = ROOT_INODE_ID;
    Object.assign(this.blockIds, {
      genStampV1: 1000,
      genStampV2: 1000,
      genStampV1Limit: 0,
      lastAllocatedBlockId: 1073741824n,
    });
    this.lastTxid = 0n;
    this.#root = this.#makeRoot();
  }

  get root(): InodeDirectory {
    return this.#root;
  }

  /** Files and directories, the root included (FSNamesystem's FilesTotal). */
  get inodeCount(): number {
    return this.#inodes.size;
  }

  inode(id: number): Inode | undefined {
    return this.#inodes.get(id);
  }

  /** In the order in which they were made or loaded. */
  inodes(): IterableIterator<Inode> {
    return this.#inodes.values();
  }

  /** Some file has, or had, blocks: only an image or edits of another make bring any. */
  noteBlocks(blocks: readonly unknown[]): void {
    if (blocks.length > 0) this.#blocksSeen = true;
  }

  /** Blocks in all files: what safe mode waits for. */
  countBlocks(): number {
    if (!this.#blocksSeen) return 0;
    let count = 0;
    for (const inode of this.#inodes.values()) if (inode.kind === 'file') count += inode.blocks.length;
    return count;
  }

  openForWrite(sink: EditSink): void {
    this.#sink = sink;
  }

  closeForWrite(): void {
    this.#sink = undefined;
  }

  /** The end of an operation. */
  applied<T>(value: T): Applied<T> {
    return { value, txid: this.lastTxid };
  }

  /** Numbers and keeps an edit of this very change. */
  log(op: EditOp): bigint {
    assert(this.#sink !== undefined, 'an edit while the log is not open for write');
    this.lastTxid = this.#sink.append(op);
    return this.lastTxid;
  }

  /** After `log`, for operations that must not be done twice. */
  remember(ids: RpcIds, payload: RetryPayload): void {
    if (this.limits.retryCacheEnabled) this.retryCache.put(ids.clientId, ids.callId, { txid: this.lastTxid, payload });
  }

  /**
   * The inodes along a path, every ancestor a directory that the caller may pass. `creating`: the name must be a valid
   * one.
   */
  resolve(caller: Caller, path: string, creating = false): ResolvedPath {
    if (creating && !isValidName(path)) throw invalidPath(`Invalid file name: ${path}`);
    const resolved = this.resolveUnchecked(path);
    checkTraverse(caller, resolved, { enabled: this.limits.permissionsEnabled, creating });
    return resolved;
  }

  /** Without any check: for edits that were checked when they were made. */
  resolveUnchecked(path: string): ResolvedPath {
    return resolve(this.#root, path, (id) => this.#inodes.get(id));
  }

  allocateInodeId(): number {
    return ++this.lastInodeId;
  }

  /** Hangs an inode into the tree. The caller has verified limits. */
  link(parent: InodeDirectory, inode: Inode): void {
    parent.addChild(inode);
    this.#inodes.set(inode.id, inode);
  }

  /** An inode of an image, before its directory is known. */
  adopt(inode: Inode): void {
    if (inode.kind === 'file') this.noteBlocks(inode.blocks);
    this.#inodes.set(inode.id, inode);
  }

  /** Takes a subtree out for good: inodes and leases go. Returns how many inodes went. */
  unlink(inode: Inode): number {
    inode.parent?.removeChild(inode);
    let removed = 0;
    const open: Inode[] = [inode];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      removed++;
      this.#inodes.delete(at.id);
      if (at.kind === 'directory') for (const child of at.children()) open.push(child);
      else if (at.underConstruction !== undefined) this.leases.remove(at.id);
    }
    return removed;
  }

  /** Limits of names and of directories; throws as Hadoop's FSLimitException classes. */
  verifyNewChild(parent: InodeDirectory, name: string, parentsPath: string): void {
    this.verifyComponentLength(name, parentsPath);
    this.verifyDirectoryItems(parent, parentsPath);
    this.verifyName(parent, name);
  }

  verifyComponentLength(name: string, parentsPath: string): void {
    const { maxComponentLength } = this.limits;
    if (maxComponentLength === 0 || name.length * 3 <= maxComponentLength) return;
    const length = Buffer.byteLength(name);
    if (length > maxComponentLength) {
      throw new HadoopError(
        'PathComponentTooLongException',
        `The maximum path component name limit of ${name} in directory ${parentsPath} is exceeded: ` +
          `limit=${maxComponentLength} length=${length}`,
      );
    }
  }

  verifyDirectoryItems(parent: InodeDirectory, parentsPath: string): void {
    if (parent.childCount >= this.limits.maxDirectoryItems) {
      throw new HadoopError(
        'MaxDirectoryItemsExceededException',
        `The directory item limit of ${parentsPath} is exceeded: limit=${this.limits.maxDirectoryItems} ` +
          `items=${parent.childCount}`,
      );
    }
  }

  verifyName(parent: InodeDirectory, name: string): void {
    if (name === '.snapshot')
      throw new HadoopError('HadoopIllegalArgumentException', '".snapshot" is a reserved name.');
    if (name === '.reserved' && parent === this.#root) {
      throw new HadoopError(
        'HadoopIllegalArgumentException',
        'File name ".reserved" is reserved and cannot be created. If this is during upgrade change the name of the ' +
          'existing file or ' +
          'directory to another name before upgrading to the new release.',
      );
    }
  }

  /** `createParent` was not asked for: the parent must be there. */
  verifyParentDirectory(resolved: ResolvedPath): void {
    const { inodes, components } = resolved;
    if (components.length < 2) return;
    const parent = inodes[inodes.length - 2];
    const path = prefixPath(components, components.length - 1);
    if (parent === undefined) throw new HadoopError('FileNotFoundException', `Parent directory doesn't exist: ${path}`);
    if (parent.kind !== 'directory')
      throw new HadoopError('ParentNotDirectoryException', `Parent path is not a directory: ${path}`);
  }
}
