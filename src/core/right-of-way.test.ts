import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import * as fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';

import { openRightOfWay } from './right-of-way.ts';

/** However busy the machine is, nobody's patience ends. */
const stopTheClock = () =>
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
afterEach(() => void vi.useRealTimers());

it('lets go on at once where nothing is urgent, in the order of asking', async () => {
  const way = openRightOfWay();
  const done: number[] = [];
  await Promise.all([1, 2, 3, 4, 5].map((n) => way.giveWay().then(() => done.push(n))));
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

it('few go on in a turn of the event loop, so that others come in between', async () => {
  const way = openRightOfWay();
  const gone: number[] = [];
  let turns = 0;
  const all = Array.from({ length: 20 }, () => way.giveWay().then(() => gone.push(turns)));
  for (; turns < 200 && gone.length < 20; turns += 1) await turn();
  await Promise.all(all);
  const inATurn = new Map<number, number>();
  for (const at of gone) inATurn.set(at, (inATurn.get(at) ?? 0) + 1);
  expect(inATurn.size).toBeGreaterThan(4);
  expect(Math.max(...inATurn.values())).toBeLessThanOrEqual(4);
});

it('what is urgent goes first, and when it is over the others go on', async () => {
  stopTheClock();
  const way = openRightOfWay();
  const over = way.urgent();
  let gone = false;
  const going = way.giveWay().then(() => (gone = true));
  for (let turns = 0; turns < 5; turns += 1) await turn();
  expect(gone).toBe(false);
  over();
  await going;
});

it('what became urgent after somebody was to go on is before him', async () => {
  stopTheClock();
  const way = openRightOfWay();
  let gone = false;
  const going = way.giveWay().then(() => (gone = true));
  const over = way.urgent();
  await turn();
  await turn();
  expect(gone).toBe(false);
  over();
  await going;
});

it('nobody waits for ever: neither for one that never ends, nor for many that follow each other', async () => {
  const way = openRightOfWay();
  way.urgent(); // and never over
  await way.giveWay();
  const stop = new AbortController();
  const receipts = (async () => {
    while (!stop.signal.aborted) {
      const over = way.urgent();
      await sleep(5);
      const next = way.urgent();
      over();
      await turn();
      next();
    }
  })();
  let mails = 0;
  for (; mails < 10; mails += 1) await way.giveWay();
  stop.abort();
  await receipts;
  expect(mails).toBe(10);
});

it('everybody goes on, whatever comes and ends in whatever order', async () => {
  const Act = fc.constantFrom('ask', 'urgent', 'over', 'turn');
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(Act, { minLength: 20, maxLength: 60 }), async (acts) => {
      const way = openRightOfWay();
      const urgent: (() => void)[] = [];
      const order: number[] = [];
      const waiting: Promise<unknown>[] = [];
      for (const act of acts) {
        const nth = waiting.length;
        if (act === 'ask') waiting.push(way.giveWay().then(() => order.push(nth)));
        if (act === 'urgent') urgent.push(way.urgent());
        if (act === 'over') {
          const end = urgent.shift();
          end?.();
          end?.(); // said twice, it counts once
        }
        if (act === 'turn') await turn();
      }
      await Promise.all(waiting);
      asked += waiting.length;
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
  expect(asked).toBeGreaterThan(200);
});
