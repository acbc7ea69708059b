import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { JobQueue } from './backend.ts';
import { startRelay } from './relay.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rounds = (count: number) => vi.advanceTimersByTimeAsync(count * 2_000);

const emptyQueue: JobQueue = {
  add: async () => {},
  beat: async () => 'beat',
  isGone: async () => true,
  waiting: async () => 0,
  unfinished: async () => 1,
  close: async () => {},
};

it('after an outage living workers may say what they know before claims are taken back', async () => {
  const asked: string[] = [];
  let away = false;
  const relay = await startRelay({
    queues: { transactional: emptyQueue, campaign: emptyQueue },
    takeDue: async () => [],
    releaseJobs: async () => {},
    forgetStaleJobs: async () => {
      if (away) throw new Error('Postgres is away');
      asked.push('round');
      return 0;
    },
    forgetJobs: async () => 0,
    recoverClaims: async () => {
      if (away) throw new Error('Postgres is away');
      asked.push('taken back');
      return { resent: 0, quarantined: 0 };
    },
    maxJobs: { transactional: 1, campaign: 1 },
    listen: async () => async () => {},
    log: { warn: () => {}, info: () => {} },
  });

  await rounds(2);
  expect(asked.splice(0)).toEqual(['round', 'round', 'taken back', 'round']);
  away = true;
  await rounds(5);
  away = false;
  await rounds(3);
  expect(asked).toEqual(['round', 'round', 'taken back', 'round']);
  await relay.close();
});
