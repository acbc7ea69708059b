import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { brandWith } from '../../test/club.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import {
  arrivalDay,
  lastDay,
  people,
  randomArrivals,
  shuffled,
} from '../../test/random-arrivals.ts';
import { readProfiles } from '../profile/ledger.ts';
import { applyEvents } from './apply.ts';
import type { BrandOf } from './batch.ts';
import { eventFields, type LedgerEventInput } from './events.ts';
import { yearFigures } from './figures/year-figures.ts';
import { ledgerEntries } from './points/entries.ts';
import { Row } from './row.ts';

/** Thousands where somebody asks for them: `HISTORIES=2000`. */
const histories = Number(process.env['HISTORIES'] ?? 5);
/** To try a fault again with its `SEED`, without those that passed before it. */
const from = Number(process.env['FROM'] ?? 0);
const orders = 2;
const shrinkingMs = 120_000;

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const tiers = [
  { id: 'base', name: 'Base', benefits: [] },
  { id: 'plus', name: 'Plus', threshold: 100, benefits: [] },
  { id: 'top', name: 'Top', threshold: 300, benefits: [] },
];
const engagement = [{ kind: 'visit', points: 5, qualifyingPoints: 2 }];
const rewards = [
  { rewardId: 'drink', name: 'A drink', kind: 'free-product', at: { lifetimePoints: 100 } },
];
const rules = { tiers, engagement, rewards };
/** Without what is said to depend on the order of arrival: the first purchase, tiers that multiply, caps. */
const programmes = {
  'counted by their source': { ...rules, accrual: 'source' },
  'counted by the programme, when paid': { ...rules, pendingUntil: 'paid' },
  'counted by the programme, never below zero, tiers by the year': {
    ...rules,
    negative: 'floor',
    pendingUntil: { otherwise: 'returnWindow', channels: { store: 'fulfilled' } },
    expiry: { after: 'earning', months: 6 },
    tierPeriod: { kind: 'calendarYear' },
    tiers: [
      ...tiers.slice(0, 2),
      { ...tiers[2], needs: { all: [{ attribute: 'purchases', goal: 2 }] } },
    ],
  },
  'that lapse of inactivity': {
    ...rules,
    expiry: { after: 'inactivity', months: 4 },
    tierPeriod: { kind: 'rolling', months: 6 },
  },
};

let tenants = 0;
/** Tells all of it; what was refused is sent again for as long as that helps, as senders do. */
async function told(brandOf: BrandOf, events: readonly LedgerEventInput[], size: number) {
  tenants += 1;
  const tenant = `t${tenants}`;
  for (let left = events; left.length > 0;) {
    const refused: LedgerEventInput[] = [];
    for (let at = 0; at < left.length; at += size) {
      const batch = left.slice(at, at + size);
      const results = await applyEvents(database.pool, tenant, brandOf, batch);
      refused.push(...batch.filter((_one, n) => results[n]?.kind === 'refused'));
    }
    if (refused.length === left.length) break;
    left = refused;
  }
  return said(tenant, brandOf);
}

/** All that is said of everybody: on several days, by the year, movement by movement. */
async function said(tenant: string, brandOf: BrandOf) {
  const who = people.filter((one) => one !== 'dora');
  const keys = who.map((memberId) => ({ tenant, memberId }));
  const days = [lastDay + 1, lastDay + 20, lastDay + 200].map(arrivalDay);
  const year = { tenant, brand: 'club', timeZone: 'Europe/Berlin', currency: 'EUR', locale: 'en' };
  const { rows: unregistered } = await database.pool.query(
    `select document #- '{unregistered,ledgerVersion}' #- '{unregistered,memberId}' #- '{unregistered,asOf}'
              #- '{unregistered,enrolledAt}' #- '{unregistered,tier}' #- '{unregistered,spend}' as document
       from laurel.profiles where tenant = $1 and document ? 'unregistered' order by 1`,
    [tenant],
  );
  // What is stored of somebody parses to itself: it isn't parsed again when it is read.
  const { rows: stored } = await database.pool.query<{ document: unknown }>(
    'select document from laurel.profiles where tenant = $1 and document_seal is not null',
    [tenant],
  );
  for (const { document } of stored)
    if (!isUnregistered(document)) expect(Row.parse(document)).toEqual(document);
  const profiles = [];
  for (const day of days)
    profiles.push(
      ...(await readProfiles(database.pool, new Date(day), brandOf, keys)).map((one) => {
        if (one instanceof Error || one.kind !== 'member') return one;
        const { ledgerVersion: _version, ...profile } = one.profile;
        return profile;
      }),
    );
  const entries = [];
  for (const one of who)
    entries.push(
      (await ledgerEntries(database.pool, tenant, one, new Date(arrivalDay(lastDay + 200)))).map(
        ({ event, ...entry }) => ({ ...entry, event: event?.id }),
      ),
    );
  const years = await Promise.all(
    [2025, 2026].map((n) => yearFigures(database.pool, { ...year, year: n }, who)),
  );
  // Once somebody is erased, nobody knows any more what a booking of theirs was about.
  const { rows: subjects } = await database.pool.query(
    `select subject, cancelled_at from laurel.cancelled_subjects
      where tenant = $1 and not subject ~ '^(trip:.*-b|stay:dora)' order by 1`,
    [tenant],
  );
  return {
    profiles,
    entries,
    years: years.map((one) => who.map((member) => one.get(member))),
    unregistered,
    subjects,
  };
}

