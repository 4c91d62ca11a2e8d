/**
 * Any bytes whatever: an RPC end answers, waits for more or closes; it never throws anything else, and never waits for
 * what it would not take.
 */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasCode } from '../../../../src/base/errors.js';
import { ResponseReader } from '../../../../src/wire/hadoop/rpc/client-connection.js';
import { ServerConnection } from '../../../../src/wire/hadoop/rpc/server-connection.js';

const exchange = readFileSync(new URL('fixtures/ha-service.txt', import.meta.url), 'utf8').split('\n');
const side = (mark: string): Buffer =>
  Buffer.concat(exchange.filter((line) => line.startsWith(mark)).map((line) => Buffer.from(line.slice(2), 'hex')));
const fromClient = side('>');
const fromServer = side('<');

/** Real traffic with some bytes changed, a piece cut out, and an end cut off. */
const damaged = (original: Buffer): fc.Arbitrary<Buffer> =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 6 }),
      cut: fc.tuple(fc.nat(original.length), fc.nat(40)),
      end: fc.nat(original.length),
    })
    .map(({ changes, cut: [at, count], end }) => {
      const bytes = Buffer.from(original);
      for (const [position, value] of changes) bytes[position] = value;
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]).subarray(0, end);
    });

test('a server, fed damaged traffic in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        damaged(fromClient),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      fc.integer({ min: 1, max: 400 }),
      (bytes, size) => {
        const connection = new ServerConnection();
        let closed = false;
        for (let at = 0; at < bytes.length; at += size) {
          const effects = connection.receive(bytes.subarray(at, at + size));
          expect(closed && effects.length > 0).toBe(false);
          closed ||= effects.some((effect) => effect.kind === 'close');
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a client, fed damaged answers', () => {
  fc.assert(
    fc.property(damaged(fromServer), fc.integer({ min: 1, max: 400 }), (bytes, size) => {
      const reader = new ResponseReader();
      try {
        for (let at = 0; at < bytes.length; at += size) reader.receive(bytes.subarray(at, at + size));
      } catch (error) {
        expect(hasCode(error, 'MALFORMED'), String(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('before a client has said who it is, a packet above 1 MiB is refused at its length', () => {
  const connection = new ServerConnection();
  connection.receive(Buffer.from('68727063090000', 'hex'));
  const effects = connection.receive(Buffer.from([0x00, 0x10, 0x00, 0x01]));
  expect(effects.map(({ kind }) => kind)).toEqual(['close']);
});
