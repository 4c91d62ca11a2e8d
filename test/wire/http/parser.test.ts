/** HTTP messages as they may arrive: in pieces of any size, one after the other, damaged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasCode } from '../../../src/base/errors.js';
import { RequestParser, ResponseParser } from '../../../src/wire/http/parser.js';
import type { HttpPart } from '../../../src/wire/http/parser.js';

/** Feeds bytes in pieces; bodies are joined, so that pieces do not show. */
function parse<Head>(
  parser: { push(chunk: Buffer): void; next(): HttpPart<Head> | undefined },
  bytes: Buffer,
  size: number,
): unknown[] {
  const out: unknown[] = [];
  let body = '';
  for (let at = 0; at < bytes.length; at += size) {
    parser.push(bytes.subarray(at, at + size));
    for (let part = parser.next(); part !== undefined; part = parser.next()) {
      if (part.kind === 'body') body += part.bytes.toString('latin1');
      else if (part.kind === 'head') out.push(part.head);
      else {
        out.push(body);
        body = '';
      }
    }
  }
  return out;
}

const requests = Buffer.from(
  'GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n' +
    'PUT /image HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n ' +
    'world\r\n0\r\nTrailer: t\r\n\r\n' +
    'POST / HTTP/1.0\r\nContent-Length: 3\r\nX:  spaced \r\nX: twice\r\n\r\nabc',
  'latin1',
);

test('requests one after the other, cut anywhere', () => {
  const whole = parse(new RequestParser(), requests, requests.length);
  expect(whole).toEqual([
    {
      method: 'GET',
      target: '/a?b=c',
      version: '1.1',
      headers: new Map([
        ['host', 'x'],
        ['accept', '*/*'],
      ]),
    },
    '',
    { method: 'PUT', target: '/image', version: '1.1', headers: new Map([['transfer-encoding', 'chunked']]) },
    'hello world',
    {
      method: 'POST',
      target: '/',
      version: '1.0',
      headers: new Map([
        ['content-length', '3'],
        ['x', 'spaced, twice'],
      ]),
    },
    'abc',
  ]);
  for (let size = 1; size < 40; size++) expect(parse(new RequestParser(), requests, size)).toEqual(whole);
});

test('an answer without a length ends with the connection', () => {
  const parser = new ResponseParser('GET');
  expect(parse(parser, Buffer.from('HTTP/1.0 200 OK\r\n\r\nsome'), 5)).toEqual([
    { status: 200, reason: 'OK', version: '1.0', headers: new Map() },
  ]);
  expect(parser.finish()).toBe(true);
  const cut = new ResponseParser('GET');
  parse(cut, Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'), 50);
  expect(cut.finish()).toBe(false);
});

test('damaged bytes are read, awaited or refused, never anything else', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(requests.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.integer({ min: 1, max: 300 }),
      (changes, size) => {
        const bytes = Buffer.from(requests);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          parse(new RequestParser(), bytes, size);
        } catch (error) {
          expect(hasCode(error, 'HTTP_MALFORMED'), String(error)).toBe(true);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
