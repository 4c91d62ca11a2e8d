/**
 * Answers what needs no transaction, from this server's own tree, and sets the watches that come with it. Mirrors the
 * reading half of org.apache.zookeeper.server.FinalRequestProcessor.
 */
import { ByteReader } from '../../base/bytes.js';
import type { ByteWriter } from '../../base/bytes.js';
import { hasCode } from '../../base/errors.js';
import { readAddWatchRequest } from '../../wire/zookeeper/client/add-watch.js';
import { readCheckWatchesRequest } from '../../wire/zookeeper/client/check-watches.js';
import { readExistsRequest } from '../../wire/zookeeper/client/exists.js';
import { writeGetAclResponse } from '../../wire/zookeeper/client/get-acl-response.js';
import { readGetAclRequest } from '../../wire/zookeeper/client/get-acl.js';
import { readGetAllChildrenNumberRequest } from '../../wire/zookeeper/client/get-all-children-number.js';
import { readGetChildrenRequest } from '../../wire/zookeeper/client/get-children.js';
import { readGetDataRequest } from '../../wire/zookeeper/client/get-data.js';
import { readGetEphemeralsRequest } from '../../wire/zookeeper/client/get-ephemerals.js';
import { AddWatchMode, WatchEventType, WatcherType, Xid } from '../../wire/zookeeper/client/modes.js';
import { readMultiRequest, writeMultiResponse } from '../../wire/zookeeper/client/multi.js';
import type { MultiOp, MultiResult } from '../../wire/zookeeper/client/multi.js';
import { readRemoveWatchesRequest } from '../../wire/zookeeper/client/remove-watches.js';
import { readSetWatches } from '../../wire/zookeeper/client/set-watches.js';
import { readSetWatches2 } from '../../wire/zookeeper/client/set-watches2.js';
import type { SetWatches2 } from '../../wire/zookeeper/client/set-watches2.js';
import type { Acl, Id } from '../../wire/zookeeper/data/acl.js';
import { Perms } from '../../wire/zookeeper/data/acl.js';
import { writeClientInfos } from '../../wire/zookeeper/data/client-info.js';
import type { ClientInfo } from '../../wire/zookeeper/data/client-info.js';
import { writeStat } from '../../wire/zookeeper/data/stat.js';
import { ErrorCode } from '../../wire/zookeeper/error-code.js';
import { Op } from '../../wire/zookeeper/op.js';
import { writeBuffer, writeUstrings } from '../../wire/jute/jute.js';
import type { DataNode } from '../tree/data-node.js';
import type { DataTree } from '../tree/data-tree.js';
import type { ClientConnection } from './connection.js';
import { HEADER_BYTES } from './request-order.js';
import type { ClientRequest } from './request-order.js';

/** Answers one request, with an error reply if it must. `zxid`: last applied here. */
export function answerRead(tree: DataTree, connection: ClientConnection, request: ClientRequest, zxid: bigint): void {
  let err: number;
  try {
    err = dispatch(tree, connection, request, zxid);
  } catch (error) {
    if (!hasCode(error, 'MALFORMED')) throw error;
    err = ErrorCode.MARSHALLINGERROR;
  }
  if (err !== ErrorCode.OK) connection.replyHeader(request.xid, zxid, err);
}

