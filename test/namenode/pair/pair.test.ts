/** A client and two NameNodes, told as stories: who is asked, who answers, and who waits. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.js';
import { FailoverProxy, type FailoverEffect, type FailoverInput } from '../../../src/namenode/client/failover-proxy.js';
import { HaContext, type HaEffect, type HaInput } from '../../../src/namenode/ha/ha-context.js';
import { refusedInState } from '../../../src/namenode/ha/operation-category.js';
import { runTrace, TraceGroup, valueText, type Command } from '../../trace.js';
import { inputOf, traceFiles } from '../machine-trace.js';

interface Write {
  readonly type: 'write';
  readonly call: number;
}

type NameNodeEffect =
  | HaEffect
  | { readonly type: 'answered'; readonly call: number }
  | { readonly type: 'refused'; readonly call: number };

/** A NameNode that is nothing but its HA state, and the gate in front of it. */
class NameNodeStandIn implements Machine<HaInput | Write, NameNodeEffect> {
  readonly #context = new HaContext({ haEnabled: true, notBecomeActiveInSafeMode: false });
  #serves: Extract<HaEffect, { type: 'serve' }> = { type: 'serve', state: 'INITIALIZING', hold: false };
  #held: Write[] = [];

  step(input: HaInput | Write): readonly NameNodeEffect[] {
    if (input.type === 'write') return this.#write(input);
    const effects: NameNodeEffect[] = [];
    for (const effect of this.#context.step(input)) {
      effects.push(effect);
      if (effect.type === 'serve') this.#serves = effect;
      if (effect.type === 'entered') for (const write of this.#held.splice(0)) effects.push(...this.#write(write));
    }
    return effects;
  }

  get state(): string {
    return `${this.#serves.state}${this.#held.length === 0 ? '' : `, ${this.#held.length} calls wait`}`;
  }

  #write(write: Write): readonly NameNodeEffect[] {
    const { state, hold } = this.#serves;
    if (refusedInState(state, 'WRITE', false) === undefined) return [{ type: 'answered', call: write.call }];
    if (!hold) return [{ type: 'refused', call: write.call }];
    this.#held.push(write);
    return [];
  }
}

function story(path: string): string {
  const group = new TraceGroup();
  for (const name of ['nn1', 'nn2']) {
    const standIn = new NameNodeStandIn();
    group.add<HaInput | Write, NameNodeEffect>(name, standIn, {
      text: (effect) => (effect.type === 'answered' || effect.type === 'refused' ? undefined : valueText(effect)),
      carryOut(effect) {
        if (effect.type === 'answered') group.send(name, 'client', `${effect.call} is done`, effect);
        if (effect.type === 'refused')
          group.send(name, 'client', `${effect.call}: StandbyException`, {
            type: 'failed',
            call: effect.call,
            fault: 'failover',
            chance: 0.5,
          });
      },
      state: () => standIn.state,
    });
  }
  const options = { nameNodes: 2, maxFailovers: 15, maxRetries: 10, sleepBaseMs: 500, sleepMaxMs: 15_000 };
  group.add<FailoverInput, FailoverEffect>('client', new FailoverProxy(options), {
    carryOut({ type, call, ...rest }) {
      if (type !== 'ask' || !('nameNode' in rest)) return;
      const again = rest.retryCount === 0 ? '' : `, sent ${rest.retryCount + 1} times`;
      group.send('client', `nn${rest.nameNode + 1}`, `write ${call}${again}`, { type: 'write', call });
    },
    text: (effect) => (effect.type === 'ask' ? undefined : valueText(effect)),
  });
  return runTrace(path, (command: Command) => {
    if (!group.common(command)) {
      const [to] = command.args;
      group.feed(to === undefined ? 'client' : to, inputOf(command));
    }
    return group.take();
  });
}

test.each(traceFiles(fileURLToPath(new URL('.', import.meta.url))))('%s', async (_name, path) => {
  await expect(story(path)).toMatchFileSnapshot(path);
});
