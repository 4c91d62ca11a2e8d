/**
 * Where lines go: gathered over one turn of the event loop and written at its end with one synchronous write (a few
 * microseconds into the page cache), so that nothing is left behind when the process exits. A full or failing disk
 * loses lines, never the role.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Sink {
  /** `line` without its newline. */
  write(line: string): void;
  /** Writes at once what is gathered. */
  flush(): void;
}

/** Text handed over turn by turn; `put` must not throw. */
export function batchingSink(put: (text: string) => void): Sink {
  let gathered = '';
  let scheduled = false;
  const flush = (): void => {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    put(text);
  };
  return {
    write(line: string): void {
      gathered += `${line}\n`;
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        flush();
      });
    },
    flush,
  };
}

/** Appends to a file, which is created with its directories at the first line. */
export function fileSink(path: string): Sink {
  let fd: number | undefined;
  return batchingSink((text) => {
    try {
      if (fd === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        fd = openSync(path, 'a');
      }
      writeSync(fd, text);
    } catch {
      // Nowhere to report it. Opened anew at the next line: the directory may come back.
      if (fd !== undefined)
        try {
          closeSync(fd);
        } catch {
          /* already gone */
        }
      fd = undefined;
    }
  });
}
