/** The end of a NameNode's process: asked for by whoever cannot go on, once. Mirrors ExitUtil as FSEditLog uses it. */
import { hasCode, type LabError } from '../base/errors.js';
import type { Host } from '../host/host.js';

export class Lifetime {
  readonly #host: Host;
  readonly startedWallMs: number;
  #ending = false;

  constructor(host: Host) {
    this.#host = host;
    this.startedWallMs = host.clock.wallMs();
  }

  /** The process ends, as Hadoop's does when it can no longer tell what is durable. */
  fatal(reason: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#host.exit(1, reason);
  }

  get isEnding(): boolean {
    return this.#ending;
  }

  /** From here on failures of what is being shut down are no news. */
  ending(): void {
    this.#ending = true;
  }
}

/** The machine's own disk is full or fails. */
export function isDiskFailure(error: unknown): error is LabError {
  return hasCode(error, 'DISK_FULL', 'DISK_FAILED');
}
