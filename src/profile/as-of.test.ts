import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../fixtures/load.ts';
import type { Brand, Programme } from '../brand/brand.ts';
import { Profile } from '../contract/profile.ts';
import type { MemberFacts } from '../ledger/figures/facts.ts';
import type { Entry } from '../ledger/points/points.ts';
import { rowOf } from '../ledger/project.ts';
import { Row } from '../ledger/row.ts';
import { profileAt } from './as-of.ts';

let programme: Programme;
let brand: Pick<Brand, 'programme' | 'timeZone'>;
beforeAll(async () => {
  const found = (await fixtureBrandOf())('juniper');
  if (!found) throw new Error('no brand');
  brand = found;
  ({ programme } = brand);
});

const day = (n: number) => Date.UTC(2026, 0, 1) + n * 86_400_000;
const at = (n: number) => new Date(day(n));
const iso = (n: number) => at(n).toISOString().replace('.000Z', 'Z');

const facts = (fields: Partial<MemberFacts> = {}): MemberFacts => ({
  tenant: 't',
  registered: true,
  memberId: 'ana',
  membershipNumber: '1',
  memberStatus: 'active',
  enrolledAt: '2026-01-01T00:00:00Z',
  brand: 'juniper',
  email: 'ana@mail.example',
  firstName: 'Ana',
  lastName: null,
  locale: 'en',
  timeZone: 'Europe/Berlin',
  given: null,
  coupons: [],
  bonuses: [],
  consents: {},
  preferences: { diets: [], avoidCategories: [], avoidAttributes: [] },
  boughtCategories: {},
  boughtAttributes: {},
  boughtProducts: {},
  redemptions: {},
  affinities: {},
  channels: {},
  preferredStore: null,
  savings: [],
  counted: [],
  claimed: {},
  entries: [],
  asOf: day(20),
  ledgerVersion: 1,
  ...fields,
});
const earn = (points: number, from: number, until: number | null, on = 0): Entry => ({
  kind: 'earn',
  points,
  qualifying: points,
  at: day(on),
  activeAt: day(from),
  expiresAt: until === null ? Infinity : day(until),
  ref: null,
  lock: null,
});

const read = (row: Row, n: number) => {
  const profile = profileAt(row, at(n), programme, brand.timeZone);
  if (!profile) throw new Error('past what the row lists');
  return profile;
};

const lots = fc
  .array(
    fc.record({
      points: fc.integer({ min: 1, max: 500 }),
      on: fc.integer({ min: 0, max: 20 }),
      wait: fc.integer({ min: 0, max: 60 }),
      life: fc.option(fc.integer({ min: 1, max: 90 }), { nil: null }),
      kind: fc.constantFrom('earn' as const, 'earn' as const, 'earn' as const, 'spend' as const),
    }),
    { maxLength: 60 },
  )
  .map((all) =>
    all
      .toSorted((one, other) => one.on - other.on)
      .map(({ points, on, wait, life, kind }) => ({
        ...earn(points, on + wait, life === null ? null : on + wait + life, on),
        kind,
      })),
  );
const optionalDay = fc.option(fc.integer({ min: 0, max: 120 }).map(day), { nil: null });
const members = fc
  .record({
    entries: lots,
    given: fc.option(
      fc.record({
        tierId: fc.constantFrom('green', 'gold', 'reserve', 'abolished'),
        at: fc.integer({ min: 0, max: 20 }).map(day),
        expiresAt: optionalDay,
        reason: fc.constant('given'),
      }),
      { nil: null },
    ),
    coupons: fc.array(
      fc.record({
        code: fc.string(),
        offerId: fc.constant('o'),
        state: fc.constantFrom('open' as const, 'used' as const, 'disabled' as const),
        start: optionalDay,
        expiry: optionalDay,
      }),
      { maxLength: 3 },
    ),
  })
  .map(facts);

const idle = (entry: Entry) => ({ ...entry, idleAt: entry.at + 40 * 86_400_000 });

