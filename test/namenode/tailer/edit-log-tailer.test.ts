/** When a standby reads, and when it asks for a roll. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EditLogTailer } from '../../../src/namenode/tailer/edit-log-tailer.js';
import { machineTrace, traceFiles } from '../machine-trace.js';

test.each(traceFiles(fileURLToPath(new URL('.', import.meta.url))))('%s', async (_name, path) => {
  const options = { tailEditsPeriodMs: 60_000, logRollPeriodMs: 120_000, peers: 2 };
  await expect(machineTrace(path, () => new EditLogTailer(options))).toMatchFileSnapshot(path);
});
