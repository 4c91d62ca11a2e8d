/**
 * Sessions and tree as one run of bytes: the body of a snapshot file and what follows a SNAP packet. Mirrors
 * SerializeUtils.serializeSnapshot and DataTree.serialize. What a file has around it (header, checksum, digest) is not
 * here, nor is the signature after a SNAP.
 *
 * snapshot := count int, (session long, timeOut int)*, AclCache, (path ustring, node)*, "/" ustring
 * AclCache := count int, (id long, acls vector<ACL>)*;  node := data buffer, acl long, StatPersisted; parents before
 * children
 */
import { ByteReader, ByteWriter } from '../../base/bytes.js';
import { LabError } from '../../base/errors.js';
import { readBuffer, readUstring, readVectorLength, writeBuffer, writeUstring } from '../../wire/jute/jute.js';
import { readStatPersisted, writeStatPersisted } from '../../wire/zookeeper/data/stat.js';
import { DataNode } from './data-node.js';
import type { DataTree } from './data-tree.js';

/** `sessions`: id -> time-out in milliseconds. */
export function writeSnapshot(tree: DataTree, sessions: ReadonlyMap<bigint, number>): Buffer {
  const w = new ByteWriter(1 << 16);
  w.i32(sessions.size);
  for (const [session, timeoutMs] of sessions) w.i64(session).i32(timeoutMs);
  tree.acls.write(w);
  // A stack of our own: a path may be deeper than the machine's.
  const stack = [''];
  while (stack.length > 0) {
    const path = stack.pop()!;
    const node = tree.nodes.get(path);
    if (node === undefined) continue;
    writeUstring(w, path);
    writeBuffer(w, node.data);
    w.i64(BigInt(node.acl));
    writeStatPersisted(w, node.stat);
    if (node.children === undefined) continue;
    const at = stack.length;
    for (const name of node.children) stack.push(`${path}/${name}`);
    reverse(stack, at);
  }
  writeUstring(w, '/');
  return w.take();
}

/**
 * Fills the tree anew and returns the sessions. What follows the snapshot in `bytes` is left alone. Throws LabError
 * MALFORMED; the tree is as at zxid 0 then.
 */
export function readSnapshot(tree: DataTree, bytes: Uint8Array): Map<bigint, number> {
  try {
    const r = new ByteReader(bytes);
    const sessions = new Map<bigint, number>();
    const count = readVectorLength(r, 12);
    for (let i = 0; i < count; i++) sessions.set(r.i64(), r.i32());
    tree.beginRestore();
    tree.acls.read(r);
    for (;;) {
      const path = readUstring(r);
      if (path === '/') break;
      const data = readBuffer(r);
      const acl = Number(r.i64());
      tree.place(path, new DataNode(data, acl, readStatPersisted(r)));
    }
    tree.placed();
    return sessions;
  } catch (error) {
    tree.clear();
    if (error instanceof LabError) throw error;
    throw new LabError('MALFORMED', 'malformed snapshot', { cause: error });
  }
}

function reverse(array: string[], from: number): void {
  for (let i = from, j = array.length - 1; i < j; i++, j--) {
    const swap = array[i]!;
    array[i] = array[j]!;
    array[j] = swap;
  }
}
