/**
 * The watches a client holds: each is set by a read, fires once (persistent ones each time), and is set anew on every
 * server the client moves to. Mirrors org.apache.zookeeper.ZKWatchManager.
 */
import { KeeperState, WatchEventType } from '../../wire/zookeeper/client/modes.js';
import type { WatcherEvent } from '../../wire/zookeeper/client/watcher-event.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import type { Chroot } from './chroot.js';

export interface WatchedEvent {
  readonly type: WatchEventType;
  /** As the client knows it, without the chroot. */
  readonly path: string;
}
export type Watcher = (event: WatchedEvent) => void;

export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'persistentRecursive';

const WATCH_KINDS: readonly WatchKind[] = ['data', 'exist', 'child', 'persistent', 'persistentRecursive'];
/** A SetWatches request is cut at about this many characters of paths. */
const SET_WATCHES_CHUNK = 128 * 1024;

/** Paths by kind, in the order in which they were set, for SetWatches. */
export type WatchedPaths = Readonly<Record<WatchKind, readonly string[]>>;

export class WatchRegistry {
  readonly #byKind: Readonly<Record<WatchKind, Map<string, Watcher[]>>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  };

  /** The same watcher twice on one path is one watch. */
  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const watchers = this.#byKind[kind].get(path);
    if (watchers === undefined) this.#byKind[kind].set(path, [watcher]);
    else if (!watchers.includes(watcher)) watchers.push(watcher);
  }

  /** A read that sets a watch is answered: a node that is not there is watched by `exists` alone. */
  answered(kind: WatchKind, path: string, watcher: Watcher, code: number): void {
    if (code === ErrorCode.OK) this.add(kind === 'exist' ? 'data' : kind, path, watcher);
    else if (code === ErrorCode.NONODE && kind === 'exist') this.add('exist', path, watcher);
  }

  /** A server tells of an event; its path is the server's own. */
  notify(event: WatcherEvent, chroot: Chroot): void {
    if (event.state !== KeeperState.SyncConnected) return;
    const path = chroot.toClient(event.path);
    const type = event.type as WatchEventType;
    for (const watcher of this.fire(type, path)) watcher({ type, path });
  }

  /** Takes out those whom the event concerns (persistent ones stay) and returns them, each once. */
  fire(type: WatchEventType, path: string): readonly Watcher[] {
    const out: Watcher[] = [];
    switch (type) {
      case WatchEventType.NodeCreated:
      case WatchEventType.NodeDataChanged:
        this.#take('data', path, out);
        this.#take('exist', path, out);
        break;
      case WatchEventType.NodeDeleted:
        this.#take('data', path, out);
        this.#take('exist', path, out);
        this.#take('child', path, out);
        break;
      case WatchEventType.NodeChildrenChanged:
        this.#take('child', path, out);
        break;
      default:
        break;
    }
    this.#look('persistent', path, out);
    if (type !== WatchEventType.NodeChildrenChanged && this.#byKind.persistentRecursive.size > 0) {
      for (let at = path; ; at = at.slice(0, Math.max(1, at.lastIndexOf('/')))) {
        this.#look('persistentRecursive', at, out);
        if (at === '/') break;
      }
    }
    return out;
  }

  /** Forgets every watch of these kinds on the path; returns those who watched, each once. */
  remove(kinds: readonly WatchKind[], path: string): readonly Watcher[] {
    const out: Watcher[] = [];
    for (const kind of kinds) this.#take(kind, path, out);
    return out;
  }

  /** All paths, as the server knows them, in portions for one SetWatches each. */
  chunks(chroot: Chroot): readonly WatchedPaths[] {
    const chunks: WatchedPaths[] = [];
    let size = Infinity;
    let chunk: Record<WatchKind, string[]>;
    for (const kind of WATCH_KINDS) {
      for (const path of this.#byKind[kind].keys()) {
        if (size >= SET_WATCHES_CHUNK) {
          size = 0;
          chunk = { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] };
          chunks.push(chunk);
        }
        const known = chroot.toServer(path);
        chunk![kind].push(known);
        size += known.length;
      }
    }
    return chunks;
  }

  #take(kind: WatchKind, path: string, out: Watcher[]): void {
    const watchers = this.#byKind[kind].get(path);
    if (watchers === undefined) return;
    this.#byKind[kind].delete(path);
    for (const watcher of watchers) if (!out.includes(watcher)) out.push(watcher);
  }

  #look(kind: WatchKind, path: string, out: Watcher[]): void {
    for (const watcher of this.#byKind[kind].get(path) ?? []) if (!out.includes(watcher)) out.push(watcher);
  }
}
