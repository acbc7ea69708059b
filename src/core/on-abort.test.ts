import { expect, it } from 'vitest';

import { onAbort, pause } from './on-abort.ts';

/** Warnings that Node gives while something is done. */
async function warningsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.name);
  process.on('warning', note);
  await work();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  return warnings;
}

it('tells everybody who still listens, once, and whoever comes late at once', () => {
  const stop = new AbortController();
  const told: string[] = [];
  onAbort(stop.signal, () => told.push('first'));
  const leave = onAbort(stop.signal, () => told.push('left'));
  onAbort(stop.signal, () => told.push('last'));
  leave();
  stop.abort();
  onAbort(stop.signal, () => told.push('late'));
  expect(told).toEqual(['first', 'last', 'late']);
});

it('D1: many who wait for one signal are no leak to Node', async () => {
  const stop = new AbortController();
  const warnings = await warningsDuring(async () => {
    const waiting = Array.from({ length: 50 }, () => pause(60_000, stop.signal));
    stop.abort();
    await Promise.all(waiting);
  });
  expect(warnings).toEqual([]);
});
