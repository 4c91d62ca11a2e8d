/** What the two parts of the election's machine, elector.ts and activation.ts, both know, and how they put effects. */
import { ErrorCode } from '../wire/zookeeper/error-code.js';
import type { ElectorEffect, ElectorEvent, ElectorInput, ElectorTimer } from './elector-messages.js';
import type { Phase } from './elector-table.js';

export class ElectionMemory {
  phase: Phase = 'out';
  /** Number of the current ZooKeeper client, 0 if there is none; numbers are never used twice. */
  client = 0;
  /** The session's time-out, as the server set it. */
  timeoutMs: number;
  /** What lock and breadcrumb are to hold: our node. */
  data: Buffer = Buffer.alloc(0);
  /** Attempts at the question to ZooKeeper that is under way, after the first. */
  retries = 0;
  /** What came in while one thing was under way. */
  readonly waiting: ElectorInput[] = [];
  nowMs = 0;
  out: ElectorEffect[] = [];

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** The session ended while an activation is under way, which must not be carried through. */
  get sessionEnded(): boolean {
    return this.waiting.some((input) => input.type === 'expired' && input.client === this.client);
  }

  clear(timer: ElectorTimer): void {
    this.out.push({ type: 'clearTimer', timer });
  }

  event(event: ElectorEvent): void {
    this.out.push({ type: 'event', event });
  }

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.out.push({ type: 'log', level, message });
  }
}

/** ZooKeeper did not answer: whether it was done, nobody knows. */
export function isLoss(code: number): boolean {
  return code === ErrorCode.CONNECTIONLOSS || code === ErrorCode.OPERATIONTIMEOUT;
}
