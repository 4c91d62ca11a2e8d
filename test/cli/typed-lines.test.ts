/** Answers that are typed, or come on a pipe, for one question or several. */
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from '../../src/cli/hdfs-confirm.js';
import { TypedLines } from '../../src/cli/typed-lines.js';

async function ask(input: Readable, times: number): Promise<{ answers: boolean[]; told: string }> {
  const lines = new TypedLines(input);
  let told = '';
  const answers: boolean[] = [];
  for (let time = 1; time <= times; time++) answers.push(await confirm(`${time}?`, lines, (text) => (told += text)));
  return { answers, told };
}

test.each([
  ['several answers on one pipe', 'Y\nn\nyes\n', [true, false, true], '1? (Y or N) 2? (Y or N) 3? (Y or N) '],
  [
    'asks again after what is neither',
    'q\n\n y\nYES\n',
    [true],
    '1? (Y or N) Invalid input: q\n1? (Y or N) Invalid input: \n1? (Y or N) Invalid input:  y\n1? (Y or N) ',
  ],
  ['at the end of input: no', 'Y\n', [true, false], '1? (Y or N) 2? (Y or N) \n'],
  ['nothing at all: no', '', [false], '1? (Y or N) \n'],
  ['an answer without a line end', 'y', [true], '1? (Y or N) '],
  ['line ends of another system', 'n\r\ny\r\n', [false, true], '1? (Y or N) 2? (Y or N) '],
])('%s', async (_name, input, answers, told) => {
  expect(await ask(Readable.from([input]), answers.length)).toEqual({ answers, told });
});

test('an answer may come in pieces, and in other pieces than lines', async () => {
  expect((await ask(Readable.from(['Y', '\nn', 'o\n', 'y\n']), 3)).answers).toEqual([true, false, true]);
});

test('between questions nothing is read, so that the process may end', async () => {
  const input = new PassThrough();
  input.write('y\n');
  const lines = new TypedLines(input);
  expect(await lines.next()).toBe('y');
  expect(input.isPaused()).toBe(true);
  input.write('n\n');
  expect(await lines.next()).toBe('n');
});
