import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { zxidText } from '../../../src/base/zxid.js';
import { planSynchronization } from '../../../src/zookeeper/zab/synchronization.js';
import { runTrace } from '../../trace.js';

const trace = fileURLToPath(new URL('synchronization.trace', import.meta.url));

test("how a learner is brought to the leader's history", async () => {
  let history: { base: bigint; memory: bigint; txns: bigint[] } = { base: 0n, memory: 0n, txns: [] };
  await expect(
    runTrace(trace, ({ name, options }) => {
      if (name === 'history') {
        const txns = (options['txns'] ?? '')
          .split(',')
          .filter((range) => range !== '')
          .flatMap((range) => {
            const [from, to] = range.split('-').map(BigInt) as [bigint, bigint];
            return Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
          });
        history = { base: BigInt(options['base']!), memory: BigInt(options['memory']!), txns };
        return ['ok'];
      }
      const peerLastZxid = BigInt(options['peer']!);
      const floor =
        peerLastZxid < history.base
          ? undefined
          : (history.txns.filter((zxid) => zxid <= peerLastZxid).at(-1) ?? history.base);
      const plan = planSynchronization({
        peerLastZxid,
        committed: history.txns.at(-1) ?? history.base,
        floor,
        memoryFloor: history.memory,
      });
      return [
        plan.mode === 'SNAP'
          ? 'SNAP'
          : plan.mode === 'DIFF'
            ? `DIFF after ${zxidText(plan.after)}`
            : `TRUNC to ${zxidText(plan.after)}, then what follows`,
      ];
    }),
  ).toMatchFileSnapshot(trace);
});
