import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { create, exists } from './requests.js';
import { TestClient, packet } from './test-client.js';
import { testServer } from './test-server.js';

describe('hostile bytes', () => {
  test('a length above jute.maxbuffer, or a negative one, ends the connection at once', async () => {
    for (const length of [0x100000, 0x7fffffff, -1, -0x80000000]) {
      const host = await testServer();
      const head = Buffer.alloc(4);
      head.writeInt32BE(length);
      const early = host.connect();
      early.send(head);
      const late = new TestClient(host);
      await late.connect();
      late.wire.send(head);
      await host.settle();
      expect([early.closedByServer, late.wire.closedByServer]).toEqual([true, true]);
      expect(host.logLines.filter((line) => line.includes(`Len error: a packet of ${length} bytes`))).toHaveLength(2);
    }
  });

  test('the limit is jute.maxbuffer, and a packet as long as it passes', async () => {
    const host = await testServer({ juteMaxBuffer: 1000 });
    const [fits, tooLong] = [new TestClient(host), new TestClient(host)];
    await fits.connect();
    await tooLong.connect();
    const [op, body] = create('/a', 0, 'x'.repeat(1000));
    const length = packet((w) => {
      w.i32(1).i32(op);
      body(w);
    }).length;
    const shorter = 'x'.repeat(1000 - (length - 4 - 1000));
    expect((await fits.call(...create('/a', 0, shorter))).err).toBe(ErrorCode.OK);
    tooLong.send(...create('/b', 0, `${shorter}x`));
    await host.settle();
    expect(tooLong.wire.closedByServer).toBe(true);
    expect(host.logLines.at(-1)).toContain('Len error: a packet of 1001 bytes');
  });

  test('a packet in single bytes is a packet', async () => {
    const host = await testServer();
    const client = new TestClient(host);
    await client.connect();
    const [op, body] = create('/a');
    for (const byte of packet((w) => {
      w.i32(7).i32(op);
      body(w);
    }))
      client.wire.send(Buffer.of(byte));
    expect((await client.replies()).map((reply) => [reply.xid, reply.err])).toEqual([[7, ErrorCode.OK]]);
  });

  test('whatever a client sends, the server stays and another session is not harmed', async () => {
    const host = await testServer();
    const good = new TestClient(host);
    await good.connect({ timeOut: 40_000 });
    await good.call(...create('/mine', 1));
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.integer({ min: -12, max: 110 }),
        fc.uint8Array({ maxLength: 60 }),
        async (shaken, op, junk) => {
          const bad = new TestClient(host);
          if (shaken) {
            await bad.connect();
            bad.wire.send(packet((w) => w.i32(++turn).i32(op).bytes(junk)));
          } else {
            bad.wire.send(turn++ % 2 === 0 ? junk : packet((w) => w.bytes(junk)));
          }
          await host.settle();
          bad.wire.close();
          await host.settle();
          expect((await good.call(...exists('/mine'))).err).toBe(ErrorCode.OK);
        },
      ),
      { numRuns: 300 },
    );
    expect(good.wire.closedByServer).toBe(false);
  });
});
