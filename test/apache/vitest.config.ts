import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';

// Apache's own programs beside ours: one file at a time, since each starts a cluster or a JVM on a machine that may
// have two cores.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/apache/**/*.test.ts'],
    globalSetup: [fileURLToPath(new URL('fetch.ts', import.meta.url))],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
