import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  infiniteStream,
  nat,
  record,
} from 'fast-check';
import { expect, it } from 'vitest';

import { openLedgerTurns } from './ledger-turns.ts';

type Told = { readonly memberId: string; readonly n: number; readonly bad: boolean };

const requests = array(
  array(
    record({
      memberId: constantFrom('a', 'b', 'c', 'd', 'e'),
      bad: nat(9).map((one) => one === 0),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 1, maxLength: 30 },
);

const isTold = (event: unknown): event is Told => typeof event === 'object' && event !== null;

it('keeps each member’s order, never works for one twice at once, and one’s fault is nobody else’s', async () => {
  let grouped = 0;
  await assert(
    asyncProperty(requests, infiniteStream(nat(3)), async (shapes, pauses) => {
      let n = 0;
      const batches = shapes.map((shape) => shape.map((one): Told => ({ ...one, n: n++ })));
      const applied: Told[] = [];
      const inHand = new Set<string>();
      let atOnce = 0;
      const turns = openLedgerTurns<number>(
        async (_, given) => {
          const events = given.filter(isTold);
          const members = new Set(events.map(({ memberId }) => memberId));
          for (const one of members) expect(inHand.has(one)).toBe(false);
          for (const one of members) inHand.add(one);
          atOnce += 1;
          expect(atOnce).toBeLessThanOrEqual(2);
          const pause = pauses.next().value ?? 0;
          for (let turn = 0; turn < pause; turn += 1) await setImmediate();
          atOnce -= 1;
          for (const one of members) inHand.delete(one);
          if (events.some(({ bad }) => bad)) throw new Error('bad');
          if (events.length > 3) grouped += 1;
          applied.push(...events);
          return events.map((one) => one.n);
        },
        { atOnce: 2, waiting: 100, together: 8 },
      );
      const answers = await Promise.allSettled(batches.map((one) => turns.apply('t', one)));
      for (const [at, batch] of batches.entries()) {
        const answer = answers[at];
        const expected = batch.some(({ bad }) => bad)
          ? { status: 'rejected', reason: new Error('bad') }
          : { status: 'fulfilled', value: batch.map((one) => one.n) };
        expect(answer).toEqual(expected);
      }
      for (const member of ['a', 'b', 'c', 'd', 'e']) {
        const order = applied.filter(({ memberId }) => memberId === member).map((one) => one.n);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 300 },
  );
  expect(grouped).toBeGreaterThan(20);
});

it('says that too much waits, and goes on with what does', async () => {
  const release = new AbortController();
  const released = once(release.signal, 'abort');
  const turns = openLedgerTurns<string>(
    async (_, events) => {
      await released;
      return events.map(() => 'applied');
    },
    { atOnce: 1, waiting: 2, together: 10 },
  );
  const first = turns.apply('t', [{ memberId: 'a' }]);
  const others = [turns.apply('t', [{ memberId: 'b' }]), turns.run('t', 'c', async () => 'done')];
  await expect(turns.apply('t', [{ memberId: 'd' }])).rejects.toMatchObject({
    code: 'ledger-busy',
  });
  release.abort();
  expect(await first).toEqual(['applied']);
  expect(await Promise.all<unknown>(others)).toEqual([['applied'], 'done']);
});

it('one who is held up holds up nobody else, and is applied once it is free', async () => {
  const release = new AbortController();
  const released = once(release.signal, 'abort');
  const sizes: number[] = [];
  const turns = openLedgerTurns<string>(
    async (_, events, hurried) => {
      sizes.push(events.length);
      const held = events.filter(isTold).some(({ memberId }) => memberId === 'held');
      if (held && hurried) throw new Error('waited for too long');
      if (held) await released;
      return events.map(() => 'applied');
    },
    { atOnce: 2, waiting: 100, together: 50 },
  );
  const tell = (memberId: string) => turns.apply('t', [{ memberId, n: 0, bad: false }]);
  const first = [tell('x'), tell('y')];
  const held = tell('held');
  const others = Array.from({ length: 20 }, (_, n) => tell(`m-${n}`));
  const later = tell('held');
  expect(await Promise.all([...first, ...others])).toEqual(
    Array.from({ length: 22 }, () => ['applied']),
  );
  // What came at once went together, before one of them had to wait.
  expect(Math.max(...sizes)).toBe(22);
  release.abort();
  expect(await Promise.all([held, later])).toEqual([['applied'], ['applied']]);
});
