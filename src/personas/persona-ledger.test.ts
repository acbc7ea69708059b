import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { fixtureBrandOf, readCatalogue } from '../../fixtures/load.ts';
import { type FixtureBrand, fixtureBrands } from '../../fixtures/persona.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import type { Profile } from '../contract/profile.ts';
import { applyEvents } from '../ledger/apply.ts';
import { saveCatalogue } from '../ledger/catalogue/catalogue.ts';
import { readProfiles } from '../profile/ledger.ts';
import { type LoadedBrands, loadBrands } from '../render/voice/brand-files.ts';
import { type BrandFixtures, readFixtures } from './fixtures.ts';
import { readHistory } from './history.ts';
import { openPersonaLedger, type PersonaLedger } from './persona-ledger.ts';

const root = join(import.meta.dirname, '..', '..');
const dayMs = 86_400_000;

let scratch: FreshDatabase;
let separate: FreshDatabase;
let ledger: PersonaLedger;
let brands: LoadedBrands;
beforeAll(async () => {
  [scratch, separate] = await Promise.all([freshDatabase(), freshDatabase()]);
  ledger = openPersonaLedger({ scratchUrl: async () => scratch.url, keptIn: null });
  brands = await loadBrands(join(root, 'templates'));
});
afterAll(async () => {
  await ledger.close();
  await Promise.all([scratch.close(), separate.close()]);
});

const brandOf = (id: string) => {
  const brand = brands.get(id)?.brand;
  if (!brand) throw new Error(`no brand ${id}`);
  return brand;
};

async function readingAt(brand: FixtureBrand, memberId: string, at: string, lines = '') {
  const fixtures = await readFixtures(join(root, 'fixtures'), brand, []);
  const persona = fixtures.personas.find((one) => one.memberId === memberId);
  if (!persona) throw new Error(`no persona ${memberId}`);
  const told = [...fixtures.events, ...readHistory(lines, 'added.ndjson')];
  const events = told.toSorted((one, other) => one.at - other.at);
  const asked = { ...fixtures, events };
  return ledger.readingAt({ brand: brandOf(brand), fixtures: asked, persona, at: new Date(at) });
}

async function profileAt(...question: Parameters<typeof readingAt>): Promise<Profile> {
  const reading = await readingAt(...question);
  if (reading.kind !== 'member') throw new Error(`no member, but ${reading.kind}`);
  return reading.profile;
}

describe('a persona on a day', () => {
  it('before she enrolled is no member, and nobody’s address', async () => {
    expect(await readingAt('juniper', 'june-abbott', '2015-01-01T12:00:00Z')).toEqual({
      kind: 'guest',
      why: 'unknown-member',
    });
  });

  it('of the past has what she had then, not what came later', async () => {
    const [then, now] = await Promise.all(
      ['2020-06-01T12:00:00Z', '2026-11-20T12:00:00Z'].map((at) =>
        profileAt('juniper', 'hanna-vogel', at),
      ),
    );
    expect(then?.asOf).toBe('2020-06-01T12:00:00Z');
    expect(then?.bonuses).toEqual([]);
    expect(now?.bonuses).toHaveLength(1);
    expect(then?.earnedPoints).toBeGreaterThan(0);
    expect(then?.earnedPoints).toBeLessThan((now?.earnedPoints ?? 0) / 2);
    expect(then?.lastPurchases.every(({ at }) => at <= '2020-06-01T12:00:00Z')).toBe(true);
  });

  it('to come has pending points that have become active by then', async () => {
    const now = await profileAt('kestrel', 'ana-keller', '2026-11-20T12:00:00Z');
    const later = await profileAt('kestrel', 'ana-keller', '2027-02-01T12:00:00Z');
    expect(now.pendingPoints).toBeGreaterThan(0);
    expect(later.pendingPoints).toBe(0);
  });

  it('to come has lost a tier that was given until then', async () => {
    const now = await profileAt('kestrel', 'ana-keller', '2026-11-20T12:00:00Z');
    const until = now.currentTier.expiresAt;
    expect(until).not.toBeNull();
    const later = await profileAt('kestrel', 'ana-keller', '2030-03-01T12:00:00Z');
    expect(later.currentTier).not.toMatchObject({ id: now.currentTier.id, expiresAt: until });
    expect(later.currentTier.changeReason).toBe('tier-lapsed');
  });

  it('has points set aside from the reservation on, and not before', async () => {
    const locked = readFileSync(join(root, 'fixtures/kestrel/events.ndjson'), 'utf8')
      .split('\n')
      .find((line) => line.includes('"points.locked"'));
    const { at, memberId, points } = z
      .object({ at: z.string(), memberId: z.string(), points: z.number() })
      .parse(JSON.parse(locked ?? ''));
    const before = new Date(Date.parse(at) - 1).toISOString();
    const free = await profileAt('kestrel', memberId, before);
    const aside = await profileAt('kestrel', memberId, at);
    expect([free.lockedPoints, aside.lockedPoints]).toEqual([0, points]);
    expect(aside.activePoints).toBe(free.activePoints - points);
  });

  it('before an erasure is the member she was', async () => {
    expect(await readingAt('juniper', 'rosa-marin', '2026-10-01T10:00:00Z')).toEqual({
      kind: 'erased',
    });
    expect((await profileAt('juniper', 'rosa-marin', '2026-10-01T09:59:59Z')).memberId).toBe(
      'rosa-marin',
    );
  });

  it('shares the history of an account that was merged into hers', async () => {
    const merged = `{"source":"crm","id":"m1","at":"2026-11-19T10:00:00Z","type":"members.merged","memberId":"june-abbott","otherMemberId":"tom-becker","reason":"one person"}`;
    const at = '2026-11-20T12:00:00Z';
    const [june, tom, both] = await Promise.all([
      profileAt('juniper', 'june-abbott', at),
      profileAt('juniper', 'tom-becker', at),
      profileAt('juniper', 'june-abbott', at, merged),
    ]);
    expect(both.earnedPoints).toBe(june.earnedPoints + tom.earnedPoints);
  });

  it('names the line of an event that the ledger refuses', async () => {
    const merged = `{"source":"crm","id":"m1","at":"2026-11-19T10:00:00Z","type":"members.merged","memberId":"june-abbott","otherMemberId":"nobody-known","reason":"one person"}`;
    await expect(
      readingAt('juniper', 'june-abbott', '2026-11-20T12:00:00Z', `\n${merged}`),
    ).rejects.toThrow(/^added\.ndjson:2 otherMemberId: /);
  });
});

