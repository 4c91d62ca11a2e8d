/** Session opening and the order of requests, driven by traces: stories of what clients ask and what becomes of it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Op } from '../../../src/wire/zookeeper/op.js';
import { RequestOrder } from '../../../src/zookeeper/server/request-order.js';
import type { ClientRequest, OrderEffect, OrderInput } from '../../../src/zookeeper/server/request-order.js';
import { sessionPassword } from '../../../src/zookeeper/server/session-id.js';
import { SessionOpening } from '../../../src/zookeeper/server/session-opening.js';
import type { OpeningEffect, OpeningInput } from '../../../src/zookeeper/server/session-opening.js';
import { runTrace, TraceGroup, valueText } from '../../trace.js';
import type { Command } from '../../trace.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** `order`: a session's requests; `request XID OP`, `applied XID OP [result]`, `synced XID`. */
function orderTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  const order = new RequestOrder<string>();
  const named = (name: string): number => Op[name as keyof typeof Op];
  const text = (effect: OrderEffect<string>): string => {
    if (effect.type === 'end') return 'end of the connection';
    const { xid, op } = effect.request;
    const name = Object.entries(Op).find(([, code]) => code === op)![0];
    return `${effect.type} ${xid} ${name}${effect.type === 'reply' ? `: ${effect.result}` : ''}`;
  };
  group.add<OrderInput<string>, OrderEffect<string>>('session', order, {
    text,
    state: () => `${order.waiting} not answered`,
  });
  return (command) => {
    const { name, args } = command;
    const xid = Number(args[0]);
    const request = (op: number): ClientRequest => ({
      type: 'request',
      xid,
      op,
      frame: Buffer.alloc(8),
      identities: [],
      receivedMs: 0,
    });
    if (name === 'request') group.feed('session', request(named(args[1]!)));
    else if (name === 'applied')
      group.feed('session', { type: 'applied', op: named(args[1]!), cxid: xid, result: args[2] ?? 'ok' });
    else if (name === 'synced') group.feed('session', { type: 'synced', cxid: xid });
    else if (!group.common(command)) throw new Error(`unknown command ${name}`);
    return group.take();
  };
}

/**
 * `opening`: a server's clients; `serve`, `stopServing`, `connect CLIENT [session=0x51 password=wrong timeout=MS
 * seen=ZXID]`, `created SESSION`, `validated SESSION yes|no`, `gone CLIENT SESSION`.
 */
function openingTrace(): (command: Command) => readonly string[] {
  const group = new TraceGroup();
  const opening = new SessionOpening<string>({ minSessionTimeoutMs: 4000, maxSessionTimeoutMs: 40_000 });
  group.add<OpeningInput<string>, OpeningEffect<string>>('server', opening, { text: valueText });
  return (command) => {
    const { name, args, options } = command;
    const session = (text: string | undefined): bigint => BigInt(text ?? 0);
    if (name === 'serve') group.feed('server', { type: 'serve', firstSessionId: session(options['first']) });
    else if (name === 'stopServing') group.feed('server', { type: 'stopServing' });
    else if (name === 'connect') {
      const sessionId = session(options['session']);
      group.feed('server', {
        type: 'connectRequest',
        client: args[0]!,
        sessionId,
        passwd: options['password'] === 'wrong' ? Buffer.alloc(16) : sessionPassword(sessionId),
        timeoutMs: Number(options['timeout'] ?? 10_000),
        lastZxidSeen: session(options['seen']),
        lastZxid: 0x100000005n,
      });
    } else if (name === 'created') group.feed('server', { type: 'created', sessionId: session(args[0]) });
    else if (name === 'validated')
      group.feed('server', { type: 'validated', sessionId: session(args[0]), valid: args[1] === 'yes' });
    else if (name === 'gone') group.feed('server', { type: 'gone', client: args[0]!, sessionId: session(args[1]) });
    else if (name === 'speaker')
      return args.map((id) => `${id} is spoken for by ${opening.speakerOf(session(id)) ?? 'nobody'}`);
    else if (!group.common(command)) throw new Error(`unknown command ${name}`);
    return group.take();
  };
}

test.each(readdirSync(here).filter((name) => name.endsWith('.trace')))('%s', async (name) => {
  const execute = name.startsWith('order-') ? orderTrace() : openingTrace();
  await expect(runTrace(here + name, execute)).toMatchFileSnapshot(here + name);
});
