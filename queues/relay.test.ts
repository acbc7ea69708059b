import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { JobQueue } from './backend.ts';
import { type RelayDeps, startRelay } from './relay.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rounds = (count: number) => vi.advanceTimersByTimeAsync(count * 2_000);

const emptyQueue: JobQueue = {
  add: async () => {},
  beat: async () => 'beat',
  isGone: async () => true,
  waiting: async () => 0,
  lagMs: async () => 0,
  unfinished: async () => 1,
  close: async () => {},
};

/** A relay that has nothing to do but what is said. */
const relayOf = (does: Partial<RelayDeps>) =>
  startRelay({
    queues: { transactional: emptyQueue, campaign: emptyQueue },
    lanesDue: async () => new Set(),
    takeDue: async () => [],
    releaseJobs: async () => {},
    lanesStale: async () => [],
    forgetStaleJobs: async () => 0,
    forgetJobs: async () => 0,
    recoverClaims: async () => ({ resent: 0, quarantined: 0 }),
    maxJobs: { transactional: 1, campaign: 1 },
    listen: async () => async () => {},
    log: { warn: () => {}, info: () => {} },
    ...does,
  });

it('after an outage living workers may say what they know before claims are taken back', async () => {
  const asked: string[] = [];
  let away = false;
  const relay = await relayOf({
    lanesStale: async () => {
      if (away) throw new Error('Postgres is away');
      asked.push('round');
      return [];
    },
    recoverClaims: async () => {
      if (away) throw new Error('Postgres is away');
      asked.push('taken back');
      return { resent: 0, quarantined: 0 };
    },
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

it('where nothing is due it asks one question, and what it is told of it takes without asking', async () => {
  const asked: string[] = [];
  const wakes: (() => void)[] = [];
  let due = new Set<'transactional' | 'campaign'>();
  const relay = await relayOf({
    lanesDue: async () => {
      asked.push('look');
      return due;
    },
    takeDue: async (lane) => {
      asked.push(lane);
      return [];
    },
    listen: async (heard) => {
      wakes.push(heard);
      return async () => {};
    },
  });
  await vi.advanceTimersByTimeAsync(1_200);
  // What was there when it started needn't be told.
  expect(asked.splice(0)).toEqual(['transactional', 'campaign', 'look', 'look']);
  for (const wake of wakes) wake();
  await vi.advanceTimersByTimeAsync(100);
  expect(asked.splice(0)).toEqual(['transactional', 'campaign']);
  due = new Set(['campaign']);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked).toEqual(['look', 'campaign']);
  await relay.close();
});

it('a receipt is added while the jobs of a campaign can’t be', async () => {
  const added: string[] = [];
  let due = ['receipt'];
  const wakes: (() => void)[] = [];
  const open = new AbortController();
  const held = new Promise<void>((resolve) =>
    open.signal.addEventListener('abort', () => resolve()),
  );
  const relay = await relayOf({
    queues: {
      transactional: { ...emptyQueue, add: async (ids) => void added.push(...ids) },
      campaign: { ...emptyQueue, add: () => held },
    },
    takeDue: async (lane) => (lane === 'campaign' ? ['mail'] : due.splice(0)),
    listen: async (heard) => {
      wakes.push(heard);
      return async () => {};
    },
  });
  await vi.advanceTimersByTimeAsync(10);
  due = ['another'];
  for (const wake of wakes) wake();
  await vi.advanceTimersByTimeAsync(10);
  expect(added).toEqual(['receipt', 'another']);
  open.abort();
  await relay.close();
});
