/**
 * What clients say to a server with nodes with a time to live, enforced quotas and a super user, and requests that no
 * client library sends: unknown modes and types, missing paths, operations that are the servers' own.
 */
import type { ByteWriter } from '../../../src/base/bytes.js';
import { writeUstring } from '../../../src/wire/jute/jute.js';
import { writeAddWatchRequest } from '../../../src/wire/zookeeper/client/add-watch.js';
import { writeCheckWatchesRequest } from '../../../src/wire/zookeeper/client/check-watches.js';
import { writeCreateTtlRequest } from '../../../src/wire/zookeeper/client/create-ttl.js';
import type { MultiOp } from '../../../src/wire/zookeeper/client/multi.js';
import { writeRemoveWatchesRequest } from '../../../src/wire/zookeeper/client/remove-watches.js';
import { writeSetWatches } from '../../../src/wire/zookeeper/client/set-watches.js';
import { OPEN_ACL_UNSAFE, Perms } from '../../../src/wire/zookeeper/data/acl.js';
import type { Acl } from '../../../src/wire/zookeeper/data/acl.js';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { scribe } from './scribe.js';

const { steps, as, say, create, create2, set, del, get, exists, ls, setAcl, getAcl, multi, auth } = scribe();
const acl = OPEN_ACL_UNSAFE;
const data = Buffer.from('v');
const createTtl = (path: string, flags: number, ttl: bigint): void =>
  say(`createTTL ${path} flags ${flags} ttl ${ttl}`, Op.createTTL, (w) =>
    writeCreateTtlRequest(w, { path, data: null, acl, flags, ttl }),
  );

// nodes with a time to live
createTtl('/ttl', 5, 3_600_000n);
exists('/ttl');
createTtl('/ttl-', 6, 3_600_000n);
createTtl('/x', 5, 0n);
createTtl('/x', 5, -1n);
createTtl('/x', 5, 0xffffffffffn);
createTtl('/y', 5, 0x10000000000n);
createTtl('/y', 0, 1000n);
createTtl('/y', 7, 1000n);
create('/y', 5);
create2('/y', 6);
create('/ttl/below');
ls('/ttl');
multi('multi with a time to live', [
  { op: Op.createTTL, request: { path: '/mt', data: null, acl, flags: 5, ttl: 3_600_000n } },
  { op: Op.createTTL, request: { path: '/mt2', data: null, acl, flags: 5, ttl: 0n } },
]);
exists('/mt');

// modes that do not fit the operation
create('/y', 7);
create('/y', -1);
create('/y/under', 4);

// quotas: the nearest one counts, hard limits refuse, count before bytes
create('/q');
create('/zookeeper/quota/q');
create(
  '/zookeeper/quota/q/zookeeper_limits',
  0,
  acl,
  Buffer.from('count=1,bytes=5=;byteHardLimit=10;countHardLimit=3'),
);
create('/zookeeper/quota/q/zookeeper_stats', 0, acl, Buffer.from('count=0,bytes=0'));
get('/zookeeper/quota/q/zookeeper_stats');
create('/q/a');
create('/q/b');
create('/q/c');
create('/q/nothing/c');
create('/q/a');
set('/q/a', 'eight by');
set('/q/a', 'nine byte');
set('/q/a', 'nine byte', 7);
set('/q/nothing', 'nine byte');
set('/q/a', 'w');
create2('/q/c');
create('/q/', 2);
create('/q/c', 1);
create('/q/c', 0, acl, Buffer.from('much too long'));
const make = (path: string): MultiOp => ({ op: Op.create, request: { path, data, acl, flags: 0 } });
multi('multi over the quota', [make('/elsewhere'), make('/q/c'), make('/another')]);
exists('/elsewhere');
multi('multi that deletes first', [{ op: Op.delete, request: { path: '/q/b', version: -1 } }, make('/q/c')]);
multi('multi with too many bytes', [
  { op: Op.setData, request: { path: '/q/a', data: Buffer.from('x'), version: -1 } },
  { op: Op.setData, request: { path: '/q/a', data: Buffer.from('ten bytes!'), version: -1 } },
]);
del('/q/b');
multi('multi whose parts fit one by one', [make('/q/b'), make('/q/c')]);
get('/zookeeper/quota/q/zookeeper_stats');
create('/zookeeper/quota/q/a');
create('/zookeeper/quota/q/a/zookeeper_limits', 0, acl, Buffer.from('count=-1,bytes=-1=;countHardLimit=5'));
create('/zookeeper/quota/q/a/zookeeper_stats', 0, acl, Buffer.from('count=0,bytes=0'));
create('/q/a/below');
get('/zookeeper/quota/q/zookeeper_stats');
get('/zookeeper/quota/q/a/zookeeper_stats');
set('/q/a', 'not held by the outer quota');
set('/zookeeper/quota/q/zookeeper_limits', 'count=1,bytes=1');
create('/q/d');
set('/zookeeper/quota/q/zookeeper_limits', 'count=,bytes=1');
create('/q/e');
set('/zookeeper/quota/q/zookeeper_limits', 'nonsense');
create('/q/f');
del('/zookeeper/quota/q/zookeeper_limits');
create('/q/g');

