/** Events of many files as one story, in time order, while it is written. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEvents, tailEvents } from '../../src/cluster/events.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halab-events-'));
  mkdirSync(join(dir, 'events'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const line = (role: string, wallMs: number): string => `${JSON.stringify({ wallMs, role, type: 'ElectionJoined' })}\n`;
const write = (role: string, text: string): void => appendFileSync(join(dir, 'events', `${role}.ndjson`), text);
const told = (events: readonly { role: string; wallMs: number }[]): string[] =>
  events.map(({ role, wallMs }) => `${role} ${wallMs}`);

test('merged by time; what is cut off or no event is left out', () => {
  write('a', line('a', 1) + line('a', 5));
  write('b', line('b', 3) + '{"wallMs": 4, "ro');
  write('c', `nonsense\n{"type":"NoStamp"}\n${line('c', 2)}`);
  expect(told(readEvents(dir))).toEqual(['a 1', 'c 2', 'b 3', 'a 5']);
  expect(told(readEvents(dir, 3))).toEqual(['b 3', 'a 5']);
});

test('followed: lines that come later, files that come later, a line in two pieces', async () => {
  write('a', line('a', 1));
  const abort = new AbortController();
  const seen: string[] = [];
  const done = (async () => {
    for await (const event of tailEvents(dir, { pollMs: 5, settleMs: 0, signal: abort.signal })) {
      seen.push(`${event.role} ${event.wallMs}`);
      if (seen.length === 1) write('b', line('b', 2).slice(0, 10));
      if (seen.length === 1) setTimeout(() => write('b', line('b', 2).slice(10)), 20);
      if (seen.length === 2) write('a', line('a', 3));
      if (seen.length === 3) abort.abort();
    }
  })();
  await done;
  expect(seen).toEqual(['a 1', 'b 2', 'a 3']);
});

test('what was a bigint is one again; text that looks like a number stays text', () => {
  const stamp = { wallMs: 1, role: 'a' };
  const events = [
    { ...stamp, type: 'LeaderElected', leader: 3, round: '2', zxid: '-9223372036854775808' },
    { ...stamp, type: 'EpochPromised', journal: '12', epoch: '9007199254740993', previous: '0' },
    { ...stamp, type: 'ElectionLeft', reason: '7' },
  ];
  write('a', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  expect(readEvents(dir)).toEqual([
    { ...stamp, type: 'LeaderElected', leader: 3, round: 2n, zxid: -9223372036854775808n },
    { ...stamp, type: 'EpochPromised', journal: '12', epoch: 9007199254740993n, previous: 0n },
    { ...stamp, type: 'ElectionLeft', reason: '7' },
  ]);
});

test('no directory yet: no events', () => {
  expect(readEvents(join(dir, 'none'))).toEqual([]);
  writeFileSync(join(dir, 'events', 'x.txt'), line('x', 1));
  expect(readEvents(dir)).toEqual([]);
});
