/**
 * What a check is: an observer of a run that says when a promise of the field was broken. It sees events and traces as
 * they happen, in virtual or in real time, keeps what it needs, and never touches the run.
 */
import type { StampedEvent, TraceEvent } from '../../base/events.js';

export interface Violation {
  /** Name of the broken promise: `LeaderCompleteness`. */
  readonly check: string;
  readonly atMs: number;
  readonly message: string;
}

export type Trace = TraceEvent & { readonly nowMs: number; readonly role: string; readonly incarnation: number };

/** How a process ended, as far as checks care. */
export interface RoleEnd {
  readonly how: 'exit' | 'crash' | 'kill' | 'power';
  readonly code: number;
  readonly reason: string;
}

export interface Check {
  onEvent?(event: StampedEvent, nowMs: number): void;
  onTrace?(event: Trace): void;
  onEnd?(role: string, end: RoleEnd, nowMs: number): void;
  /** After the calm end, when all is settled. */
  finish?(nowMs: number): void;
}

export type Report = (check: string, atMs: number, message: string) => void;

/** Gathers violations; the same one again and again is told once. */
export class Violations {
  readonly list: Violation[] = [];
  readonly #told = new Set<string>();

  readonly report: Report = (check, atMs, message) => {
    const key = `${check} ${message}`;
    if (this.#told.has(key) || this.list.length >= 50) return;
    this.#told.add(key);
    this.list.push({ check, atMs: Math.round(atMs * 1000) / 1000, message });
  };
}
