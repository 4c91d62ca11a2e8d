/**
 * LabError: the one error type of the project. What a user sees is `message` (what is wrong, naming the file, key,
 * line, port or directory) and `remedy` (what to do about it); what code looks at is `code` and `data`.
 */
export class LabError extends Error {
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly remedy: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { remedy?: string; data?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.remedy = options.remedy;
    this.data = Object.freeze({ ...options.data });
  }

  /** Two lines for a terminal: the fault, then the remedy. */
  override toString(): string {
    return this.remedy === undefined ? this.message : `${this.message}\n  ${this.remedy}`;
  }
}

/** True for a LabError with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof LabError && error.code === code;
}

/** A broken invariant of our own: never the user's fault, never caught to carry on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new LabError('ASSERTION', `assertion failed: ${message}`);
}

/** Closes a switch over a closed set. */
export function unreachable(value: never): never {
  throw new LabError('ASSERTION', `unreachable value ${JSON.stringify(value)}`);
}