/** Either writes the whole reply and returns OK, or writes nothing and returns what is wrong. */
function dispatch(tree: DataTree, connection: ClientConnection, request: ClientRequest, zxid: bigint): number {
  const r = new ByteReader(request.frame, HEADER_BYTES);
  const { identities } = request;
  const at = connection.mark;
  const ok = (): ByteWriter => connection.begin().i32(request.xid).i64(zxid).i32(ErrorCode.OK);
  switch (request.op) {
    case Op.getData: {
      const { path, watch } = readGetDataRequest(r);
      const node = tree.node(path);
      if (node === undefined) return ErrorCode.NONODE;
      if (!mayRead(tree, node, identities)) return ErrorCode.NOAUTH;
      if (watch) tree.dataWatches.add(path, connection);
      const w = ok();
      writeBuffer(w, node.data);
      writeStat(w, tree.statOf(node));
      break;
    }
    case Op.exists: {
      const { path, watch } = readExistsRequest(r);
      if (path.includes('\0')) return ErrorCode.BADARGUMENTS;
      const node = tree.node(path);
      if (node !== undefined && !mayRead(tree, node, identities)) return ErrorCode.NOAUTH;
      if (watch) tree.dataWatches.add(path, connection);
      if (node === undefined) return ErrorCode.NONODE;
      writeStat(ok(), tree.statOf(node));
      break;
    }
    case Op.getChildren:
    case Op.getChildren2: {
      const { path, watch } = readGetChildrenRequest(r);
      const node = tree.node(path);
      if (node === undefined) return ErrorCode.NONODE;
      if (!mayRead(tree, node, identities)) return ErrorCode.NOAUTH;
      if (watch) tree.childWatches.add(path, connection);
      const w = ok();
      writeUstrings(w, childrenOf(node));
      if (request.op === Op.getChildren2) writeStat(w, tree.statOf(node));
      break;
    }
    case Op.getAllChildrenNumber: {
      const { path } = readGetAllChildrenNumberRequest(r);
      const node = tree.node(path);
      if (node === undefined) return ErrorCode.NONODE;
      if (!mayRead(tree, node, identities)) return ErrorCode.NOAUTH;
      ok().i32(tree.countBelow(path));
      break;
    }
    case Op.getEphemerals: {
      const { prefixPath } = readGetEphemeralsRequest(r);
      const all = [...(tree.ephemerals.get(connection.sessionId) ?? [])];
      const everything = ['', '/'].includes(prefixPath.trim());
      writeUstrings(ok(), everything ? all : all.filter((path) => path.startsWith(prefixPath)));
      break;
    }
    case Op.getACL: {
      const { path } = readGetAclRequest(r);
      const node = tree.node(path);
      if (node === undefined) return ErrorCode.NONODE;
      const acl = tree.aclOf(node);
      if (!tree.permits(acl, Perms.READ | Perms.ADMIN, identities)) return ErrorCode.NOAUTH;
      const shown = tree.permits(acl, Perms.ADMIN, identities) ? acl : acl.map(withoutSecret);
      writeGetAclResponse(ok(), { acl: shown, stat: tree.statOf(node) });
      break;
    }
    case Op.ping:
      // Whatever xid it came with.
      connection.replyHeader(Xid.ping, zxid, ErrorCode.OK);
      return ErrorCode.OK;
    case Op.multiRead: {
      const results: MultiResult[] = [];
      let err: number = ErrorCode.OK;
      for (const part of readMultiRequest(r)) {
        if (part.op !== Op.getData && part.op !== Op.getChildren) {
          // What was read so far is sent all the same.
          err = ErrorCode.MARSHALLINGERROR;
          break;
        }
        results.push(readPart(tree, connection, part, identities));
      }
      writeMultiResponse(connection.begin().i32(request.xid).i64(zxid).i32(err), results);
      break;
    }
    case Op.setWatches: {
      const asked = readSetWatches(r);
      setWatches(tree, connection, { ...asked, persistentWatches: [], persistentRecursiveWatches: [] });
      return reply(connection, request.xid, zxid);
    }
    case Op.setWatches2:
      setWatches(tree, connection, readSetWatches2(r));
      return reply(connection, request.xid, zxid);
    case Op.addWatch: {
      const { path, mode } = readAddWatchRequest(r);
      if (mode !== AddWatchMode.PERSISTENT && mode !== AddWatchMode.PERSISTENT_RECURSIVE)
        return ErrorCode.MARSHALLINGERROR;
      const kind = mode === AddWatchMode.PERSISTENT ? 'persistent' : 'recursive';
      tree.dataWatches.add(path, connection, kind);
      tree.childWatches.add(path, connection, kind);
      ok().i32(ErrorCode.OK);
      break;
    }
    case Op.checkWatches: {
      const { path, type } = readCheckWatchesRequest(r);
      if (type < WatcherType.Children || type > WatcherType.Any) return ErrorCode.MARSHALLINGERROR;
      const found =
        (type !== WatcherType.Data && tree.childWatches.has(path, connection)) ||
        (type !== WatcherType.Children && tree.dataWatches.has(path, connection));
      if (!found) return ErrorCode.NOWATCHER;
      ok();
      break;
    }
    case Op.removeWatches: {
      const { path, type } = readRemoveWatchesRequest(r);
      if (type < WatcherType.Children || type > WatcherType.Any) return ErrorCode.MARSHALLINGERROR;
      const child = type !== WatcherType.Data && tree.childWatches.remove(path, connection);
      const data = type !== WatcherType.Children && tree.dataWatches.remove(path, connection);
      if (!child && !data) return ErrorCode.NOWATCHER;
      ok();
      break;
    }
    case Op.whoAmI:
      writeClientInfos(ok(), identities.map(clientInfo));
      break;
    default:
      return ErrorCode.UNIMPLEMENTED;
  }
  connection.finish(at);
  return ErrorCode.OK;
}