const isUnregistered = (document: unknown) =>
  typeof document === 'object' && document !== null && 'unregistered' in document;

const counts = { histories: 0, events: 0, orders: 0, seeds: [] as number[] };
const tellCounts = () => console.info(`orders of arrival: ${JSON.stringify(counts)}`);
afterAll(tellCounts);

const order = fc.record({ seed: fc.nat(), size: fc.constantFrom(1, 3, 7, 50) });
const history = fc.record({
  events: randomArrivals(40),
  others: fc.array(order, { minLength: orders, maxLength: orders }),
});

describe.each(Object.entries(programmes))('points %s', (_name, changes) => {
  it(
    'come to the same in whatever order they are told',
    { timeout: 600_000 + histories * 20_000 },
    async () => {
      const brandOf = brandWith({ ...changes });
      const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
      counts.seeds.push(seed);
      const before = counts.histories;
      let until = Infinity;
      let passedOver = 0;
      const property = fc.asyncProperty(history, async ({ events, others }) => {
        // One that failed is made smaller for some minutes, not for hours.
        if (Date.now() > until) return;
        if ((passedOver += 1) <= from) return;
        counts.histories += 1;
        counts.events += events.length;
        // A run of thousands that is stopped has still said what it did.
        if (counts.histories % 250 === 0) tellCounts();
        const expected = await told(brandOf, events, 50);
        for (const other of others) {
          counts.orders += 1;
          try {
            expect(await told(brandOf, shuffled(events, other.seed), other.size)).toEqual(expected);
          } catch (error) {
            until = Math.min(until, Date.now() + shrinkingMs);
            throw error;
          }
        }
      });
      const found = await fc.check(property, { numRuns: histories, seed });
      if (found.failed) {
        // In a run of hours the first fault is told when it is found, not with the last programme.
        const fault = failure(found);
        console.error(fault);
        throw fault;
      }
      expect(counts.histories - before).toBe(histories - from);
    },
  );
});

/** What was told, an event a line, for whoever has to find out. */
function failure(
  found: fc.RunDetails<[typeof history extends fc.Arbitrary<infer One> ? One : never]>,
) {
  const { events = [], others = [] } = found.counterexample?.[0] ?? {};
  const lines = events.map((one) => JSON.stringify(one)).join('\n');
  return new Error(
    `SEED=${found.seed}, made smaller ${found.numShrinks} times: told in order of time\n${lines}\n` +
      `and in these orders: ${JSON.stringify(others)}`,
    { cause: found.errorInstance },
  );
}

it('is tried with every event and every field there is', () => {
  const seen = new Map<string, Set<string>>();
  for (const event of fc.sample(randomArrivals(60), { numRuns: 600, seed: 7 }).flat())
    for (const field of Object.keys(event))
      seen.set(event.type, (seen.get(event.type) ?? new Set()).add(field));
  const missing = [...eventFields].flatMap(([type, fields]) =>
    fields.filter((field) => !seen.get(type)?.has(field)).map((field) => `${type}.${field}`),
  );
  expect(missing).toEqual([]);
});
