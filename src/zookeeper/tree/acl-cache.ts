/**
 * Each distinct ACL list once, under a number that nodes refer to and snapshots hold. Mirrors
 * org.apache.zookeeper.server.ReferenceCountedACLCache.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { readVectorLength } from '../../wire/jute/jute.js';
import { OPEN_ACL_UNSAFE, readAcls, writeAcls } from '../../wire/zookeeper/data/acl.js';
import type { Acl } from '../../wire/zookeeper/data/acl.js';

/** Not in the table: everything for everyone, of the nodes that were there first. */
export const OPEN_ACL_ID = -1;

interface Entry {
  readonly acls: readonly Acl[];
  readonly key: string;
  uses: number;
}

export class AclCache {
  readonly #entries = new Map<number, Entry>();
  readonly #ids = new Map<string, number>();
  #last = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** The number of the list, new if need be; counts one use. */
  use(acls: readonly Acl[]): number {
    const key = keyOf(acls);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = ++this.#last;
      this.#ids.set(key, id);
      this.#entries.set(id, { acls, key, uses: 0 });
    }
    this.#entries.get(id)!.uses++;
    return id;
  }

  /** Counts one more use of a number that is there. Throws LabError MALFORMED if it is not. */
  useAgain(id: number): void {
    if (id === OPEN_ACL_ID) return;
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new LabError('MALFORMED', `malformed snapshot: a node has ACL ${id}, which is not in the table`);
    entry.uses++;
  }

  release(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (--entry.uses > 0) return;
    this.#entries.delete(id);
    this.#ids.delete(entry.key);
  }

  get(id: number): readonly Acl[] {
    return this.#entries.get(id)?.acls ?? OPEN_ACL_UNSAFE;
  }

  clear(): void {
    this.#entries.clear();
    this.#ids.clear();
    this.#last = 0;
  }

  write(w: ByteWriter): void {
    w.i32(this.#entries.size);
    for (const [id, entry] of this.#entries) {
      w.i64(BigInt(id));
      writeAcls(w, entry.acls);
    }
  }

  /** Replaces the table; uses are counted as nodes are read (`useAgain`). Throws LabError MALFORMED. */
  read(r: ByteReader): void {
    this.clear();
    const count = readVectorLength(r, 12);
    for (let i = 0; i < count; i++) {
      const id = Number(r.i64());
      if (!Number.isSafeInteger(id) || id <= 0) throw new LabError('MALFORMED', `malformed snapshot: ACL number ${id}`);
      const acls = readAcls(r);
      const key = keyOf(acls);
      this.#entries.set(id, { acls, key, uses: 0 });
      this.#ids.set(key, id);
      if (id > this.#last) this.#last = id;
    }
  }

  /** After a snapshot has been read: what no node uses goes. */
  purgeUnused(): void {
    for (const [id, entry] of this.#entries) {
      if (entry.uses > 0) continue;
      this.#entries.delete(id);
      if (this.#ids.get(entry.key) === id) this.#ids.delete(entry.key);
    }
  }
}

function keyOf(acls: readonly Acl[]): string {
  let key = '';
  for (const acl of acls)
    key += `${acl.perms}:${acl.id.scheme.length}:${acl.id.scheme}:${acl.id.id.length}:${acl.id.id};`;
  return key;
}