describe('a row read later', () => {
  it('says what a row projected then would say', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 20, max: 200 }), (member, n) => {
        const row = Row.parse(JSON.parse(JSON.stringify(rowOf(member, brand))));
        const early = profileAt(row, at(n), programme, brand.timeZone);
        const late = profileAt(rowOf(member, brand, at(n)), at(n), programme, brand.timeZone);
        expect(late).not.toBeNull();
        fc.pre(early !== null);
        expect(early).toEqual(late);
        expect(Profile.parse(early)).toEqual(early);
      }),
      { numRuns: 500 },
    );
  });

  it('says so too where tiers count over a time, are kept, and points lapse of inactivity', () => {
    const purchases = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        members,
        purchases,
        fc.constantFrom(
          { tierPeriod: { kind: 'rolling' as const, months: 1 } },
          { tierPeriod: { kind: 'rolling' as const, months: 2 }, tierKeep: { months: 1 } },
          { tierPeriod: { kind: 'calendarYear' as const } },
        ),
        fc.boolean(),
        fc.integer({ min: 20, max: 500 }),
        (drawn, days, changes, lapses, n) => {
          const member: MemberFacts = {
            ...drawn,
            entries: lapses ? drawn.entries.map(idle) : drawn.entries,
            counted: days
              .toSorted((one, other) => one - other)
              .map((on) => ['purchase', day(on), 1000]),
          };
          const varied = { ...programme, ...changes };
          const ours = { ...brand, programme: varied };
          const row = Row.parse(JSON.parse(JSON.stringify(rowOf(member, ours))));
          const early = profileAt(row, at(n), varied, brand.timeZone);
          const late = profileAt(rowOf(member, ours, at(n)), at(n), varied, brand.timeZone);
          expect(late).not.toBeNull();
          fc.pre(early !== null);
          expect(early).toEqual(late);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never counts as active what is pending or has expired by then', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 20, max: 200 }), (member, n) => {
        const earned = member.entries.filter(({ kind }) => kind === 'earn');
        const row = rowOf({ ...member, entries: earned }, brand);
        const profile = profileAt(row, at(n), programme, brand.timeZone);
        fc.pre(profile !== null);
        const sum = (which: (entry: Entry) => boolean) =>
          earned.filter(which).reduce((all, { points }) => all + points, 0);
        expect(profile).toMatchObject({
          activePoints: sum(({ activeAt, expiresAt }) => activeAt <= day(n) && expiresAt > day(n)),
          pendingPoints: sum(({ activeAt }) => activeAt > day(n)),
          expiredPoints: sum(({ expiresAt }) => expiresAt <= day(n)),
        });
      }),
      { numRuns: 300 },
    );
  });

  it('gives itself up rather than leave out dates it does not list', () => {
    const entries = Array.from({ length: 40 }, (_, n) => earn(10, 0, 30 + n));
    const row = rowOf(facts({ entries }), brand);
    expect(read(row, 41)).toMatchObject({ activePoints: 280, expiredPoints: 120 });
    expect(profileAt(row, at(50), programme, brand.timeZone)).toBeNull();
    const fresh = read(rowOf(facts({ entries }), brand, at(50)), 50);
    expect(fresh).toMatchObject({ activePoints: 190, expiredPoints: 210 });
    expect(fresh.expiringPoints).toHaveLength(6);
    expect(fresh.expiringPoints[0]).toEqual({ points: 10, expiresAt: iso(51) });
  });

  it('stays small: what expires together is one', () => {
    const entries = Array.from({ length: 100 }, (_, n) => earn(10, n / 10, 90, n / 10));
    expect(rowOf(facts({ entries }), brand).points.lots).toEqual([[1000, 0, day(90)]]);
  });

  it('is read as of its last event by a clock that is behind', () => {
    const row = rowOf(facts({ entries: [earn(10, 5, null)] }), brand);
    expect(read(row, 1)).toEqual(read(row, 20));
  });
});

describe('tiers', () => {
  it('are reached by qualifying points, from the moment they are', () => {
    const row = rowOf(facts({ entries: [earn(300, 0, null), earn(250, 9, null, 4)] }), brand);
    expect(read(row, 20)).toMatchObject({
      currentTier: { id: 'gold', rank: 2, effectiveAt: iso(4), expiresAt: null },
      nextTier: { id: 'reserve', rank: 3 },
      pointsToNextTier: 950,
      progress: [{ attribute: 'qualifyingPoints', currentValue: 550, valueGoal: 1500 }],
    });
  });

  it('given by the platform stand until they lapse; then the points decide again', () => {
    const given = { tierId: 'reserve', at: day(3), expiresAt: day(30), reason: 'status-match' };
    const row = rowOf(facts({ entries: [earn(600, 0, null)], given }), brand);
    expect(read(row, 29)).toMatchObject({
      currentTier: { id: 'reserve', changeReason: 'status-match', expiresAt: iso(30) },
      nextTier: null,
      pointsToNextTier: null,
    });
    expect(read(row, 30)).toMatchObject({
      currentTier: { id: 'gold', changeReason: 'tier-lapsed', effectiveAt: iso(30) },
    });
  });

  it('take their names and benefits from the programme of today', () => {
    const row = rowOf(facts(), brand);
    const renamed = {
      ...programme,
      tiers: programme.tiers.map((tier) => ({ ...tier, name: `New ${tier.name}` })),
    };
    expect(profileAt(row, at(20), renamed, brand.timeZone)?.currentTier.name).toBe('New Green');
  });
});

it('coupons and bonuses lapse with time alone', () => {
  const row = rowOf(
    facts({
      coupons: [{ code: 'C', offerId: 'o', state: 'open', start: day(25), expiry: day(40) }],
      bonuses: [{ bonusId: 'b', points: 5, grantedAt: day(1), useBy: day(40), usedAt: null }],
    }),
    brand,
  );
  const states = (n: number) => {
    const { coupons, bonuses } = read(row, n);
    return [coupons[0]?.state, bonuses[0]?.state];
  };
  expect(states(24)).toEqual(['pending', 'granted']);
  expect(states(25)).toEqual(['active', 'granted']);
  expect(states(40)).toEqual(['expired', 'expired']);
});
