/**
 * Starting in two steps: a process loads its code and then waits at a gate until the supervisor says what comes first
 * (`start`, `format`, `bootstrap`). So ten processes load side by side, though each may only begin when another serves.
 * A gate is a file; one whose supervisor is gone opens for nobody.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../base/errors.js';
import { processFacts } from './processes.js';
import { gateFile } from './state-dir.js';

export const GATE_WORDS = ['start', 'format', 'bootstrap'] as const;
export type GateWord = (typeof GATE_WORDS)[number];

const POLL_MS = 8;
/** How often the supervisor is looked for. */
const LOOK_MS = 500;

/** What a process that is to wait finds in its environment. */
export function gateEnvironment(labDir: string, id: string): Record<string, string> {
  return { HALAB_GATE: gateFile(labDir, id), HALAB_GATE_KEEPER: String(process.pid) };
}

export function openGate(labDir: string, id: string, word: GateWord): void {
  const path = gateFile(labDir, id);
  writeFileSync(`${path}.new`, word);
  renameSync(`${path}.new`, path);
}

export function closeGate(labDir: string, id: string): void {
  rmSync(gateFile(labDir, id), { force: true });
}

/** Resolves with the word once the gate is open; at once where there is none. Rejects LabError `SUPERVISOR_GONE`. */
export async function passGate(env: NodeJS.ProcessEnv = process.env): Promise<GateWord> {
  const path = env['HALAB_GATE'];
  const keeper = Number(env['HALAB_GATE_KEEPER']);
  if (path === undefined) return 'start';
  const birth = processFacts(keeper)?.birth;
  for (let waited = 0; ; waited += POLL_MS) {
    let word: string | undefined;
    try {
      word = readFileSync(path, 'utf8');
    } catch {
      // Not yet.
    }
    if (word !== undefined) {
      rmSync(path, { force: true });
      return (GATE_WORDS as readonly string[]).includes(word) ? (word as GateWord) : 'start';
    }
    if (birth === undefined || (waited % LOOK_MS < POLL_MS && processFacts(keeper)?.birth !== birth)) {
      throw new LabError('SUPERVISOR_GONE', `the command that started this is gone (process ${keeper})`, {
        remedy: 'start it again: halab up',
      });
    }
    await sleep(POLL_MS);
  }
}
