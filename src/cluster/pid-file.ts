/**
 * Pid files: the pid on the first line, as Hadoop's and ZooKeeper's scripts write and read it; on the second what tells
 * this process from a later one with the same pid, so that a file left over by a dead process is known for what it is.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { processFacts, type ProcessFacts } from './processes.js';

export type PidFileState =
  | { readonly kind: 'absent' }
  /** The process that wrote it is alive. */
  | { readonly kind: 'alive'; readonly pid: number; readonly facts: ProcessFacts }
  /** It is gone; `reused` if another process has its pid now. */
  | { readonly kind: 'stale'; readonly pid: number | undefined; readonly reused: boolean };

export function readPidFile(path: string): PidFileState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { kind: 'absent' };
  }
  const [pidText, birth] = text.split('\n');
  const pid = Number(pidText);
  if (!/^\d+$/.test(pidText ?? '') || pid < 1) return { kind: 'stale', pid: undefined, reused: false };
  const facts = processFacts(pid);
  if (facts === undefined) return { kind: 'stale', pid, reused: false };
  // A file with a pid alone was written by other scripts: believe it.
  if (birth !== undefined && birth !== '' && birth !== facts.birth) return { kind: 'stale', pid, reused: true };
  return { kind: 'alive', pid, facts };
}

export function writePidFile(path: string, pid: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const birth = processFacts(pid)?.birth ?? '';
  writeFileSync(`${path}.new`, `${pid}\n${birth}\n`);
  renameSync(`${path}.new`, path);
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}
