import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';

// Two cores: two workers. Tests against Apache's own processes have a configuration of their own (test/apache).
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: ['test/**/*.test.ts'],
    exclude: ['test/apache/**', 'test/bench/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
});
