import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  type Account,
  activePoints,
  advance,
  apply,
  emptyAccount,
  type Entry,
  lockedPoints,
  total,
} from './points.ts';

const entry = (fields: Partial<Entry> & Pick<Entry, 'kind' | 'points' | 'at'>): Entry => ({
  qualifying: 0,
  activeAt: fields.at,
  expiresAt: Infinity,
  ref: null,
  lock: null,
  ...fields,
});

const after = (entries: readonly Entry[], to: number): Account => {
  const account = emptyAccount();
  for (const one of entries) apply(account, one);
  advance(account, to);
  return account;
};

const balances = (account: Account) => ({
  active: activePoints(account),
  pending: total(account.pending),
  locked: lockedPoints(account),
  spent: account.spent,
  expired: account.expired,
  earned: account.earned,
});

describe('what may be spent', () => {
  it('leaves out what is pending, until it is active', () => {
    const entries = [entry({ kind: 'earn', points: 100, at: 10, activeAt: 20 })];
    expect(balances(after(entries, 19))).toMatchObject({ active: 0, pending: 100 });
    expect(balances(after(entries, 20))).toMatchObject({ active: 100, pending: 0 });
  });

  it('leaves out what has expired, from the instant of its expiry', () => {
    const entries = [entry({ kind: 'earn', points: 100, at: 10, expiresAt: 20 })];
    expect(balances(after(entries, 19))).toMatchObject({ active: 100, expired: 0 });
    expect(balances(after(entries, 20))).toMatchObject({ active: 0, expired: 100 });
  });

  it('T5: leaves out what waited for an event until its date was over', () => {
    const entries = [
      entry({ kind: 'earn', points: 90, at: 10, activeAt: Infinity, expiresAt: 20, ref: 'o' }),
    ];
    expect(balances(after(entries, 19))).toMatchObject({ pending: 90, expired: 0 });
    expect(balances(after(entries, 20))).toMatchObject({ pending: 0, expired: 90, active: 0 });
    const late = [...entries, entry({ kind: 'activate', points: 0, at: 21, ref: 'o' })];
    expect(balances(after(late, 22))).toMatchObject({ pending: 0, expired: 90, active: 0 });
  });

  it('leaves out what is locked; released, it is back', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10 }),
      entry({ kind: 'lock', points: 60, at: 11, lock: 'a' }),
    ];
    expect(balances(after(entries, 12))).toMatchObject({ active: 40, locked: 60 });
    const released = [...entries, entry({ kind: 'release', points: 0, at: 13, lock: 'a' })];
    expect(balances(after(released, 13))).toMatchObject({ active: 100, locked: 0 });
  });

  it('does not let locked points expire while they are locked, but when they come back too late', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10, expiresAt: 20 }),
      entry({ kind: 'lock', points: 100, at: 11, lock: 'a' }),
    ];
    expect(balances(after(entries, 30))).toMatchObject({ locked: 100, expired: 0 });
    const spent = [...entries, entry({ kind: 'spend', points: 70, at: 30, lock: 'a' })];
    const released = [...spent, entry({ kind: 'release', points: 0, at: 31, lock: 'a' })];
    expect(balances(after(released, 31))).toMatchObject({
      active: 0,
      locked: 0,
      spent: 70,
      expired: 30,
    });
  });

  it('uses first what expires first, also when it was earned last', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10, expiresAt: 100 }),
      entry({ kind: 'earn', points: 50, at: 11, expiresAt: 20 }),
      entry({ kind: 'spend', points: 50, at: 12 }),
    ];
    expect(balances(after(entries, 50))).toMatchObject({ active: 100, expired: 0 });
  });

  it('lets a bonus lapse that was granted after the spending', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10 }),
      entry({ kind: 'spend', points: 80, at: 11 }),
      entry({ kind: 'earn', points: 50, at: 12, expiresAt: 20 }),
    ];
    expect(balances(after(entries, 20))).toMatchObject({ active: 20, expired: 50 });
  });

  it('counts an expiry once that both the date and an event tell', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10, expiresAt: 20 }),
      entry({ kind: 'earn', points: 30, at: 10 }),
      entry({ kind: 'expire', points: 100, at: 25 }),
    ];
    expect(balances(after(entries, 30))).toMatchObject({ active: 30, expired: 100 });
  });

  it('goes below zero when more was taken than there was, and the next points pay for it', () => {
    const entries = [
      entry({ kind: 'spend', points: 50, at: 10 }),
      entry({ kind: 'earn', points: 80, at: 11, activeAt: 15 }),
    ];
    expect(balances(after(entries, 12))).toMatchObject({ active: -50, pending: 80 });
    expect(balances(after(entries, 15))).toMatchObject({ active: 30, pending: 0 });
  });

  it('takes back what an order earned from that order’s own points, pending ones first', () => {
    const entries = [
      entry({ kind: 'earn', points: 40, at: 10 }),
      entry({ kind: 'earn', points: 60, at: 11, activeAt: 30, ref: 'o' }),
      entry({ kind: 'reverse', points: -60, at: 12, ref: 'o' }),
    ];
    expect(balances(after(entries, 40))).toMatchObject({ active: 40, pending: 0, earned: 40 });
  });

  it('takes back nothing more of an order whose points lapsed unused', () => {
    const entries = [
      entry({ kind: 'earn', points: 40, at: 10 }),
      entry({ kind: 'earn', points: 60, at: 11, expiresAt: 20, ref: 'o' }),
      entry({ kind: 'spend', points: 10, at: 12 }),
      entry({ kind: 'reverse', points: -60, at: 30, ref: 'o' }),
    ];
    // Ten of the sixty were spent: these are taken from the others.
    expect(balances(after(entries, 30))).toMatchObject({ active: 30, expired: 0, earned: 40 });
    const told = [...entries.slice(0, 3), entry({ kind: 'expire', points: 50, at: 21 })];
    expect(balances(after([...told, ...entries.slice(3)], 30))).toMatchObject({ active: 30 });
  });

  it('gives points back with the dates they had', () => {
    const entries = [
      entry({ kind: 'earn', points: 50, at: 10, expiresAt: 20 }),
      entry({ kind: 'earn', points: 50, at: 10, expiresAt: 40 }),
      entry({ kind: 'spend', points: 80, at: 12, ref: 'o' }),
      entry({ kind: 'reverse', points: 40, at: 13, ref: 'o' }),
    ];
    // Of the eighty, those that expire last come back first.
    expect(balances(after(entries, 13))).toMatchObject({ active: 60, spent: 40, expired: 0 });
    expect(balances(after(entries, 20))).toMatchObject({ active: 50, expired: 10 });
    const tooLate = entry({ kind: 'reverse', points: 40, at: 30, ref: 'o' });
    expect(balances(after([...entries, tooLate], 30))).toMatchObject({
      active: 50,
      spent: 0,
      expired: 50,
    });
    expect(balances(after(entries, 40))).toMatchObject({ active: 0, expired: 60 });
  });

  it('pays what she owes with points that were spent before she had them, when these come back', () => {
    const entries = [
      entry({ kind: 'earn', points: 20, at: 10, expiresAt: 40 }),
      entry({ kind: 'spend', points: 50, at: 12, ref: 'o' }),
      entry({ kind: 'reverse', points: 50, at: 13, ref: 'o' }),
    ];
    expect(balances(after(entries, 13))).toMatchObject({ active: 20, spent: 0 });
    expect(balances(after(entries, 40))).toMatchObject({ active: 0, expired: 20 });
  });

  it('lapses all that is active when nothing was earned or spent for too long', () => {
    const entries = [
      entry({ kind: 'earn', points: 100, at: 10, idleAt: 20 }),
      entry({ kind: 'earn', points: 50, at: 11, activeAt: 40, idleAt: 21 }),
      entry({ kind: 'spend', points: 30, at: 15, idleAt: 25 }),
    ];
    expect(balances(after(entries, 24))).toMatchObject({ active: 70, pending: 50, expired: 0 });
    expect(balances(after(entries, 25))).toMatchObject({ active: 0, pending: 50, expired: 70 });
    expect(balances(after(entries.slice(0, 2), 24))).toMatchObject({ active: 0, expired: 100 });
  });

  it('keeps points pending that wait for a word, and activates them by their reference', () => {
    const entries = [
      entry({ kind: 'earn', points: 60, at: 10, activeAt: Infinity, ref: 'trip' }),
      entry({ kind: 'activate', points: 0, at: 20, ref: 'trip' }),
    ];
    expect(balances(after(entries.slice(0, 1), 1000))).toMatchObject({ active: 0, pending: 60 });
    expect(balances(after(entries, 20))).toMatchObject({ active: 60, pending: 0 });
  });
});

