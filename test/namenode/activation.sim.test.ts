/** The moment of becoming active, step by step in virtual time. */
import { expect, test } from 'vitest';
import type { StampedEvent } from '../../src/base/events.js';
import { NameNodePair } from './name-node-pair.js';

const mkdir = (src: string) => ({ src, masked: { perm: 0o755 }, createParent: true });

async function pairWithEvents(
  seed: number,
  overrides: Record<string, string> = {},
): Promise<{ pair: NameNodePair; events: (StampedEvent & { nowMs: number })[] }> {
  const pair = new NameNodePair(seed, overrides);
  const events: (StampedEvent & { nowMs: number })[] = [];
  pair.world.observe({ onEvent: (event, nowMs) => events.push({ ...event, nowMs }) });
  await pair.up();
  pair.stopWriting();
  await pair.pass(500);
  return { pair, events };
}

test('a call that comes while a NameNode is becoming active waits for the end of it', async () => {
  const { pair, events } = await pairWithEvents(1);
  pair.cluster.kill('nn1');
  const transition = pair.ask('nn2', 'ACTIVE');
  const established = (): boolean =>
    events.some(({ type, role }) => type === 'WriterEpochEstablished' && role === 'nn2');
  expect(await pair.world.run({ untilMs: pair.world.nowMs + 10_000, until: established })).toBe('until');
  expect(events.some(({ type, role }) => type === 'BecameActive' && role === 'nn2')).toBe(false);
  const written = pair.call('nn2', 'mkdirs', mkdir('/while'));
  const seen = pair.call('nn2', 'getFileInfo', { src: '/w' });
  await pair.wait(transition);
  expect(await pair.wait(written)).toEqual({ result: true });
  expect(await pair.wait(seen)).toHaveProperty('fs.fileType', 1);
});

test('the events of a take-over, in their order, and quickly', async () => {
  const { pair, events } = await pairWithEvents(2);
  pair.cluster.kill('nn1');
  const from = pair.world.nowMs;
  expect(await pair.transition('nn2', 'ACTIVE')).toBe(true);
  const own = events.filter(({ role, nowMs }) => role === 'nn2' && nowMs >= from);
  expect(own.map(({ type }) => type).filter((type) => type !== 'CheckpointSaved')).toEqual([
    'WriterEpochEstablished',
    'SegmentsRecovered',
    'EditsCaughtUp',
    'HaStateChanged',
    'BecameActive',
  ]);
  expect(own.find(({ type }) => type === 'HaStateChanged')).toMatchObject({ from: 'STANDBY', to: 'ACTIVE' });
  expect(pair.world.nowMs - from).toBeLessThan(150);
});

test('with in-progress tailing the standby is never far behind', async () => {
  const pair = new NameNodePair(3, {
    'dfs.ha.tail-edits.in-progress': 'true',
    'dfs.ha.tail-edits.period': '100ms',
    'dfs.ha.log-roll.period': '3600s',
  });
  const events: StampedEvent[] = [];
  pair.world.observe({ onEvent: (event) => events.push(event) });
  await pair.up();
  await pair.pass(3000);
  const tailed = events.filter(({ type, role }) => type === 'EditsCaughtUp' && role === 'nn2');
  expect(tailed.length).toBeGreaterThan(10);
  pair.stopWriting();
  pair.cluster.kill('nn1');
  expect(await pair.transition('nn2', 'ACTIVE')).toBe(true);
  const listed = await pair.list('nn2');
  expect([...pair.acknowledged].filter((name) => !listed.has(name))).toEqual([]);
});

test('a standby reads for nobody', async () => {
  const { pair } = await pairWithEvents(4);
  const refused = await pair.wait(
    pair.call('nn2', 'getFileInfo', { src: '/w' }).then(
      () => 'served',
      (error: Error) => error.message,
    ),
  );
  expect(refused).toContain('Operation category READ is not supported in state standby');
});
