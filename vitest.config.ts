import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,templates,queues,previews,fixtures,test}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/global-setup.ts'],
    // Patience with a busy machine, not a limit of anything: commands are started, databases made.
    testTimeout: 180_000,
    // Most tests wait for databases, queues and servers more than they calculate.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    hookTimeout: 300_000,
  },
});
