/** A session's life, read as traces. */
import { expect, test } from 'vitest';
import { SessionMachine } from '../../../src/zookeeper/client/session-machine.js';
import type { SessionInput } from '../../../src/zookeeper/client/session-machine.js';
import { trace } from '../../zkfc/trace.js';
import type { Scene } from '../../zkfc/trace.js';

const start: SessionInput = { type: 'start' };
const opened: SessionInput = { type: 'opened' };
const waited: SessionInput = { type: 'waited' };
const lost: SessionInput = { type: 'lost', reason: 'connection refused' };
const passwd = Buffer.from('secret');
const granted: SessionInput = { type: 'handshaken', timeoutMs: 6000, sessionId: 0x51n, passwd };
const refused: SessionInput = { type: 'handshaken', timeoutMs: 0, sessionId: 0n, passwd };
const tick = (idleReceiveMs: number, idleSendMs: number): SessionInput => ({ type: 'tick', idleReceiveMs, idleSendMs });
const close: SessionInput = { type: 'close' };

const scenes: readonly Scene<SessionInput>[] = [
  {
    about:
      'A session is granted 6000 of the 30000 ms asked for: reads time out after 4000, pings leave after ' +
      '2000 of silence.',
    inputs: [start, opened, granted, tick(1000, 1000), tick(2000, 2000), tick(1900, 500), tick(4000, 100)],
  },
  {
    about:
      'Nobody at home: one server after the other, then longer and longer pauses. What waits fails once the ' +
      'pauses are long.',
    inputs: [
      start,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
      waited,
      lost,
    ],
  },
  {
    about:
      'A server that accepts and says nothing: given up after the connect time-out, a share of the session time-out.',
    inputs: [start, opened, tick(4000, 4000), tick(10_000, 10_000)],
  },
  {
    about: 'The connection breaks: what was sent fails, the session goes on elsewhere with its id and password.',
    inputs: [
      start,
      opened,
      granted,
      lost,
      waited,
      opened,
      { type: 'handshaken', timeoutMs: 6000, sessionId: 0x51n, passwd },
    ],
  },
  {
    about: 'The next server does not know the session any more: over.',
    inputs: [start, opened, granted, lost, waited, opened, refused, waited, close],
  },
  {
    about: 'Closed: the server is told, and the session is over when it answers, or breaks the connection.',
    inputs: [start, opened, granted, close, { type: 'closeReplied' }],
  },
  { about: 'Closed, and no answer.', inputs: [start, opened, granted, close, tick(1000, 1000), tick(4000, 4000)] },
  { about: 'Closed while no server stands: over at once.', inputs: [start, lost, close, waited] },
  { about: 'Credentials refused: over.', inputs: [start, opened, granted, { type: 'authRejected' }, lost] },
];

test('session-machine.trace', async () => {
  const servers = [1, 2, 3].map((n) => ({ host: `m${n}`, port: 2181 }));
  const text = trace(
    'A client session on m1, m2, m3 (in this order), 30000 ms asked for. Log lines are left out.',
    scenes,
    () => {
      const machine = new SessionMachine(servers, 30_000);
      return { step: (input) => machine.step(input), state: () => machine.state };
    },
  );
  await expect(text).toMatchFileSnapshot('session-machine.trace');
});
