import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/longest-first.ts';

/** Files that put a module in another's place, or the clock: that stays with their process. */
const ownProcess = [
  'src/render/mjml/mjml-reference.test.ts',
  'src/render/mjml/mjml-samples.test.ts',
  'src/render/markup/outlook-comments.test.ts',
  'src/import-template/corpus.test.ts',
];
const all = '{src,templates,queues,previews,fixtures,test}/**/*.test.{ts,tsx}';

const shared = {
  // Patience with a busy machine, not a limit of anything: commands are started, databases made.
  testTimeout: 180_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // Most tests wait for databases, queues and servers more than they calculate.
    maxWorkers: Math.max(5, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      // What is loaded for one file is there for the next: loading takes longer than most of them.
      { test: { ...shared, name: 'shared', include: [all], exclude: ownProcess, isolate: false } },
      { test: { ...shared, name: 'own process', include: ownProcess } },
    ],
  },
});
