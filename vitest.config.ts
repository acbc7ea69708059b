import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,templates,queues,previews,fixtures,test}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
