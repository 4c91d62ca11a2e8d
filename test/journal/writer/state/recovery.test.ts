/** Which copy of a segment a recovery decides for: a table, from the cases that QJM's design lists. */
import { describe, expect, it } from 'vitest';
import type { PrepareRecoveryReply } from '../../../../src/journal/state/types.js';
import { decideRecovery } from '../../../../src/journal/writer/state/recovery.js';

/** `-` none, `1-5` finalized, `1-5?` in progress, `w2` last writer epoch, `a3` accepted in epoch, `c4` committed. */
function reply(text: string): PrepareRecoveryReply {
  const [segment = '-', ...facts] = text.split(' ');
  const match = /^(\d+)-(\d+)(\?)?$/.exec(segment);
  const fact = (letter: string): bigint | undefined => {
    const found = facts.find((word) => word.startsWith(letter));
    return found === undefined ? undefined : BigInt(found.slice(1));
  };
  return {
    segment:
      match === null
        ? undefined
        : { startTxid: BigInt(match[1]!), endTxid: BigInt(match[2]!), isInProgress: match[3] !== undefined },
    acceptedInEpoch: fact('a'),
    lastWriterEpoch: fact('w') ?? 1n,
    lastCommittedTxid: fact('c'),
  };
}

const decide = (...replies: string[]): string => {
  const decision = decideRecovery(
    1n,
    replies.map((text, node) => ({ node, reply: reply(text) })),
  );
  if (decision.kind === 'contradiction') return decision.reason;
  return decision.kind === 'nothing'
    ? 'nothing'
    : `${decision.segment.endTxid} from ${decision.from}${decision.bound ? ' bound' : ''}`;
};

describe('the copy that becomes the segment', () => {
  const table: readonly (readonly [string, string, ...string[]])[] = [
    ['none of the majority has it', 'nothing', '-', '-'],
    ['one has it', '3 from 1', '-', '1-3?'],
    ['the longer of the same writer', '5 from 1', '1-3?', '1-5?', '1-4?'],
    ['equal copies: the first node', '3 from 0', '1-3?', '1-3?'],
    ['finalized before longer in progress', '3 from 1', '1-9?', '1-3'],
    ['the newer writer, although shorter', '2 from 1', '1-9? w1', '1-2? w2'],
    ['an accepted recovery, although shorter', '3 from 1 bound', '1-9? w1', '1-3? w1 a2'],
    ['the later of two accepted recoveries', '4 from 1 bound', '1-6? w1 a2', '1-4? w1 a3'],
    ['a newer writer over an older accepted recovery', '2 from 1', '1-5? w1 a2', '1-2? w3'],
  ];
  for (const [name, expected, ...replies] of table) {
    it(`${name}: ${replies.join(' | ')} -> ${expected}`, () => {
      expect(decide(...replies)).toBe(expected);
      // The order of the answers decides nothing but ties.
      if (new Set(replies).size === replies.length)
        expect(decide(...replies.toReversed()).split(' ')[0]).toBe(expected.split(' ')[0]);
    });
  }

  it('never decides for less than what someone knows to be committed', () => {
    expect(decide('1-3?', '1-2? c4')).toContain('had seen txid 4 committed');
  });

  it('does not paper over finalized segments of different lengths', () => {
    expect(decide('1-3', '1-4')).toContain('finalized segments of different lengths');
  });
});
