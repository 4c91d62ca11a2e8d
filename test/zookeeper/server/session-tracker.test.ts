import { expect, test } from 'vitest';
import type { Clock } from '../../../src/host/host.js';
import { ErrorCode } from '../../../src/wire/zookeeper/error-code.js';
import { SessionTracker } from '../../../src/zookeeper/server/session-tracker.js';

/** One timer at a time, fired by hand, at whatever time it is by then. */
function handClock(): { clock: Clock; at(ms: number): void; fire(): void; dueMs(): number | undefined } {
  let nowMs = 10_000;
  let due: { atMs: number; run: () => void } | undefined;
  const clock = {
    nowMs: () => nowMs,
    after: (delayMs: number, run: () => void) => {
      due = { atMs: nowMs + delayMs, run };
      return {
        cancel: () => {
          due = undefined;
        },
      };
    },
  } as unknown as Clock;
  return {
    clock,
    at: (ms) => {
      nowMs = 10_000 + ms;
    },
    fire: () => {
      const { run } = due!;
      due = undefined;
      run();
    },
    dueMs: () => (due === undefined ? undefined : due.atMs - 10_000),
  };
}

test('a session expires in the first tick after its time-out, and only once', () => {
  const hand = handClock();
  const gone: bigint[] = [];
  const tracker = new SessionTracker(hand.clock, 1000, (id) => void gone.push(id));
  tracker.track(1n, 3500);
  tracker.track(2n, 5500);
  expect(hand.dueMs()).toBe(4000);
  hand.at(2000);
  expect(tracker.touch(1n, 3500)).toBe(true);
  hand.at(4000);
  hand.fire();
  expect(gone).toEqual([]);
  hand.at(6000);
  hand.fire();
  expect([...gone].sort()).toEqual([1n, 2n]);
  expect(tracker.touch(1n, 3500)).toBe(false);
  expect(tracker.check(1n, 1)).toBe(ErrorCode.SESSIONEXPIRED);
  expect(hand.dueMs()).toBeUndefined();
});

test('a server that was held up listens before it gives anyone up', () => {
  const hand = handClock();
  const gone: bigint[] = [];
  const tracker = new SessionTracker(hand.clock, 1000, (id) => void gone.push(id));
  tracker.track(1n, 3500);
  tracker.track(2n, 3500);
  hand.at(60_000);
  hand.fire();
  expect(gone).toEqual([]);
  // The ping that waited in the socket.
  expect(tracker.touch(1n, 3500)).toBe(true);
  hand.fire();
  expect(gone).toEqual([2n]);
});

test('whoever speaks first for a session owns it, until another server adopts it', () => {
  const hand = handClock();
  const tracker = new SessionTracker(hand.clock, 1000, () => undefined);
  tracker.track(1n, 3500);
  expect([tracker.check(1n, 2), tracker.check(1n, 3), tracker.check(1n, 2)]).toEqual([
    ErrorCode.OK,
    ErrorCode.SESSIONMOVED,
    ErrorCode.OK,
  ]);
  expect(tracker.setOwner(1n, 3)).toBe(true);
  expect([tracker.check(1n, 2), tracker.check(1n, 3)]).toEqual([ErrorCode.SESSIONMOVED, ErrorCode.OK]);
  expect(tracker.setOwner(9n, 3)).toBe(false);
});