/** What happened, read by nobody's code but this. */
const linesOf = (brand: FixtureBrand) =>
  readFileSync(join(root, 'fixtures', brand, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const event: unknown = JSON.parse(line);
      const { at } = z.looseObject({ at: z.string() }).parse(event);
      return { event, at: Date.parse(at) };
    });

/** The brand's members on each of these days, in a database in which only what had happened by then was ingested. */
async function* ingestedUntil(
  brand: FixtureBrand,
  days: readonly number[],
  memberIds: readonly string[],
): AsyncGenerator<{ readonly at: Date; readonly readings: readonly unknown[] }> {
  const tenant = randomUUID();
  const known = await fixtureBrandOf();
  await saveCatalogue(separate.pool, tenant, brand, await readCatalogue(brand));
  const lines = linesOf(brand);
  let since = -Infinity;
  for (const day of days) {
    const fresh = lines.filter(({ at }) => at > since && at <= day).map(({ event }) => event);
    const results = await applyEvents(separate.pool, tenant, known, fresh);
    expect(results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
    const keys = memberIds.map((memberId) => ({ tenant, memberId }));
    yield {
      at: new Date(day),
      readings: await readProfiles(separate.pool, new Date(day), known, keys),
    };
    since = day;
  }
}

describe('P4: one clock', () => {
  it.each(fixtureBrands)(
    'on any day, %s’s personas are what a database with only the events up to then says',
    async (brand) => {
      const fixtures: BrandFixtures = await readFixtures(join(root, 'fixtures'), brand, []);
      const personas = fixtures.personas.filter(({ memberId }) => memberId !== null);
      const memberIds = personas.map(({ memberId }) => memberId ?? '');
      const times = linesOf(brand).map(({ at }) => at);
      const [first, last] = [Math.min(...times), Math.max(...times)];
      const day = fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: first - dayMs, max: last + 3 * 365 * dayMs }) },
        { weight: 2, arbitrary: fc.integer({ min: last - 200 * dayMs, max: last + 500 * dayMs }) },
        // At the very instant of an event, and just before.
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom(...times), fc.constantFrom(0, -1))
            .map(([at, by]) => at + by),
        },
      );
      const seen = { member: 0, guest: 0, erased: 0 };
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(day, { minLength: 8, maxLength: 8 }), async (some) => {
          const days = [first - 1, first, last, last + 3 * 365 * dayMs, ...some].toSorted(
            (one, other) => one - other,
          );
          for await (const { at, readings } of ingestedUntil(brand, days, memberIds)) {
            const ours = await Promise.all(
              personas.map((persona) =>
                ledger.readingAt({ brand: brandOf(brand), fixtures, persona, at }),
              ),
            );
            for (const [index, reading] of ours.entries()) {
              expect({ at, who: memberIds[index], reading }).toEqual({
                at,
                who: memberIds[index],
                reading: readings[index],
              });
              seen[reading.kind] += 1;
            }
          }
        }),
        { numRuns: 1 },
      );
      expect(seen.member + seen.guest + seen.erased).toBe(12 * personas.length);
      expect(seen.guest).toBeGreaterThanOrEqual(personas.length);
      expect(seen.member).toBeGreaterThan(3 * personas.length);
    },
    180_000,
  );
});
