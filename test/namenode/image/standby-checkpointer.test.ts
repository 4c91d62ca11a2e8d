/** When a checkpoint is due. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { StandbyCheckpointer } from '../../../src/namenode/image/standby-checkpointer.js';
import { machineTrace, traceFiles } from '../machine-trace.js';

test.each(traceFiles(fileURLToPath(new URL('.', import.meta.url))))('%s', async (_name, path) => {
  const options = { checkPeriodMs: 60_000, periodMs: 3_600_000, txns: 1000 };
  await expect(machineTrace(path, () => new StandbyCheckpointer(options))).toMatchFileSnapshot(path);
});