function readPart(
  tree: DataTree,
  connection: ClientConnection,
  part: Extract<MultiOp, { op: typeof Op.getData | typeof Op.getChildren }>,
  identities: readonly Id[],
): MultiResult {
  const { path, watch } = part.request;
  const node = tree.node(path);
  if (node === undefined) return { op: Op.error, err: ErrorCode.NONODE };
  if (!mayRead(tree, node, identities)) return { op: Op.error, err: ErrorCode.NOAUTH };
  if (watch) (part.op === Op.getData ? tree.dataWatches : tree.childWatches).add(path, connection);
  if (part.op === Op.getData) return { op: part.op, data: node.data, stat: tree.statOf(node) };
  return { op: part.op, children: childrenOf(node) };
}

function reply(connection: ClientConnection, xid: number, zxid: bigint): number {
  connection.replyHeader(xid, zxid, ErrorCode.OK);
  return ErrorCode.OK;
}

/** What has happened since the client last heard fires at once, before the reply; the rest is watched from now on. */
function setWatches(tree: DataTree, connection: ClientConnection, asked: SetWatches2): void {
  const { relativeZxid } = asked;
  for (const path of asked.dataWatches) {
    const node = tree.node(path);
    if (node === undefined) connection.notify(WatchEventType.NodeDeleted, path, undefined);
    else if (node.stat.mzxid > relativeZxid) connection.notify(WatchEventType.NodeDataChanged, path, undefined);
    else tree.dataWatches.add(path, connection);
  }
  for (const path of asked.existWatches) {
    if (tree.node(path) !== undefined) connection.notify(WatchEventType.NodeCreated, path, undefined);
    else tree.dataWatches.add(path, connection);
  }
  for (const path of asked.childWatches) {
    const node = tree.node(path);
    if (node === undefined) connection.notify(WatchEventType.NodeDeleted, path, undefined);
    else if (node.stat.pzxid > relativeZxid) connection.notify(WatchEventType.NodeChildrenChanged, path, undefined);
    else tree.childWatches.add(path, connection);
  }
  for (const path of asked.persistentWatches) {
    tree.childWatches.add(path, connection, 'persistent');
    tree.dataWatches.add(path, connection, 'persistent');
  }
  for (const path of asked.persistentRecursiveWatches) {
    tree.childWatches.add(path, connection, 'recursive');
    tree.dataWatches.add(path, connection, 'recursive');
  }
}

/** Of a digest only the user's name. */
function clientInfo({ scheme, id }: Id): ClientInfo {
  return { authScheme: scheme, user: scheme === 'digest' ? id.split(':')[0]! : id };
}

function mayRead(tree: DataTree, node: DataNode, identities: readonly Id[]): boolean {
  return tree.permits(tree.aclOf(node), Perms.READ, identities);
}

function childrenOf(node: DataNode): string[] {
  return node.children === undefined ? [] : [...node.children];
}

/** A digest is as good as the password's hash: only administrators of a node see it. */
function withoutSecret(acl: Acl): Acl {
  if (acl.id.scheme !== 'digest') return acl;
  return { perms: acl.perms, id: { scheme: 'digest', id: acl.id.id.replace(/:.*/, ':x') } };
}
