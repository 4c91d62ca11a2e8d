import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { create, exists } from './requests.js';
import { TestClient, packet } from './test-client.js';
import { testServer } from './test-server.js';

describe('hostile bytes', () => {
  test('a length above jute.maxbuffer, or a negative one, ends the connection at once', async () => {
    for (const length of [0x100000, 0x7fffffff, -1, -0x80000000]) {
      const { host } = await testServer();
      const head = Buffer.alloc(4);
      head.writeInt32BE(length);
      const early = host.connect();
      early.send(head);
      const late = new TestClient(host);
      late.connect();
      late.wire.send(head);
      host.settle();
      expect([early.closedByServer, late.wire.closedByServer]).toEqual([true, true]);
      expect(host.logLines.some((line) => line.includes('jute.maxbuffer'))).toBe(true);
    }
  });

  test('a packet in single bytes is a packet', async () => {
    const { host } = await testServer();
    const client = new TestClient(host);
    client.connect();
    const [op, body] = create('/a');
    for (const byte of packet((w) => {
      w.i32(7).i32(op);
      body(w);
    }))
      client.wire.send(Buffer.of(byte));
    expect(client.replies().map((reply) => [reply.xid, reply.err])).toEqual([[7, ErrorCode.OK]]);
  });

  test('whatever a client sends, the server stays and another session is not harmed', async () => {
    const { host } = await testServer();
    const good = new TestClient(host);
    good.connect({ timeOut: 40_000 });
    good.call(...create('/mine', 1));
    let turn = 0;
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: -12, max: 110 }),
        fc.uint8Array({ maxLength: 60 }),
        (shaken, op, junk) => {
          const bad = new TestClient(host);
          if (shaken) {
            bad.connect();
            bad.wire.send(packet((w) => w.i32(++turn).i32(op).bytes(junk)));
          } else {
            bad.wire.send(turn++ % 2 === 0 ? junk : packet((w) => w.bytes(junk)));
          }
          host.settle();
          bad.wire.close();
          host.settle();
          expect(good.call(...exists('/mine')).err).toBe(ErrorCode.OK);
        },
      ),
      { numRuns: 500 },
    );
    expect(good.wire.closedByServer).toBe(false);
  });
});
