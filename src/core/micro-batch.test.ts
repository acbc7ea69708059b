import { setImmediate as turn } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { batch } from './micro-batch.ts';

it('puts what concurrent callers ask for into one call, each getting its own answer', async () => {
  const calls: (readonly number[])[] = [];
  const double = batch(
    async (keys: readonly number[]) => {
      calls.push(keys);
      return keys.map((key) => key * 2);
    },
    { max: 10, inFlight: 2 },
  );
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
  expect(calls).toEqual([[1, 2, 3]]);
});

it('keeps to its size and to what may be in flight', async () => {
  let running = 0;
  let most = 0;
  const echo = batch(
    async (keys: readonly number[]) => {
      expect(keys.length).toBeLessThanOrEqual(4);
      most = Math.max(most, ++running);
      for (let turns = 0; turns < 5; turns++) await turn();
      running--;
      return keys;
    },
    { max: 4, inFlight: 2 },
  );
  const keys = Array.from({ length: 50 }, (_, index) => index);
  expect(await Promise.all(keys.map(echo))).toEqual(keys);
  expect(most).toBe(2);
});

it('a failing call fails its own callers, and no later ones', async () => {
  const picky = batch(
    async (keys: readonly string[]) => {
      if (keys.includes('bad')) throw new Error('no');
      return keys;
    },
    { max: 10, inFlight: 1 },
  );
  await expect(Promise.all([picky('a'), picky('bad')])).rejects.toThrow('no');
  expect(await picky('b')).toBe('b');
});

it('an answer of the wrong length reaches nobody as somebody else’s', async () => {
  const short = batch(async (keys: readonly string[]) => keys.slice(1), { max: 10, inFlight: 1 });
  const outcomes = await Promise.allSettled([short('a'), short('b')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

it('gathers what comes within a moment of each other once there are several callers, and never more than its size', async () => {
  const sizes: number[] = [];
  const echo = batch(
    async (keys: readonly number[]) => {
      sizes.push(keys.length);
      return keys;
    },
    { max: 8, inFlight: 2, gatherMs: 30 },
  );
  await Promise.all([1, 2].map(echo));
  const answers: Promise<number>[] = [];
  for (let key = 0; key < 20; key++) {
    answers.push(echo(key));
    await turn();
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, (_, key) => key));
  expect(Math.max(...sizes)).toBe(8);
  expect(sizes.length).toBeLessThan(20);
});

it('lets a caller who is alone go at once, again and again', async () => {
  const sizes: number[] = [];
  const echo = batch(
    async (keys: readonly string[]) => {
      sizes.push(keys.length);
      return keys;
    },
    // Longer than a test may last.
    { max: 8, inFlight: 2, gatherMs: 100_000 },
  );
  for (const key of ['a', 'b', 'c']) expect(await echo(key)).toBe(key);
  expect(sizes).toEqual([1, 1, 1]);
});