// the super user
const mine: readonly Acl[] = [{ perms: Perms.ALL, id: { scheme: 'digest', id: 'somebody:hash' } }];
create('/mine', 0, mine);
get('/mine');
set('/mine', 'x');
as('b');
auth('digest', 'super:wrong');
get('/mine');
auth('digest', 'super:secret');
say('whoAmI', Op.whoAmI);
get('/mine');
set('/mine', 'x');
getAcl('/mine');
setAcl('/mine', OPEN_ACL_UNSAFE);
setAcl('/mine', [{ perms: Perms.ALL, id: { scheme: 'super', id: '' } }]);
del('/zookeeper/config');
auth('ip', '');
as('a');
get('/mine');

// watches of unknown kinds
for (const mode of [2, -1, 3])
  say(`addWatch mode ${mode}`, Op.addWatch, (w) => writeAddWatchRequest(w, { path: '/mine', mode }));
say('addWatch on no path', Op.addWatch, (w) => w.i32(-1).i32(0));
say('addWatch on a bad path', Op.addWatch, (w) => writeAddWatchRequest(w, { path: 'mine/', mode: 0 }));
get('/mine', true);
for (const type of [0, 4, -1, 1, 2])
  say(`checkWatches type ${type}`, Op.checkWatches, (w) => writeCheckWatchesRequest(w, { path: '/mine', type }));
for (const type of [0, 4, -1, 1, 2])
  say(`removeWatches type ${type}`, Op.removeWatches, (w) => writeRemoveWatchesRequest(w, { path: '/mine', type }));
say('setWatches with an xid of its own', Op.setWatches, (w) =>
  writeSetWatches(w, { relativeZxid: 0n, dataWatches: ['/mine'], existWatches: [], childWatches: [] }),
);

// permissions out of range
for (const perms of [0, 32, 63, -1]) setAcl('/mine', [{ perms, id: { scheme: 'world', id: 'anyone' } }]);
getAcl('/mine');
setAcl('/mine', OPEN_ACL_UNSAFE);
setAcl('/mine', OPEN_ACL_UNSAFE, 99);
setAcl('/mine', [{ perms: 31, id: { scheme: 'world', id: 'nobody' } }]);
create('/perms', 0, [{ perms: 64, id: { scheme: 'world', id: 'anyone' } }]);
get('/perms');

// no path, and too little of everything
const nothing = (w: ByteWriter): void => void w.i32(-1).bool(false);
say('getData of no path', Op.getData, nothing);
say('exists of no path', Op.exists, nothing);
say('getChildren of no path', Op.getChildren, nothing);
say('getChildren2 of no path', Op.getChildren2, nothing);
say('getACL of no path', Op.getACL, nothing);
say('getEphemerals of no path', Op.getEphemerals, nothing);
say('getAllChildrenNumber of no path', Op.getAllChildrenNumber, nothing);
say('sync of no path', Op.sync, nothing);
say('delete of no path', Op.delete, (w) => w.i32(-1).i32(-1));
say('setData of no path', Op.setData, (w) => w.i32(-1).i32(-1).i32(-1));
for (const [name, op] of Object.entries(Op)) {
  // What ends the connection comes below; a check alone breaks Apache's server; reconfig takes no zxid there.
  if (['auth', 'sasl', 'closeSession', 'createSession', 'notification', 'error'].includes(name)) continue;
  if (['check', 'reconfig'].includes(name)) continue;
  say(`${name} without a record`, op);
}

// operations where they do not belong
say('deleteContainer of a client', Op.deleteContainer, (w) => w.bytes(Buffer.from('/mine')));
say('multi in a multi', Op.multi, (w) => w.i32(Op.multi).bool(false).i32(-1).i32(-1).bool(true).i32(-1));
say('exists in a multi', Op.multi, (w) => {
  w.i32(Op.exists).bool(false).i32(-1);
  writeUstring(w, '/mine');
  w.bool(false).i32(-1).bool(true).i32(-1);
});
multi('getData in a multi', [{ op: Op.getData, request: { path: '/mine', watch: false } }]);
multi('create in a multiRead', [make('/no')], Op.multiRead);
multi('multiRead of nothing', [], Op.multiRead);
exists('/mine');

as('c');
say('notification of a client', Op.notification);
as('e');
say('error of a client', Op.error);
as('f');
say('operation 10', 10);

export const OPTIONS = steps;
