/**
 * Traces of one machine: a line is an input, `type key=value ...`, or a command of every TraceGroup. Numbers that end
 * with `n` are transaction ids.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { After, Machine } from '../../src/base/machine.js';
import { runTrace, TraceGroup, type Command } from '../trace.js';

export function traceFiles(folder: string): [string, string][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.trace'))
    .sort()
    .map((name) => [name, join(folder, name)]);
}

function valueOf(text: string): unknown {
  if (/^-?\d+n$/.test(text)) return BigInt(text.slice(0, -1));
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

export function inputOf({ name, options }: Command): { readonly type: string } {
  return { type: name, ...Object.fromEntries(Object.entries(options).map(([key, text]) => [key, valueOf(text)])) };
}

export function machineTrace<Input, Effect extends { readonly type: string; readonly after?: After }>(
  path: string,
  make: () => Machine<Input, Effect>,
): string {
  const group = new TraceGroup();
  group.add<Input, Effect>('it', make(), {
    text: (effect) =>
      [
        effect.type,
        ...Object.entries(effect).flatMap(([key, value]) => (key === 'type' ? [] : [`${key}=${value}`])),
      ].join(' '),
  });
  return runTrace(path, (command) => {
    if (!group.common(command)) group.feed('it', inputOf(command));
    return group.take();
  });
}
