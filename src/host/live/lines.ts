/** Bytes in pieces -> lines, without their ends (`\n` or `\r\n`); a line longer than the limit is cut into several. */
import { StringDecoder } from 'node:string_decoder';

const LIMIT = 64 * 1024;

export function lineSplitter(onLine: (line: string) => void): { data(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    rest += text;
    let from = 0;
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n', from)) {
      onLine(rest.slice(from, at > from && rest[at - 1] === '\r' ? at - 1 : at));
      from = at + 1;
    }
    rest = rest.slice(from);
    while (rest.length > LIMIT) {
      onLine(rest.slice(0, LIMIT));
      rest = rest.slice(LIMIT);
    }
  };
  return {
    data: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
