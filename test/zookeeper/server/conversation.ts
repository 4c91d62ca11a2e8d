/**
 * A conversation of three clients with a server, request by request: what was said is played to Apache's server once
 * and to ours in every test, and the answers must be the same, byte for byte. See conversation.test.ts.
 */
import { ByteReader, ByteWriter } from '../../../src/base/bytes.js';
import { writeAddWatchRequest } from '../../../src/wire/zookeeper/client/add-watch.js';
import { writeAuthPacket } from '../../../src/wire/zookeeper/client/auth.js';
import { writeCheckWatchesRequest } from '../../../src/wire/zookeeper/client/check-watches.js';
import { writeCreateTtlRequest } from '../../../src/wire/zookeeper/client/create-ttl.js';
import { writeCreateRequest } from '../../../src/wire/zookeeper/client/create.js';
import { writeDeleteRequest } from '../../../src/wire/zookeeper/client/delete.js';
import { writeExistsRequest } from '../../../src/wire/zookeeper/client/exists.js';
import { writeGetAclRequest } from '../../../src/wire/zookeeper/client/get-acl.js';
import { writeGetAllChildrenNumberRequest } from '../../../src/wire/zookeeper/client/get-all-children-number.js';
import { writeGetChildrenRequest } from '../../../src/wire/zookeeper/client/get-children.js';
import { writeGetDataRequest } from '../../../src/wire/zookeeper/client/get-data.js';
import { writeGetEphemeralsRequest } from '../../../src/wire/zookeeper/client/get-ephemerals.js';
import { writeMultiRequest } from '../../../src/wire/zookeeper/client/multi.js';
import type { MultiOp } from '../../../src/wire/zookeeper/client/multi.js';
import { writeReconfigRequest } from '../../../src/wire/zookeeper/client/reconfig.js';
import { writeRemoveWatchesRequest } from '../../../src/wire/zookeeper/client/remove-watches.js';
import { writeSaslRequest } from '../../../src/wire/zookeeper/client/sasl.js';
import { writeSetAclRequest } from '../../../src/wire/zookeeper/client/set-acl.js';
import { writeSetDataRequest } from '../../../src/wire/zookeeper/client/set-data.js';
import { writeSetWatches } from '../../../src/wire/zookeeper/client/set-watches.js';
import { writeSetWatches2 } from '../../../src/wire/zookeeper/client/set-watches2.js';
import { writeSyncRequest } from '../../../src/wire/zookeeper/client/sync.js';
import { CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Perms, READ_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import type { Acl } from '../../../src/wire/zookeeper/data/acl.js';
import { Op } from '../../../src/wire/zookeeper/op.js';

export interface Step {
  readonly name: string;
  readonly client: 'a' | 'b' | 'c';
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

function script(): Step[] {
  const steps: Step[] = [];
  let client: Step['client'] = 'a';
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

  // plain nodes
  get('/nothing');
  exists('/');
  ls('/', false, Op.getChildren);
  get('/zookeeper/config');
  getAcl('/zookeeper/config');
  create('/a');
  create('/a');
  create('/x/y');
  create('a');
  create('');
  create('/');
  create('/a/');
  create('/a//b');
  create('/a/./b');
  create('/a/../b');
  create('/a/...');
  del('/a/...');
  create('/a/\u0001');
  create('/a/\u0000');
  create('/a/\u00e4\u6f22');
  del('/a/\u00e4\u6f22');
  create('/a', 9);
  create('/a/null', 0, OPEN_ACL_UNSAFE, null);
  get('/a/null');
  del('/a/null', 3);
  del('/a/null', 0);
  del('/a/null');
  create2('/a/two');
  get('/a/two');
  exists('/a/two');
  set('/a/two', 'second');
  set('/a/two', 'third', 1);
  set('/a/two', 'fourth', 1);
  set('/nothing', 'x');
  set('/', 'root');
  get('/');
  del('/');
  del('/zookeeper');
  del('/nothing/below');
  del('/a');
  ls('/a');
  ls('/a/two', false, Op.getChildren);
  ls('/nothing');
  say('getAllChildrenNumber', Op.getAllChildrenNumber, (w) => writeGetAllChildrenNumberRequest(w, { path: '/' }));
  say('getAllChildrenNumber /a', Op.getAllChildrenNumber, (w) => writeGetAllChildrenNumberRequest(w, { path: '/a' }));
  say('getAllChildrenNumber /nothing', Op.getAllChildrenNumber, (w) =>
    writeGetAllChildrenNumberRequest(w, { path: '/nothing' }),
  );
  say('sync', Op.sync, (w) => writeSyncRequest(w, { path: '/a' }));
  say('ping', Op.ping, undefined, -2);
  say('whoAmI', Op.whoAmI);

  // sequential, ephemeral, container, with a time to live
  create('/a/s-', 2);
  create('/a/s-', 2);
  del('/a/s-0000000004');
  create2('/a/', 2);
  create('/a/e', 1);
  create('/a/e/child');
  exists('/a/e');
  create('/a/es-', 3);
  say('getEphemerals', Op.getEphemerals, (w) => writeGetEphemeralsRequest(w, { prefixPath: '/a/es' }));
  say('getEphemerals none', Op.getEphemerals, (w) => writeGetEphemeralsRequest(w, { prefixPath: '/b' }));
  create('/c', 4, OPEN_ACL_UNSAFE, data('c'), Op.createContainer);
  exists('/c');
  create('/c/x');
  say('createTTL off', Op.createTTL, (w) =>
    writeCreateTtlRequest(w, { path: '/ttl', data: null, acl: OPEN_ACL_UNSAFE, flags: 5, ttl: 1000n }),
  );
  say('createTTL wrong mode', Op.createTTL, (w) =>
    writeCreateTtlRequest(w, { path: '/ttl', data: null, acl: OPEN_ACL_UNSAFE, flags: 0, ttl: 1000n }),
  );

  // access
  create('/noacl', 0, []);
  create('/badacl', 0, [{ perms: 31, id: { scheme: 'digest', id: 'nocolon' } }]);
  create('/badacl', 0, [{ perms: 31, id: { scheme: 'kerberos', id: 'x' } }]);
  create('/badacl', 0, [{ perms: 31, id: { scheme: 'ip', id: '1.2.3.400' } }]);
  create('/mine', 0, CREATOR_ALL_ACL);
  auth('digest', 'user:secret');
  create('/mine', 0, CREATOR_ALL_ACL);
  getAcl('/mine');
  get('/mine');
  say('whoAmI as user', Op.whoAmI);
  client = 'b';
  get('/mine');
  exists('/mine');
  ls('/mine');
  set('/mine', 'theirs');
  create('/mine/x');
  getAcl('/mine');
  setAcl('/mine', OPEN_ACL_UNSAFE);
  client = 'a';
  create('/mine/below');
  client = 'b';
  del('/mine/below');
  client = 'a';
  del('/mine/below');
  setAcl(
    '/mine',
    [...READ_ACL_UNSAFE, ...READ_ACL_UNSAFE, { perms: Perms.ALL, id: { scheme: 'digest', id: 'user:hash' } }],
    0,
  );
  setAcl('/mine', READ_ACL_UNSAFE, 0);
  setAcl('/mine', [], -1);
  setAcl('/nothing', OPEN_ACL_UNSAFE);
  client = 'b';
  getAcl('/mine');
  get('/mine');
  create('/byip', 0, [
    { perms: 31, id: { scheme: 'ip', id: '10.0.0.0/8' } },
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
  ]);
  set('/byip', 'x');
  create('/byip2', 0, [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.0/8' } }]);
  set('/byip2', 'x');
  getAcl('/byip2');
  set('/zookeeper/config', 'x');

  // several at once
  client = 'a';
  const makeM: MultiOp = { op: Op.create, request: { path: '/m', data: data('m'), acl: OPEN_ACL_UNSAFE, flags: 0 } };
  multi('multi create, set, check, delete', [
    makeM,
    { op: Op.setData, request: { path: '/m', data: data('m2'), version: 0 } },
    { op: Op.check, request: { path: '/m', version: 1 } },
    { op: Op.create2, request: { path: '/m/x', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 } },
    { op: Op.delete, request: { path: '/m/x', version: -1 } },
    { op: Op.create, request: { path: '/m/s', data: null, acl: OPEN_ACL_UNSAFE, flags: 2 } },
    { op: Op.createContainer, request: { path: '/m/c', data: null, acl: OPEN_ACL_UNSAFE, flags: 4 } },
  ]);
  exists('/m');
  multi('multi that fails in the middle', [
    { op: Op.create, request: { path: '/m/y', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 } },
    { op: Op.setData, request: { path: '/m/y', data: data('no'), version: 7 } },
    { op: Op.delete, request: { path: '/m/y', version: -1 } },
  ]);
  exists('/m/y');
  exists('/m');
  create('/m/s', 2);
  multi('multi check fails', [{ op: Op.check, request: { path: '/nothing', version: 0 } }, makeM]);
  multi('multi of nothing', []);
  multi('multi ttl', [
    { op: Op.createTTL, request: { path: '/m/t', data: null, acl: OPEN_ACL_UNSAFE, flags: 5, ttl: 5n } },
  ]);
  multi(
    'multiRead',
    [
      { op: Op.getData, request: { path: '/m', watch: false } },
      { op: Op.getChildren, request: { path: '/mine', watch: false } },
      { op: Op.getData, request: { path: '/nothing', watch: false } },
    ],
    Op.multiRead,
  );

  // watches
  client = 'b';
  get('/m', true);
  exists('/later', true);
  ls('/m', true);
  ls('/', true);
  client = 'a';
  set('/m', 'seen');
  set('/m', 'not seen');
  create('/m/new');
  create('/later');
  client = 'b';
  get('/m/new', true);
  ls('/m/new', true);
  client = 'a';
  del('/m/new');
  client = 'b';
  say('addWatch persistent', Op.addWatch, (w) => writeAddWatchRequest(w, { path: '/p', mode: 0 }));
  say('addWatch recursive', Op.addWatch, (w) => writeAddWatchRequest(w, { path: '/r', mode: 1 }));
  client = 'a';
  create('/p');
  set('/p', '1');
  set('/p', '2');
  create('/p/x');
  del('/p/x');
  create('/r');
  create('/r/x');
  create('/r/x/y');
  set('/r/x/y', '1');
  del('/r/x/y');
  client = 'b';
  say('removeWatches data of another type', Op.removeWatches, (w) =>
    writeRemoveWatchesRequest(w, { path: '/nothing', type: 2 }),
  );
  say('checkWatches', Op.checkWatches, (w) => writeCheckWatchesRequest(w, { path: '/p', type: 3 }));
  say('removeWatches', Op.removeWatches, (w) => writeRemoveWatchesRequest(w, { path: '/p', type: 3 }));
  say('removeWatches again', Op.removeWatches, (w) => writeRemoveWatchesRequest(w, { path: '/p', type: 3 }));
  client = 'a';
  set('/p', '3');
  client = 'b';
  say(
    'setWatches',
    Op.setWatches,
    (w) =>
      writeSetWatches(w, {
        relativeZxid: 5n,
        dataWatches: ['/p', '/gone'],
        existWatches: ['/m', '/tobe'],
        childWatches: ['/m', '/gone2'],
      }),
    -8,
  );
  say(
    'setWatches2',
    Op.setWatches2,
    (w) =>
      writeSetWatches2(w, {
        relativeZxid: 10_000n,
        dataWatches: ['/p'],
        existWatches: [],
        childWatches: ['/m'],
        persistentWatches: ['/p2'],
        persistentRecursiveWatches: [],
      }),
    -8,
  );
  client = 'a';
  set('/p', '4');
  create('/p2');
  create('/tobe');
  client = 'b';
  get('/mine', true);
  client = 'a';
  setAcl('/mine', [{ perms: 31, id: { scheme: 'auth', id: '' } }]);
  set('/mine', 'not to be told');

  // quotas
  create('/zookeeper/quota/m', 0);
  create('/zookeeper/quota/m/zookeeper_limits', 0, OPEN_ACL_UNSAFE, data('count=5,bytes=-1'));
  create('/zookeeper/quota/m/zookeeper_stats', 0, OPEN_ACL_UNSAFE, data('count=0,bytes=0'));
  create('/m/counted');
  get('/zookeeper/quota/m/zookeeper_stats');
  set('/m/counted', 'longer');
  del('/m/counted');
  get('/zookeeper/quota/m/zookeeper_stats');

  // what is refused
  say('reconfig', Op.reconfig, (w) =>
    writeReconfigRequest(w, { joiningServers: '', leavingServers: '3', newMembers: '', curConfigId: -1n }),
  );
  say('sasl', Op.sasl, (w) => writeSaslRequest(w, { token: data('token') }));
  say('getData cut short', Op.getData, (w) => w.i32(5).u8(47));
  say('create cut short', Op.create, (w) => w.i32(500).u8(47));
  say('exists null path', Op.exists, (w) => w.i32(7).bytes(data('/null\u0000x')).bool(false));
  exists('/a');

  // the end of a session
  client = 'c';
  create('/a/ofc', 1);
  client = 'b';
  exists('/a/ofc', true);
  client = 'c';
  say('closeSession', Op.closeSession);
  client = 'b';
  exists('/a/ofc');
  say('unknown operation', 77);
  client = 'a';
  auth('nosuch', 'x');
  return steps;
}

export const STEPS: readonly Step[] = script();

/** Takes out of a packet what differs from run to run: times, and the three sessions' ids. Sorts lists of children. */
export function normalise(
  step: Step,
  packet: Buffer,
  sessions: readonly bigint[],
  fromMs: bigint,
  toMs: bigint,
): string {
  const copy = Buffer.from(packet);
  for (let at = 0; at + 8 <= copy.length; at++) {
    const value = copy.readBigInt64BE(at);
    const session = sessions.indexOf(value);
    if (value >= fromMs && value <= toMs) copy.write('..time..', at, 'latin1');
    else if (session !== -1) copy.write(`session${session}`, at, 'latin1');
  }
  const isReply = copy.readInt32BE(0) !== -1 && copy.readInt32BE(12) === 0;
  if (isReply && (step.op === Op.getChildren || step.op === Op.getChildren2)) {
    const r = new ByteReader(copy);
    const head = r.copy(16);
    const names = Array.from({ length: r.i32() }, () => r.utf8(r.i32())).sort();
    return `${show(head)} ${names.join(',')} ${show(r.copy(r.remaining))}`;
  }
  return show(copy);
}

function show(bytes: Buffer): string {
  return bytes
    .toString('hex')
    .replaceAll(Buffer.from('..time..').toString('hex'), '<time>')
    .replace(new RegExp(`${Buffer.from('session').toString('hex')}3(\\d)`, 'g'), '<session$1>');
}
