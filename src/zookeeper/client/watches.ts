/**
 * The watches a client holds: each is set by a read, fires once (persistent ones each time), and is set anew on every
 * server the client moves to. Mirrors org.apache.zookeeper.ZKWatchManager.
 */
import { WatchEventType } from '../../wire/zookeeper/client/modes.js';

export interface WatchedEvent {
  readonly type: WatchEventType;
  /** As the client knows it, without the chroot. */
  readonly path: string;
}
export type Watcher = (event: WatchedEvent) => void;

export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'persistentRecursive';

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

  paths(): WatchedPaths {
    return {
      data: [...this.#byKind.data.keys()],
      exist: [...this.#byKind.exist.keys()],
      child: [...this.#byKind.child.keys()],
      persistent: [...this.#byKind.persistent.keys()],
      persistentRecursive: [...this.#byKind.persistentRecursive.keys()],
    };
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
