/**
 * Who waits for what. One-shot watches go when they fire; persistent ones stay; recursive ones also cover everything
 * below. There are two of these in a tree, one for data (getData, exists) and one for children (getChildren). Mirrors
 * org.apache.zookeeper.server.watch.WatchManager, but for containsWatcher, which there answers for other watchers too
 * (ZOOKEEPER-4466).
 */
import type { Acl } from '../../wire/zookeeper/data/acl.js';
import { WatchEventType } from '../../wire/zookeeper/client/modes.js';

export interface Watcher {
  readonly sessionId: bigint;
  /** `acl` is the node's: whoever may not read it is not told. */
  notify(type: WatchEventType, path: string, acl: readonly Acl[] | undefined): void;
}

export type WatchMode = 'once' | 'persistent' | 'recursive';

export class WatchTable {
  readonly #byPath = new Map<string, Map<Watcher, WatchMode>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  #recursive = 0;

  /** Number of watches. */
  get size(): number {
    let size = 0;
    for (const watchers of this.#byPath.values()) size += watchers.size;
    return size;
  }

  get pathCount(): number {
    return this.#byPath.size;
  }

  get watcherCount(): number {
    return this.#byWatcher.size;
  }

  add(path: string, watcher: Watcher, mode: WatchMode = 'once'): void {
    let watchers = this.#byPath.get(path);
    if (watchers === undefined) {
      watchers = new Map();
      this.#byPath.set(path, watchers);
    }
    if (watchers.get(watcher) === 'recursive') this.#recursive--;
    if (mode === 'recursive') this.#recursive++;
    watchers.set(watcher, mode);
    let paths = this.#byWatcher.get(watcher);
    if (paths === undefined) {
      paths = new Set();
      this.#byWatcher.set(watcher, paths);
    }
    paths.add(path);
  }

  /** Tells everyone who waits for this, except `except`; returns whom it told (or would have). */
  trigger(
    path: string,
    type: WatchEventType,
    acl: readonly Acl[] | undefined,
    except?: ReadonlySet<Watcher>,
  ): ReadonlySet<Watcher> | undefined {
    if (this.#byPath.size === 0) return undefined;
    let told: Set<Watcher> | undefined;
    const here = this.#byPath.get(path);
    if (here !== undefined) {
      for (const [watcher, mode] of here) {
        if (mode === 'recursive' && type === WatchEventType.NodeChildrenChanged) continue;
        (told ??= new Set()).add(watcher);
        if (mode === 'once') this.#drop(path, here, watcher);
      }
    }
    if (this.#recursive > 0 && type !== WatchEventType.NodeChildrenChanged) {
      for (let at = path; at !== '/' && at !== ''; ) {
        const slash = at.lastIndexOf('/');
        at = slash <= 0 ? '/' : at.slice(0, slash);
        for (const [watcher, mode] of this.#byPath.get(at) ?? [])
          if (mode === 'recursive') (told ??= new Set()).add(watcher);
      }
    }
    if (told === undefined) return undefined;
    for (const watcher of told) if (except === undefined || !except.has(watcher)) watcher.notify(type, path, acl);
    return told;
  }

  has(path: string, watcher: Watcher): boolean {
    if (this.#byPath.get(path)?.has(watcher) === true) return true;
    if (this.#recursive === 0) return false;
    for (let at = path; at !== '/' && at !== ''; ) {
      const slash = at.lastIndexOf('/');
      at = slash <= 0 ? '/' : at.slice(0, slash);
      if (this.#byPath.get(at)?.get(watcher) === 'recursive') return true;
    }
    return false;
  }

  /** False if there was none. */
  remove(path: string, watcher: Watcher): boolean {
    const watchers = this.#byPath.get(path);
    if (watchers === undefined || !watchers.has(watcher)) return false;
    this.#drop(path, watchers, watcher);
    return true;
  }

  /** All of a watcher's, when its connection ends. */
  removeAll(watcher: Watcher): void {
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) return;
    for (const path of [...paths]) this.#drop(path, this.#byPath.get(path)!, watcher);
  }

  /** For wchp: paths and who watches them. */
  paths(): ReadonlyMap<string, ReadonlyMap<Watcher, WatchMode>> {
    return this.#byPath;
  }

  /** For wchc: watchers and what they watch. */
  watchers(): ReadonlyMap<Watcher, ReadonlySet<string>> {
    return this.#byWatcher;
  }

  #drop(path: string, watchers: Map<Watcher, WatchMode>, watcher: Watcher): void {
    if (watchers.get(watcher) === 'recursive') this.#recursive--;
    watchers.delete(watcher);
    if (watchers.size === 0) this.#byPath.delete(path);
    const paths = this.#byWatcher.get(watcher)!;
    paths.delete(path);
    if (paths.size === 0) this.#byWatcher.delete(watcher);
  }
}
