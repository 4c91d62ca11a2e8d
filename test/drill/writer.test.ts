/** Which acknowledgements only two writable NameNodes explain. */
import { expect, test } from 'vitest';
import { writableTogether, type Acknowledged } from '../../src/drill/writer.js';

/** `a 1-2`: acknowledged by a, issued at 1, acknowledged at 2. */
function writes(...texts: readonly string[]): Acknowledged[] {
  return texts.map((text) => {
    const [, by, issued, acked] = /^(\w+) (\d+)-(\d+)$/.exec(text)!;
    return { path: `/${text}`, by: by!, issuedAtMs: Number(issued), ackedAtMs: Number(acked) };
  });
}
const found = (acknowledged: Acknowledged[], handovers: { nameNode: string; atMs: number }[] = []): string[] =>
  writableTogether(acknowledged, handovers).map(({ other, write }) => `${other.path} then ${write.path}`);

test('one after the other is a failover', () => {
  expect(found(writes('a 1-2', 'a 3-4', 'b 10-11', 'b 12-13'))).toEqual([]);
});

test('back again without having become active anew is not', () => {
  const acknowledged = writes('a 1-2', 'b 10-11', 'a 20-21');
  expect(found(acknowledged)).toEqual(['/b 10-11 then /a 20-21']);
  expect(found(acknowledged, [{ nameNode: 'a', atMs: 15 }])).toEqual([]);
  expect(found(acknowledged, [{ nameNode: 'b', atMs: 15 }])).toEqual(['/b 10-11 then /a 20-21']);
});

test('an answer that came late proves nothing: it was written before', () => {
  expect(found(writes('a 1-2', 'a 3-30', 'b 10-11', 'b 12-13'))).toEqual([]);
});
