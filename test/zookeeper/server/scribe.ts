/**
 * Writes the steps of a conversation down, request by request. What was said is played to Apache's server once and to
 * ours in every test, and the answers must be the same, byte for byte. See conversation.test.ts.
 */
import { ByteReader, ByteWriter } from '../../../src/base/bytes.js';
import { writeAuthPacket } from '../../../src/wire/zookeeper/client/auth.js';
import { writeCreateRequest } from '../../../src/wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../../src/wire/zookeeper/client/delete.js';
import { writeExistsRequest } from '../../../src/wire/zookeeper/client/exists.js';
import { writeGetAclRequest } from '../../../src/wire/zookeeper/client/get-acl.js';
import { writeGetChildrenRequest } from '../../../src/wire/zookeeper/client/get-children.js';
import { writeGetDataRequest } from '../../../src/wire/zookeeper/client/get-data.js';
import { writeMultiRequest } from '../../../src/wire/zookeeper/client/multi.js';
import type { MultiOp } from '../../../src/wire/zookeeper/client/multi.js';
import { writeSetAclRequest } from '../../../src/wire/zookeeper/client/set-acl.js';
import { writeSetDataRequest } from '../../../src/wire/zookeeper/client/set-data.js';
import { readWhoAmIResponse } from '../../../src/wire/zookeeper/client/who-am-i-response.js';
import { OPEN_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import type { Acl } from '../../../src/wire/zookeeper/data/acl.js';
import { Op } from '../../../src/wire/zookeeper/op.js';

export interface Step {
  readonly name: string;
  readonly client: string;
  /** The request, RequestHeader's xid left to the player. */
  readonly op: number;
  readonly xid?: number;
  readonly body: Buffer;
}

const data = (text: string): Buffer => Buffer.from(text);
const bytes = (write: (w: ByteWriter) => void): Buffer => {
  const w = new ByteWriter();
  write(w);
  return w.take();
};

export function scribe() {
  const steps: Step[] = [];
  let client = 'a';
  const say = (name: string, op: number, write: (w: ByteWriter) => void = () => undefined, xid?: number): void => {
    steps.push({ name, client, op, body: bytes(write), ...(xid === undefined ? {} : { xid }) });
  };
  const create = (
    path: string,
    flags = 0,
    acl: readonly Acl[] = OPEN_ACL_UNSAFE,
    value: Buffer | null = data('v'),
    op: number = Op.create,
  ): void => say(`create ${path} flags ${flags}`, op, (w) => writeCreateRequest(w, { path, data: value, acl, flags }));
  const create2 = (path: string, flags = 0): void => create(path, flags, OPEN_ACL_UNSAFE, data('w'), Op.create2);
  const set = (path: string, text: string, version = -1): void =>
    say(`setData ${path} version ${version}`, Op.setData, (w) =>
      writeSetDataRequest(w, { path, data: data(text), version }),
    );
  const del = (path: string, version = -1): void =>
    say(`delete ${path} version ${version}`, Op.delete, (w) => writeDeleteRequest(w, { path, version }));
  const get = (path: string, watch = false): void =>
    say(`getData ${path}${watch ? ' watch' : ''}`, Op.getData, (w) => writeGetDataRequest(w, { path, watch }));
  const exists = (path: string, watch = false): void =>
    say(`exists ${path}${watch ? ' watch' : ''}`, Op.exists, (w) => writeExistsRequest(w, { path, watch }));
  const ls = (path: string, watch = false, op: number = Op.getChildren2): void =>
    say(`children ${path}${watch ? ' watch' : ''}`, op, (w) => writeGetChildrenRequest(w, { path, watch }));
  const setAcl = (path: string, acl: readonly Acl[], version = -1): void =>
    say(`setACL ${path}`, Op.setACL, (w) => writeSetAclRequest(w, { path, acl, version }));
  const getAcl = (path: string): void => say(`getACL ${path}`, Op.getACL, (w) => writeGetAclRequest(w, { path }));
  const multi = (name: string, ops: readonly MultiOp[], op: number = Op.multi): void =>
    say(name, op, (w) => writeMultiRequest(w, ops));
  const auth = (scheme: string, secret: string): void =>
    say(`auth ${scheme}`, Op.auth, (w) => writeAuthPacket(w, { type: 0, scheme, auth: data(secret) }), -4);
  const as = (next: string): void => {
    client = next;
  };
  return { steps, as, say, create, create2, set, del, get, exists, ls, setAcl, getAcl, multi, auth };
}

/** Takes out of a packet what differs from run to run: times, and the sessions' ids. Sorts lists of children. */
export function normalise(
  step: Step,
  packet: Buffer,
  sessions: readonly bigint[],
  fromMs: bigint,
  toMs: bigint,
): string {
  const copy = Buffer.from(packet);
  // Sessions first: the middle of an id may look like a time.
  for (const [number, session] of sessions.entries()) {
    for (let at = 0; at + 8 <= copy.length; at++)
      if (copy.readBigInt64BE(at) === session) copy.write(`session${number}`, at, 'latin1');
  }
  for (let at = 0; at + 8 <= copy.length; at++) {
    const value = copy.readBigInt64BE(at);
    if (value >= fromMs && value <= toMs) copy.write('..time..', at, 'latin1');
  }
  const isReply = copy.readInt32BE(0) !== -1 && copy.readInt32BE(12) === 0;
  if (isReply && (step.op === Op.getChildren || step.op === Op.getChildren2)) {
    const r = new ByteReader(copy);
    const head = r.copy(16);
    const names = Array.from({ length: r.i32() }, () => r.utf8(r.i32())).sort();
    return `${show(head)} ${names.join(',')} ${show(r.copy(r.remaining))}`;
  }
  if (isReply && step.op === Op.whoAmI) {
    const r = new ByteReader(copy);
    const head = r.copy(16);
    const users = readWhoAmIResponse(r).clientInfo.map(({ authScheme, user }) => `${authScheme}:${user}`);
    return `${show(head)} ${users.sort().join(',')}`;
  }
  return show(copy);
}

function show(bytes: Buffer): string {
  return bytes
    .toString('hex')
    .replaceAll(Buffer.from('..time..').toString('hex'), '<time>')
    .replace(new RegExp(`${Buffer.from('session').toString('hex')}3(\\d)`, 'g'), '<session$1>');
}