/** The same rules once more, slowly: every single point is an object, looked at instant by instant. */
function pointByPoint(entries: readonly Entry[], to: number) {
  type Point = { activeAt: number; expiresAt: number; place: string; lock?: string | null };
  const points: Point[] = [];
  let [debt, spent, expired] = [0, 0, 0];
  const arrive = (point: Point) => {
    if (debt > 0) debt -= 1;
    else points.push({ ...point, place: 'active' });
  };
  const ends = new Map<string | null, number>();
  const settle = (now: number) => {
    for (const point of points.filter(
      ({ place, lock }) => place === 'locked' && (ends.get(lock ?? null) ?? Infinity) <= now,
    )) {
      points.splice(points.indexOf(point), 1);
      if (point.expiresAt <= now) expired += 1;
      else arrive(point);
    }
    for (const [lock, end] of ends) if (end <= now) ends.delete(lock);
    for (const point of points.filter((one) => one.place === 'pending' && one.activeAt <= now)) {
      points.splice(points.indexOf(point), 1);
      arrive(point);
    }
    for (const point of points.filter((one) => one.place === 'active' && one.expiresAt <= now)) {
      points.splice(points.indexOf(point), 1);
      expired += 1;
    }
  };
  for (let now = 0; now <= to; now += 1) {
    settle(now);
    for (const { kind, points: amount, activeAt, expiresAt, lock } of entries.filter(
      ({ at }) => at === now,
    )) {
      if (kind === 'lock' && expiresAt !== Infinity) ends.set(lock, expiresAt);
      for (let n = 0; n < amount; n += 1) {
        const next = points
          .filter(({ place }) => place === 'active')
          .toSorted((one, other) => one.expiresAt - other.expiresAt)[0];
        const locked = points.find((one) => one.place === 'locked' && one.lock === lock);
        if (kind === 'earn') {
          const point = { activeAt, expiresAt, place: 'pending' };
          if (activeAt > now) points.push(point);
          else arrive(point);
        }
        if (kind === 'spend') {
          spent += 1;
          const used = lock === null ? next : (locked ?? next);
          if (used) points.splice(points.indexOf(used), 1);
          else debt += 1;
        }
        if (kind === 'lock') {
          if (next) {
            // What was locked first comes out of a lock first, whenever it was earned.
            points.splice(points.indexOf(next), 1);
            points.push({ ...next, place: 'locked', lock });
          } else {
            debt += 1;
            points.push({ activeAt: 0, expiresAt: Infinity, place: 'locked', lock });
          }
        }
        if (kind === 'release' && locked) {
          points.splice(points.indexOf(locked), 1);
          if (locked.expiresAt <= now) expired += 1;
          else arrive(locked);
        }
      }
    }
  }
  const count = (place: string) => points.filter((one) => one.place === place).length;
  return {
    active: count('active') - debt,
    pending: count('pending'),
    locked: count('locked'),
    spent,
    expired,
  };
}

