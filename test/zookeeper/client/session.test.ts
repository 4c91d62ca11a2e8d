/** A client's session on m1, m2 and m3, tried in this order, driven by traces. Log lines are left out. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Session } from '../../../src/zookeeper/client/session.js';
import type { SessionEffect, SessionInput } from '../../../src/zookeeper/client/session.js';
import { runTrace, TraceGroup } from '../../trace.js';
import type { Command } from '../../trace.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const servers = [1, 2, 3].map((n) => ({ host: `m${n}`, port: 2181 }));
const passwd = Buffer.from('secret');

/** `granted [MS]`: the server's answer; `refused`: that the session is over; `lost`, and the inputs by their names. */
function sessionTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  const session = new Session(servers, 30_000);
  group.add<SessionInput, SessionEffect>('client', session, { state: () => session.state });
  return (command) => {
    const { name, args } = command;
    switch (name) {
      case 'granted':
        group.feed('client', { type: 'handshaken', timeoutMs: Number(args[0] ?? 6000), sessionId: 0x51n, passwd });
        break;
      case 'refused':
        group.feed('client', { type: 'handshaken', timeoutMs: 0, sessionId: 0n, passwd });
        break;
      case 'lost':
        group.feed('client', { type: 'lost', reason: 'connection refused' });
        break;
      case 'start':
      case 'opened':
      case 'heard':
      case 'sent':
      case 'authRejected':
      case 'close':
      case 'closeReplied':
        group.feed('client', { type: name });
        break;
      default:
        if (!group.common(command)) throw new Error(`unknown command ${name}`);
    }
    return group.take();
  };
}

test.each(readdirSync(here).filter((name) => name.endsWith('.trace')))('%s', async (name) => {
  await expect(runTrace(here + name, sessionTrace())).toMatchFileSnapshot(here + name);
});
