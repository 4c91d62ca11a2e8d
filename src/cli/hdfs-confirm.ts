/** A yes-or-no question on a terminal, as Hadoop's tools ask it. */
import { createInterface } from 'node:readline/promises';

/** Asks on standard error; true for y or yes. At the end of input: no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await new Promise<string | undefined>((resolve) => {
        lines.once('close', () => resolve(undefined));
        void lines.question(`${question} (Y or N) `).then(resolve, () => resolve(undefined));
      });
      if (answer === undefined) return false;
      if (/^y(es)?$/i.test(answer.trim())) return true;
      if (/^no?$/i.test(answer.trim())) return false;
      process.stderr.write(`Invalid input: ${answer}\n`);
    }
  } finally {
    lines.close();
  }
}
