/**
 * multi and multiRead: a list of operations, each behind a MultiHeader, closed by one with done = true. Mirrors
 * org.apache.zookeeper.MultiOperationRecord and MultiResponse.
 *
 * MultiHeader := type int, done bool, err int
 * request := (MultiHeader{type, false, -1}, record(type))*, MultiHeader{-1, true, -1}
 * response := (MultiHeader{type, false, err}, result(type))*, MultiHeader{-1, true, -1}
 */
import type { ByteReader, ByteWriter } from '../../../base/bytes.js';
import { LabError } from '../../../base/errors.js';
import type { Stat } from '../data/stat.js';
import { readStat, writeStat } from '../data/stat.js';
import { readBuffer, readUstring, readUstrings, writeBuffer, writeUstring, writeUstrings } from '../../jute/jute.js';
import { Op } from '../op.js';
import type { CheckVersionRequest } from './check-version.js';
import { readCheckVersionRequest, writeCheckVersionRequest } from './check-version.js';
import type { CreateTtlRequest } from './create-ttl.js';
import { readCreateTtlRequest, writeCreateTtlRequest } from './create-ttl.js';
import type { CreateRequest } from './create.js';
import { readCreateRequest, writeCreateRequest } from './create.js';
import type { DeleteRequest } from './delete.js';
import { readDeleteRequest, writeDeleteRequest } from './delete.js';
import type { GetChildrenRequest } from './get-children.js';
import { readGetChildrenRequest, writeGetChildrenRequest } from './get-children.js';
import type { GetDataRequest } from './get-data.js';
import { readGetDataRequest, writeGetDataRequest } from './get-data.js';
import type { SetDataRequest } from './set-data.js';
import { readSetDataRequest, writeSetDataRequest } from './set-data.js';

export type MultiOp =
  | { readonly op: typeof Op.create | typeof Op.create2 | typeof Op.createContainer; readonly request: CreateRequest }
  | { readonly op: typeof Op.createTTL; readonly request: CreateTtlRequest }
  | { readonly op: typeof Op.delete; readonly request: DeleteRequest }
  | { readonly op: typeof Op.setData; readonly request: SetDataRequest }
  | { readonly op: typeof Op.check; readonly request: CheckVersionRequest }
  | { readonly op: typeof Op.getChildren; readonly request: GetChildrenRequest }
  | { readonly op: typeof Op.getData; readonly request: GetDataRequest };

export type MultiResult =
  | { readonly op: typeof Op.create; readonly path: string }
  /** Also the result of createContainer and createTTL. */
  | { readonly op: typeof Op.create2; readonly path: string; readonly stat: Stat }
  | { readonly op: typeof Op.delete | typeof Op.check }
  | { readonly op: typeof Op.setData; readonly stat: Stat }
  | { readonly op: typeof Op.getChildren; readonly children: readonly string[] }
  | { readonly op: typeof Op.getData; readonly data: Buffer | null; readonly stat: Stat }
  /** `err` 0: rolled back because of another one; RUNTIMEINCONSISTENCY: came after the one that failed. */
  | { readonly op: typeof Op.error; readonly err: number };

interface MultiHeader {
  readonly type: number;
  readonly done: boolean;
  readonly err: number;
}

function writeHeader(w: ByteWriter, type: number, done: boolean, err: number): void {
  w.i32(type).bool(done).i32(err);
}

function readHeader(r: ByteReader): MultiHeader {
  return { type: r.i32(), done: r.bool(), err: r.i32() };
}

export function writeMultiRequest(w: ByteWriter, ops: readonly MultiOp[]): void {
  for (const entry of ops) {
    writeHeader(w, entry.op, false, -1);
    switch (entry.op) {
      case Op.create:
      case Op.create2:
      case Op.createContainer:
        writeCreateRequest(w, entry.request);
        break;
      case Op.createTTL:
        writeCreateTtlRequest(w, entry.request);
        break;
      case Op.delete:
        writeDeleteRequest(w, entry.request);
        break;
      case Op.setData:
        writeSetDataRequest(w, entry.request);
        break;
      case Op.check:
        writeCheckVersionRequest(w, entry.request);
        break;
      case Op.getChildren:
        writeGetChildrenRequest(w, entry.request);
        break;
      case Op.getData:
        writeGetDataRequest(w, entry.request);
        break;
    }
  }
  writeHeader(w, -1, true, -1);
}

/** Throws LabError MALFORMED, also for operations that a multi may not hold and for reads mixed with writes. */
export function readMultiRequest(r: ByteReader): MultiOp[] {
  const ops: MultiOp[] = [];
  let reads = 0;
  for (;;) {
    const { type, done } = readHeader(r);
    if (done) break;
    switch (type) {
      case Op.create:
      case Op.create2:
      case Op.createContainer:
        ops.push({ op: type, request: readCreateRequest(r) });
        break;
      case Op.createTTL:
        ops.push({ op: type, request: readCreateTtlRequest(r) });
        break;
      case Op.delete:
        ops.push({ op: type, request: readDeleteRequest(r) });
        break;
      case Op.setData:
        ops.push({ op: type, request: readSetDataRequest(r) });
        break;
      case Op.check:
        ops.push({ op: type, request: readCheckVersionRequest(r) });
        break;
      case Op.getChildren:
        ops.push({ op: type, request: readGetChildrenRequest(r) });
        reads++;
        break;
      case Op.getData:
        ops.push({ op: type, request: readGetDataRequest(r) });
        reads++;
        break;
      default:
        throw new LabError('MALFORMED', `malformed bytes: operation ${type} cannot be in a multi`);
    }
  }
  if (reads > 0 && reads < ops.length)
    throw new LabError('MALFORMED', 'malformed bytes: a multi mixes reads and writes');
  return ops;
}

export function writeMultiResponse(w: ByteWriter, results: readonly MultiResult[]): void {
  for (const result of results) {
    writeHeader(w, result.op, false, result.op === Op.error ? result.err : 0);
    switch (result.op) {
      case Op.create:
        writeUstring(w, result.path);
        break;
      case Op.create2:
        writeUstring(w, result.path);
        writeStat(w, result.stat);
        break;
      case Op.delete:
      case Op.check:
        break;
      case Op.setData:
        writeStat(w, result.stat);
        break;
      case Op.getChildren:
        writeUstrings(w, result.children);
        break;
      case Op.getData:
        writeBuffer(w, result.data);
        writeStat(w, result.stat);
        break;
      case Op.error:
        w.i32(result.err);
        break;
    }
  }
  writeHeader(w, -1, true, -1);
}

/** Throws LabError MALFORMED. */
export function readMultiResponse(r: ByteReader): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const { type, done } = readHeader(r);
    if (done) return results;
    switch (type) {
      case Op.create:
        results.push({ op: type, path: readUstring(r) });
        break;
      case Op.create2:
        results.push({ op: type, path: readUstring(r), stat: readStat(r) });
        break;
      case Op.delete:
      case Op.check:
        results.push({ op: type });
        break;
      case Op.setData:
        results.push({ op: type, stat: readStat(r) });
        break;
      case Op.getChildren:
        results.push({ op: type, children: readUstrings(r) });
        break;
      case Op.getData:
        results.push({ op: type, data: readBuffer(r), stat: readStat(r) });
        break;
      case Op.error:
        results.push({ op: type, err: r.i32() });
        break;
      default:
        throw new LabError('MALFORMED', `malformed bytes: ${type} is not a result of a multi`);
    }
  }
}
