/** A yes-or-no question, as Hadoop's tools ask it. Mirrors ToolRunner.confirmPrompt. */
import { typedLines, type TypedLines } from './typed-lines.js';

/**
 * Asks on standard error, again after what is neither; true for y or yes. At the end of input: no, where Hadoop's would
 * ask for ever.
 */
export async function confirm(
  question: string,
  lines: TypedLines = typedLines(),
  tell: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<boolean> {
  for (;;) {
    tell(`${question} (Y or N) `);
    const answer = await lines.next();
    if (answer === undefined) {
      tell('\n');
      return false;
    }
    if (/^y(es)?$/i.test(answer)) return true;
    if (/^no?$/i.test(answer)) return false;
    tell(`Invalid input: ${answer}\n`);
  }
}
