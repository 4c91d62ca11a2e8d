/**
 * Traces that are tests: a `.trace` file holds prose (lines that begin with `#`) and commands, each with what it
 * printed below `----`. Running a trace gives the same text again, with today's output; `vitest -u` writes it down.
 */
import { readFileSync } from 'node:fs';

export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** `key=value` arguments. */
  readonly options: Readonly<Record<string, string>>;
}

export function runTrace(path: string, execute: (command: Command) => readonly string[]): string {
  const out: string[] = [];
  let skipping = false;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (skipping) {
      if (line !== '') continue;
      skipping = false;
    }
    if (line === '----') {
      skipping = true;
      continue;
    }
    if (line === '' || line.startsWith('#')) {
      if (line !== '' || out[out.length - 1] !== '') out.push(line);
      continue;
    }
    const words = line.split(/\s+/);
    const args = words.slice(1).filter((word) => !word.includes('='));
    const options = Object.fromEntries(
      words
        .slice(1)
        .filter((word) => word.includes('='))
        .map((word) => word.split('=') as [string, string]),
    );
    out.push(line, '----', ...execute({ name: words[0]!, args, options }), '');
  }
  while (out[out.length - 1] === '') out.pop();
  return `${out.join('\n')}\n`;
}
