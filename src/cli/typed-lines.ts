/**
 * What is typed, line by line: all questions of a process read from this one, so that an answer that came on the same
 * pipe as the one before it is not lost. Between questions nothing is read, and the process may end.
 */
import type { Readable } from 'node:stream';

export class TypedLines {
  readonly #input: Readable;
  #rest = '';
  #ended = false;

  constructor(input: Readable) {
    this.#input = input;
    input.setEncoding('utf8');
  }

  /** Undefined at the end of input. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = /\r\n|\n/.exec(this.#rest);
      if (end !== null) return this.#take(end.index, end[0].length);
      if (this.#ended) return this.#rest === '' ? undefined : this.#take(this.#rest.length, 0);
      const chunk = await this.#chunk();
      if (chunk === undefined) this.#ended = true;
      else this.#rest += chunk;
    }
  }

  #take(length: number, lineEnd: number): string {
    const line = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length + lineEnd);
    return line;
  }

  #chunk(): Promise<string | undefined> {
    const input = this.#input;
    if (input.readableEnded || input.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const done = (chunk?: string): void => {
        input.off('data', done);
        for (const event of ENDS) input.off(event, over);
        input.pause();
        resolve(chunk);
      };
      const over = (): void => done();
      input.on('data', done);
      for (const event of ENDS) input.on(event, over);
      input.resume();
    });
  }
}

const ENDS = ['end', 'close', 'error'] as const;

let ofStdin: TypedLines | undefined;

/** Those of standard input. */
export function typedLines(): TypedLines {
  return (ofStdin ??= new TypedLines(process.stdin));
}
