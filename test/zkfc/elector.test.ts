/** The election's decisions, read as traces: elector.trace holds one scene for each rule. */
import { expect, test } from 'vitest';
import { ErrorCode } from '../../src/wire/zookeeper/error-code.js';
import { ElectorMachine } from '../../src/zkfc/elector.js';
import type { ElectorInput } from '../../src/zkfc/elector.js';
import { trace } from './trace.js';
import type { Scene } from './trace.js';

const { OK, NONODE, NODEEXISTS, CONNECTIONLOSS, SESSIONEXPIRED, NOAUTH } = ErrorCode;
const us = Buffer.from('nn1');
const them = Buffer.from('nn2');
const none = Buffer.alloc(0);

const adopt: ElectorInput = { type: 'adopt', client: 1, session: 0x11n };
const join: ElectorInput = { type: 'join', data: us };
const quit = (needFence: boolean): ElectorInput => ({ type: 'quit', needFence });
const connected = (client: number, session: bigint): ElectorInput => ({ type: 'connected', client, session });
const disconnected = (client: number): ElectorInput => ({ type: 'disconnected', client });
const expired = (client: number): ElectorInput => ({ type: 'expired', client });
const closed = (client: number): ElectorInput => ({ type: 'closed', client });
const lockCreated = (code: number, client = 1): ElectorInput => ({ type: 'lockCreated', client, code });
const lockStat = (code: number, owner = 0n, client = 1): ElectorInput => ({ type: 'lockStat', client, code, owner });
const lockEvent = (event: 'deleted' | 'changed', client = 1): ElectorInput => ({ type: 'lockEvent', client, event });
const read = (code: number, data: Buffer = none, version = -1, client = 1): ElectorInput => ({
  type: 'breadcrumbRead',
  client,
  code,
  data,
  version,
});
const written = (code: number, client = 1): ElectorInput => ({ type: 'breadcrumbWritten', client, code });
const deleted = (code: number, client = 1): ElectorInput => ({ type: 'breadcrumbDeleted', client, code });
const fenced = (ok: boolean): ElectorInput => ({
  type: 'fenced',
  ok,
  reason: ok ? '' : 'Unable to fence NameNode at m2',
});
const becameActive = (ok: boolean): ElectorInput => ({
  type: 'becameActive',
  ok,
  reason: ok ? '' : 'the NameNode said no',
});
const becameStandby: ElectorInput = { type: 'becameStandby' };
const timer: ElectorInput = { type: 'timer' };

const win: readonly ElectorInput[] = [
  adopt,
  join,
  lockCreated(OK),
  read(NONODE),
  written(OK),
  becameActive(true),
  lockStat(OK, 0x11n),
];
const lose: readonly ElectorInput[] = [adopt, join, lockCreated(NODEEXISTS), becameStandby, lockStat(OK, 0x22n)];