const entries = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        'earn' as const,
        'earn' as const,
        'spend' as const,
        'lock' as const,
        'release' as const,
      ),
      points: fc.integer({ min: 1, max: 12 }),
      at: fc.integer({ min: 0, max: 30 }),
      wait: fc.integer({ min: -5, max: 10 }),
      life: fc.option(fc.integer({ min: 1, max: 15 }), { nil: Infinity }),
      lock: fc.constantFrom('a', 'b'),
      ofLock: fc.boolean(),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all
      .toSorted((one, other) => one.at - other.at)
      .map(({ kind, points, at, wait, life, lock, ofLock }) => {
        const activeAt = at + Math.max(0, wait);
        const isLocked = kind === 'lock' || kind === 'release' || (kind === 'spend' && ofLock);
        return entry({
          kind,
          points,
          at,
          activeAt,
          expiresAt: activeAt + life,
          lock: isLocked ? lock : null,
        });
      }),
  );

/** The point that expires first was earned last: it is locked first, and comes back first. */
const lockedOutOfOrder = [
  entry({ kind: 'earn', points: 1, at: 0 }),
  entry({ kind: 'earn', points: 1, at: 1, activeAt: 1, expiresAt: 2 }),
  entry({ kind: 'lock', points: 2, at: 1, lock: 'b' }),
  entry({ kind: 'release', points: 1, at: 2, lock: 'b' }),
];

describe('any history of points', () => {
  it('comes to the same as counting point by point', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 30, max: 60 }), (history, to) => {
        expect(balances(after(history, to))).toMatchObject(pointByPoint(history, to));
      }),
      { numRuns: 500, examples: [[lockedOutOfOrder, 30]] },
    );
  });

  it('loses and invents no point', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 30, max: 60 }), (history, to) => {
        const { active, pending, locked, earned, spent, expired } = balances(after(history, to));
        expect(active + pending + locked).toBe(earned - spent - expired);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same whether time passes at once or step by step', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.integer({ min: 30, max: 60 })), (history, stops) => {
        const account = after(history, 0);
        for (const stop of stops.toSorted((one, other) => one - other)) advance(account, stop);
        advance(account, 60);
        expect(balances(account)).toEqual(balances(after(history, 60)));
      }),
    );
  });
});
