import { describe, expect, test } from 'vitest';
import { Driver } from '../../src/base/machine.js';
import type { Machine, TimerEffect, TimerInput } from '../../src/base/machine.js';

type Input = { readonly type: 'go'; readonly effects: readonly Effect[] } | TimerInput<'a' | 'b'>;
type Effect =
  | { readonly type: 'do'; readonly what: string; readonly after?: 'sync' }
  | { readonly type: 'wait'; readonly what: string }
  | { readonly type: 'again'; readonly effects: readonly Effect[] }
  | TimerEffect<'a' | 'b'>;

/** Does what it is told, and tells of its timers. */
class Echo implements Machine<Input, Effect> {
  step(input: Input): readonly Effect[] {
    return input.type === 'go' ? input.effects : [{ type: 'do', what: `timer ${input.timer}` }];
  }
}

class World {
  readonly done: string[] = [];
  nowMs = 0;
  #timers: { dueMs: number; callback: () => void; cancelled: boolean }[] = [];
  #syncs: (() => void)[] = [];
  readonly waits = new Map<string, { resolve: (input?: Input) => void; reject: (error: Error) => void }>();
  readonly failures: unknown[] = [];
  readonly driver = new Driver<Input, Effect>(new Echo(), {
    clock: {
      nowMs: () => this.nowMs,
      after: (delayMs, callback) => {
        const timer = { dueMs: this.nowMs + delayMs, callback, cancelled: false };
        this.#timers.push(timer);
        return { cancel: () => void (timer.cancelled = true) };
      },
    },
    random: { unit: () => 0.5 },
    carryOut: (effect) => {
      switch (effect.type) {
        case 'do':
          if (effect.what === 'throw') throw new Error('no');
          this.done.push(effect.what);
          return undefined;
        case 'again':
          this.go(...effect.effects);
          return undefined;
        case 'wait':
          return new Promise((resolve, reject) => this.waits.set(effect.what, { resolve, reject }));
      }
    },
    whenDurable: (callback) => void this.#syncs.push(callback),
    failed: (error) => void this.failures.push(error),
  });

  go(...effects: Effect[]): void {
    this.driver.feed({ type: 'go', effects });
  }

  /** The oldest sync asked for is done. */
  synced(): void {
    this.#syncs.shift()!();
  }

  get syncs(): number {
    return this.#syncs.length;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.#timers.filter((timer) => timer.dueMs <= this.nowMs);
    this.#timers = this.#timers.filter((timer) => timer.dueMs > this.nowMs);
    for (const timer of due) if (!timer.cancelled) timer.callback();
  }
}

const plain = (what: string): Effect => ({ type: 'do', what });
const synced = (what: string): Effect => ({ type: 'do', what, after: 'sync' });

describe('order', () => {
  test('what an effect brings about comes after the effects of its own step', () => {
    const world = new World();
    world.go({ type: 'again', effects: [plain('inner')] }, plain('outer'));
    expect(world.done).toEqual(['outer', 'inner']);
  });

  test('a promise holds up effects and inputs; the input it resolves with goes first', async () => {
    const world = new World();
    world.go({ type: 'wait', what: 'read' }, plain('rest of the step'));
    world.go(plain('next input'));
    expect(world.done).toEqual([]);
    expect(world.driver.idle).toBe(false);
    world.waits.get('read')!.resolve({ type: 'go', effects: [plain('what was read')] });
    await Promise.resolve();
    await Promise.resolve();
    expect(world.done).toEqual(['rest of the step', 'what was read', 'next input']);
    expect(world.driver.idle).toBe(true);
  });
});

describe("after: 'sync'", () => {
  test('waits for the sync, and nothing else waits for it', () => {
    const world = new World();
    world.go(plain('store'), synced('ack'), plain('tell'));
    world.go(plain('store 2'));
    expect(world.done).toEqual(['store', 'tell', 'store 2']);
    world.synced();
    expect(world.done).toEqual(['store', 'tell', 'store 2', 'ack']);
  });

  test('effects set aside one after the other share a sync; one that stores in between asks for another', () => {
    const world = new World();
    world.go(plain('store 1'), synced('ack 1'), synced('ack 1b'));
    world.go(synced('ack 1c'));
    expect(world.syncs).toBe(1);
    world.go(plain('store 2'), synced('ack 2'));
    expect(world.syncs).toBe(2);
    world.synced();
    expect(world.done).toEqual(['store 1', 'store 2', 'ack 1', 'ack 1b', 'ack 1c']);
    expect(world.driver.idle).toBe(false);
    world.synced();
    expect(world.done.at(-1)).toBe('ack 2');
    expect(world.driver.idle).toBe(true);
  });

  test('what an effect stores that was itself set aside needs a sync of its own', () => {
    const world = new World();
    world.go(plain('store 1'), synced('store 2'));
    world.go(plain('store 3'), synced('ack 3'));
    world.synced();
    world.go(synced('ack 2'));
    expect(world.done).toEqual(['store 1', 'store 3', 'store 2']);
    world.synced();
    expect(world.done).toEqual(['store 1', 'store 3', 'store 2', 'ack 3']);
    world.synced();
    expect(world.done.at(-1)).toBe('ack 2');
  });

  test('a sync that is done while a promise is under way waits for it, and then goes first', async () => {
    const world = new World();
    world.go(plain('store'), synced('ack'), { type: 'wait', what: 'close' }, plain('rest'));
    world.synced();
    expect(world.done).toEqual(['store']);
    world.waits.get('close')!.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(world.done).toEqual(['store', 'ack', 'rest']);
  });
});

describe('failure and stop', () => {
  test('nothing that followed what failed is carried out', async () => {
    const world = new World();
    world.go(plain('store'), synced('ack'), { type: 'wait', what: 'write' }, plain('told'));
    world.waits.get('write')!.reject(new Error('disk full'));
    await Promise.resolve();
    await Promise.resolve();
    world.synced();
    world.go(plain('later'));
    expect(world.done).toEqual(['store']);
    expect(world.failures).toEqual([new Error('disk full')]);
    expect(world.driver.stopped).toBe(true);
  });

  test('what is thrown counts alike', () => {
    const world = new World();
    world.go(plain('throw'), plain('told'));
    expect(world.done).toEqual([]);
    expect(world.failures).toEqual([new Error('no')]);
  });

  test('stop ends timers and drops what waits', () => {
    const world = new World();
    world.go({ type: 'setTimer', timer: 'a', delayMs: 10 }, synced('ack'));
    world.driver.stop();
    world.pass(20);
    world.synced();
    expect(world.done).toEqual([]);
  });
});

describe('timers', () => {
  test('one of a name: set again, it is replaced; cleared, it is gone; jitter is added by chance', () => {
    const world = new World();
    world.go(
      { type: 'setTimer', timer: 'a', delayMs: 10 },
      { type: 'setTimer', timer: 'b', delayMs: 10, jitterMs: 10 },
    );
    world.go({ type: 'setTimer', timer: 'a', delayMs: 30 });
    world.pass(10);
    expect(world.done).toEqual([]);
    world.pass(5);
    expect(world.done).toEqual(['timer b']);
    world.pass(15);
    expect(world.done).toEqual(['timer b', 'timer a']);
    world.go({ type: 'setTimer', timer: 'b', delayMs: 1 }, { type: 'clearTimer', timer: 'b' });
    world.pass(5);
    expect(world.done).toEqual(['timer b', 'timer a']);
  });
});