const scenes: readonly Scene<ElectorInput>[] = [
  {
    about: 'The first in an empty ensemble: the lock, no breadcrumb to mind, its own breadcrumb, and only then active.',
    inputs: win,
  },
  { about: 'Somebody has the lock: standby, and a watch on the lock.', inputs: lose },
  {
    about:
      'The lock goes: the standby takes it, finds a foreign breadcrumb, fences, writes its own over exactly the ' +
      'version it read, and becomes active.',
    inputs: [
      ...lose,
      lockEvent('deleted'),
      lockCreated(OK),
      read(OK, them, 4),
      fenced(true),
      written(OK),
      becameActive(true),
      lockStat(OK, 0x11n),
    ],
  },
  {
    about: 'Fencing fails: nobody becomes active; the lock is given up, and after a second it is tried again.',
    inputs: [
      ...lose,
      lockEvent('deleted'),
      lockCreated(OK),
      read(OK, them, 4),
      fenced(false),
      closed(1),
      timer,
      connected(2, 0x12n),
      lockCreated(OK, 2),
    ],
  },
  {
    about: 'The breadcrumb is our own, as after a restart: no fencing.',
    inputs: [adopt, join, lockCreated(OK), read(OK, us, 7), written(OK), becameActive(true)],
  },
  {
    about: 'The NameNode does not become active: yield the lock, sleep, come back. The breadcrumb stays.',
    inputs: [
      adopt,
      join,
      lockCreated(OK),
      read(NONODE),
      written(OK),
      becameActive(false),
      closed(1),
      timer,
      connected(2, 0x12n),
      lockCreated(NODEEXISTS, 2),
      becameStandby,
    ],
  },
  {
    about: 'A graceful cede deletes our own breadcrumb, then gives up the lock with the session.',
    inputs: [...win, quit(false), read(OK, us, 0), deleted(OK), closed(1)],
  },
  {
    about: 'A cede finds another breadcrumb than ours: it stays, and so does the duty to fence.',
    inputs: [...win, quit(false), read(OK, them, 0), closed(1)],
  },
  {
    about: 'An unhealthy service leaves the election with its breadcrumb in place: it may still be writing.',
    inputs: [...win, quit(true), closed(1)],
  },
  {
    about:
      'Disconnected and back, the lock still ours: neutral, the owner is looked up, active again without ' +
      'fencing anyone.',
    inputs: [
      ...win,
      disconnected(1),
      connected(1, 0x11n),
      lockStat(OK, 0x11n),
      read(OK, us, 0),
      written(OK),
      becameActive(true),
    ],
  },
  {
    about: 'Loss of ZooKeeper alone asks nothing of the NameNode, active or standby.',
    inputs: [...lose, disconnected(1), connected(1, 0x11n), lockStat(OK, 0x22n), becameStandby],
  },
  {
    about: 'The session expired: neutral, a new session, the election anew. The other one fences us meanwhile.',
    inputs: [
      ...win,
      expired(1),
      closed(1),
      connected(2, 0x12n),
      lockCreated(NODEEXISTS, 2),
      becameStandby,
      lockStat(OK, 0x22n, 2),
    ],
  },
  {
    about: 'The answer to create was lost: the second attempt finds the node, whose owner tells that it is ours.',
    inputs: [
      adopt,
      join,
      lockCreated(CONNECTIONLOSS),
      disconnected(1),
      connected(1, 0x11n),
      lockCreated(NODEEXISTS),
      lockStat(OK, 0x11n),
      read(NONODE),
      written(OK),
      becameActive(true),
    ],
  },
  {
    about: "The same, and the node is another one's.",
    inputs: [
      adopt,
      join,
      lockCreated(CONNECTIONLOSS),
      disconnected(1),
      connected(1, 0x11n),
      lockCreated(NODEEXISTS),
      lockStat(OK, 0x22n),
      becameStandby,
    ],
  },
  {
    about: 'Losses while disconnected do not use up the attempts: the next is made when the session is back.',
    inputs: [
      adopt,
      join,
      lockCreated(CONNECTIONLOSS),
      disconnected(1),
      lockCreated(CONNECTIONLOSS),
      connected(1, 0x11n),
      lockCreated(OK),
      read(NONODE),
      written(OK),
      becameActive(true),
    ],
  },
  {
    about: 'Three attempts were lost on a session that says it is connected: fatal.',
    inputs: [
      adopt,
      join,
      lockCreated(CONNECTIONLOSS),
      lockCreated(CONNECTIONLOSS),
      lockCreated(CONNECTIONLOSS),
      lockCreated(CONNECTIONLOSS),
      closed(1),
    ],
  },
  { about: 'No right to create the lock: fatal.', inputs: [adopt, join, lockCreated(NOAUTH), closed(1)] },
  {
    about: 'The lock vanished before it could be watched: the election anew.',
    inputs: [adopt, join, lockCreated(NODEEXISTS), becameStandby, lockStat(NONODE), lockCreated(OK)],
  },
  {
    about: 'The session ends while a node is being fenced: the activation is not carried through.',
    inputs: [...lose, lockEvent('deleted'), lockCreated(OK), read(OK, them, 4), expired(1), fenced(true), closed(1)],
  },
  {
    about: 'The session ends while the breadcrumb is written: the NameNode is not made active.',
    inputs: [adopt, join, lockCreated(OK), read(NONODE), expired(1), written(SESSIONEXPIRED), closed(1)],
  },
  {
    about: 'The service falls ill while it is being made active: that is finished first, then the lock is given up.',
    inputs: [adopt, join, lockCreated(OK), read(NONODE), written(OK), quit(true), becameActive(true), closed(1)],
  },
  {
    about: 'The breadcrumb cannot be read after three attempts: no activation without knowing whom to fence.',
    inputs: [adopt, join, lockCreated(OK), read(CONNECTIONLOSS), read(CONNECTIONLOSS), read(CONNECTIONLOSS), closed(1)],
  },
  {
    about: 'Joining without a session: one is made; without ZooKeeper three attempts, then fatal.',
    inputs: [
      join,
      { type: 'connectFailed', client: 1 },
      closed(1),
      timer,
      { type: 'connectFailed', client: 2 },
      closed(2),
      timer,
      { type: 'connectFailed', client: 3 },
      closed(3),
    ],
  },
  {
    about: 'Left while still connecting: the session is not used.',
    inputs: [join, quit(true), connected(1, 0x11n), closed(1)],
  },
  {
    about: 'Left during the pause after a failed activation: it stays left.',
    inputs: [
      adopt,
      join,
      lockCreated(OK),
      read(NONODE),
      written(OK),
      becameActive(false),
      closed(1),
      quit(true),
      timer,
    ],
  },
  {
    about: 'Held: the election waits, then is left before anything that waited is looked at.',
    inputs: [
      ...win,
      { type: 'hold' },
      lockEvent('deleted'),
      { type: 'release', quit: { needFence: false } },
      read(OK, us, 0),
      deleted(OK),
      closed(1),
    ],
  },
  {
    about: 'The first session expires before the service was ever healthy: no election.',
    inputs: [adopt, expired(1), closed(1), join, connected(2, 0x12n)],
  },
  {
    about: 'What an earlier client has to say is ignored.',
    inputs: [
      ...win,
      quit(true),
      closed(1),
      join,
      lockEvent('deleted'),
      connected(2, 0x12n),
      lockStat(OK, 0x11n),
      lockCreated(OK, 2),
    ],
  },
];

test('elector.trace', async () => {
  const text = trace(
    'ActiveStandbyElector: create, watch, fence, breadcrumb, activate. Log lines are left out; nn1 is us.',
    scenes,
    () => {
      const machine = new ElectorMachine(3);
      return {
        step: (input) => machine.step(input),
        state: () =>
          [machine.state, ...(machine.holdsLock ? ['lock'] : []), ...(machine.busy ? ['busy'] : [])].join(' '),
      };
    },
  );
  await expect(text).toMatchFileSnapshot('elector.trace');
});
