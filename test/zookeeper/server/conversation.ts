/** What three clients say to a plain server: every kind of request, and most of their errors. */
import { writeAddWatchRequest } from '../../../src/wire/zookeeper/client/add-watch.js';
import { writeCheckWatchesRequest } from '../../../src/wire/zookeeper/client/check-watches.js';
import { writeCreateTtlRequest } from '../../../src/wire/zookeeper/client/create-ttl.js';
import { writeGetAllChildrenNumberRequest } from '../../../src/wire/zookeeper/client/get-all-children-number.js';
import { writeGetEphemeralsRequest } from '../../../src/wire/zookeeper/client/get-ephemerals.js';
import type { MultiOp } from '../../../src/wire/zookeeper/client/multi.js';
import { writeReconfigRequest } from '../../../src/wire/zookeeper/client/reconfig.js';
import { writeRemoveWatchesRequest } from '../../../src/wire/zookeeper/client/remove-watches.js';
import { writeSaslRequest } from '../../../src/wire/zookeeper/client/sasl.js';
import { writeSetWatches } from '../../../src/wire/zookeeper/client/set-watches.js';
import { writeSetWatches2 } from '../../../src/wire/zookeeper/client/set-watches2.js';
import { writeSyncRequest } from '../../../src/wire/zookeeper/client/sync.js';
import { CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Perms, READ_ACL_UNSAFE } from '../../../src/wire/zookeeper/data/acl.js';
import { Op } from '../../../src/wire/zookeeper/op.js';

import { scribe } from './scribe.js';

const { steps, as, say, create, create2, set, del, get, exists, ls, setAcl, getAcl, multi, auth } = scribe();

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
create('/c', 4, OPEN_ACL_UNSAFE, Buffer.from('c'), Op.createContainer);
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
as('b');
get('/mine');
exists('/mine');
ls('/mine');
set('/mine', 'theirs');
create('/mine/x');
getAcl('/mine');
setAcl('/mine', OPEN_ACL_UNSAFE);
as('a');
create('/mine/below');
as('b');
del('/mine/below');
as('a');
del('/mine/below');
setAcl(
  '/mine',
  [...READ_ACL_UNSAFE, ...READ_ACL_UNSAFE, { perms: Perms.ALL, id: { scheme: 'digest', id: 'user:hash' } }],
  0,
);
setAcl('/mine', READ_ACL_UNSAFE, 0);
setAcl('/mine', [], -1);
setAcl('/nothing', OPEN_ACL_UNSAFE);
as('b');
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
as('a');
const makeM: MultiOp = {
  op: Op.create,
  request: { path: '/m', data: Buffer.from('m'), acl: OPEN_ACL_UNSAFE, flags: 0 },
};
multi('multi create, set, check, delete', [
  makeM,
  { op: Op.setData, request: { path: '/m', data: Buffer.from('m2'), version: 0 } },
  { op: Op.check, request: { path: '/m', version: 1 } },
  { op: Op.create2, request: { path: '/m/x', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 } },
  { op: Op.delete, request: { path: '/m/x', version: -1 } },
  { op: Op.create, request: { path: '/m/s', data: null, acl: OPEN_ACL_UNSAFE, flags: 2 } },
  { op: Op.createContainer, request: { path: '/m/c', data: null, acl: OPEN_ACL_UNSAFE, flags: 4 } },
]);
exists('/m');
multi('multi that fails in the middle', [
  { op: Op.create, request: { path: '/m/y', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 } },
  { op: Op.setData, request: { path: '/m/y', data: Buffer.from('no'), version: 7 } },
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
as('b');
get('/m', true);
exists('/later', true);
ls('/m', true);
ls('/', true);
as('a');
set('/m', 'seen');
set('/m', 'not seen');
create('/m/new');
create('/later');
as('b');
get('/m/new', true);
ls('/m/new', true);
as('a');
del('/m/new');
as('b');
say('addWatch persistent', Op.addWatch, (w) => writeAddWatchRequest(w, { path: '/p', mode: 0 }));
say('addWatch recursive', Op.addWatch, (w) => writeAddWatchRequest(w, { path: '/r', mode: 1 }));
as('a');
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
as('b');
say('removeWatches data of another type', Op.removeWatches, (w) =>
  writeRemoveWatchesRequest(w, { path: '/nothing', type: 2 }),
);
say('checkWatches', Op.checkWatches, (w) => writeCheckWatchesRequest(w, { path: '/p', type: 3 }));
say('removeWatches', Op.removeWatches, (w) => writeRemoveWatchesRequest(w, { path: '/p', type: 3 }));
say('removeWatches again', Op.removeWatches, (w) => writeRemoveWatchesRequest(w, { path: '/p', type: 3 }));
as('a');
set('/p', '3');
as('b');
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
as('a');
set('/p', '4');
create('/p2');
create('/tobe');
as('b');
get('/mine', true);
as('a');
setAcl('/mine', [{ perms: 31, id: { scheme: 'auth', id: '' } }]);
set('/mine', 'not to be told');

// quotas
create('/zookeeper/quota/m', 0);
create('/zookeeper/quota/m/zookeeper_limits', 0, OPEN_ACL_UNSAFE, Buffer.from('count=5,bytes=-1'));
create('/zookeeper/quota/m/zookeeper_stats', 0, OPEN_ACL_UNSAFE, Buffer.from('count=0,bytes=0'));
create('/m/counted');
get('/zookeeper/quota/m/zookeeper_stats');
set('/m/counted', 'longer');
del('/m/counted');
get('/zookeeper/quota/m/zookeeper_stats');

// what is refused
say('reconfig', Op.reconfig, (w) =>
  writeReconfigRequest(w, { joiningServers: '', leavingServers: '3', newMembers: '', curConfigId: -1n }),
);
say('sasl', Op.sasl, (w) => writeSaslRequest(w, { token: Buffer.from('token') }));
say('getData cut short', Op.getData, (w) => w.i32(5).u8(47));
say('create cut short', Op.create, (w) => w.i32(500).u8(47));
say('exists null path', Op.exists, (w) => w.i32(7).bytes(Buffer.from('/null\u0000x')).bool(false));
exists('/a');

// the end of a session
as('c');
create('/a/ofc', 1);
as('b');
exists('/a/ofc', true);
as('c');
say('closeSession', Op.closeSession);
as('b');
exists('/a/ofc');
say('unknown operation', 77);
as('a');
auth('nosuch', 'x');

export const PLAIN = steps;
