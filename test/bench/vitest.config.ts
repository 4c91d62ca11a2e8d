import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';

// Measurements beside the real thing, in one run. Not part of any test run: they want a quiet machine and take their
// time.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/bench/**/*.bench.ts'],
    globalSetup: [fileURLToPath(new URL('../apache/fetch.ts', import.meta.url))],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
  },
});
