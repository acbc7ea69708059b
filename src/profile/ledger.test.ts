import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf, fixtureNow, loadFixtures } from '../../fixtures/load.ts';
import { readPersonas } from '../../fixtures/persona.ts';
import { type FreshDatabase, freshDatabase } from '../../test/database.ts';
import { applyEvents } from '../ledger/apply.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { Row } from '../ledger/row.ts';
import type { Db } from '../postgres/pool.ts';
import { findProfiles, type ProfileKey, readingOf, readProfiles } from './ledger.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
let people: { memberId: string; email: string }[];
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
  await loadFixtures(database.pool, 'demo');
  people = [...(await readPersonas('juniper')), ...(await readPersonas('kestrel'))].flatMap(
    ({ memberId, email }) =>
      memberId === null || memberId === 'rosa-marin' ? [] : [{ memberId, email }],
  );
});
afterAll(() => database.close());

const read = (keys: readonly ProfileKey[], now = fixtureNow) =>
  readProfiles(database.pool, now, brandOf, keys);

describe('whoever is asked for', () => {
  it('is answered in the order of the keys, each with their own row or none', async () => {
    const person = fc.integer({ min: 0, max: people.length - 1 });
    const key = fc.record({
      tenant: fc.constantFrom('demo', 'demo', 'demo', 'other'),
      by: fc.constantFrom('id', 'email', 'both', 'EMAIL'),
      person,
      addressOf: fc.option(person),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 50 }), async (asked) => {
        const keys = asked.map(({ tenant, by, person: index, addressOf }) => {
          const { memberId, email } = people[index] ?? { memberId: '', email: '' };
          const other = people[addressOf ?? index]?.email ?? '';
          if (by === 'id') return { tenant, memberId };
          if (by === 'both') return { tenant, memberId, email: other };
          return { tenant, email: by === 'EMAIL' ? email.toUpperCase() : email };
        });
        const readings = await read(keys);
        const expected = asked.map(({ tenant, by, person: index, addressOf }) => {
          if (tenant === 'other')
            return {
              kind: 'guest',
              why: by === 'id' || by === 'both' ? 'unknown-member' : 'unknown-address',
            };
          if (by === 'both' && addressOf !== null && addressOf !== index)
            return { kind: 'guest', why: 'address-not-linked' };
          return { kind: 'member', profile: { memberId: people[index]?.memberId } };
        });
        expect(readings).toMatchObject(expected);
        expect(readings).toHaveLength(asked.length);
      }),
      { numRuns: 60 },
    );
  });

  it('is a guest when nobody knows them', async () => {
    expect(
      await read([
        { tenant: 'demo', memberId: 'nobody' },
        { tenant: 'demo', email: 'nobody@mail.example' },
        { tenant: 'demo', memberId: 'ana-keller', email: 'nobody@mail.example' },
      ]),
    ).toEqual([
      { kind: 'guest', why: 'unknown-member' },
      { kind: 'guest', why: 'unknown-address' },
      { kind: 'guest', why: 'address-not-linked' },
    ]);
  });

  it('is erased for good', async () => {
    expect(
      await read([
        { tenant: 'demo', memberId: 'rosa-marin' },
        { tenant: 'demo', memberId: 'rosa-marin', email: 'rosa.marin@mail.example' },
      ]),
    ).toEqual([{ kind: 'erased' }, { kind: 'erased' }]);
  });
});

it('reads a whole batch in one statement', async () => {
  const statements: unknown[] = [];
  const db: Db = {
    query: (query, values) => {
      statements.push(query);
      return database.pool.query(query, values);
    },
  };
  const readings = await readProfiles(
    db,
    fixtureNow,
    brandOf,
    people.map(({ memberId }) => ({ tenant: 'demo', memberId })),
  );
  expect(readings).toHaveLength(people.length);
  expect(statements).toHaveLength(1);
});

/** Reads with Ana's row spoilt, and forgets about it. */
const spoilt = async (document: string) => {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(
      `update laurel.profiles p set document = ${document} where member_id = 'ana-keller'`,
    );
    return await readProfiles(client, fixtureNow, brandOf, [
      { tenant: 'demo', memberId: 'ana-keller' },
      { tenant: 'demo', memberId: 'hanna-vogel' },
    ]);
  } finally {
    await client.query('rollback');
    client.release();
  }
};

describe('a row that is not a profile', () => {
  it.each([
    ['garbage', `'{"points": "many"}'`],
    ['a number as text', `jsonb_set(document, '{points,active}', '"12400"')`],
    ['a field missing', `document - 'points'`],
    [
      "another member's",
      `(select document from laurel.profiles o where o.tenant = p.tenant and o.member_id = 'elin-strand')`,
    ],
    ['of an unknown brand', `jsonb_set(document, '{brand}', '"nobody"')`],
  ])('is a failure of its own, %s', async (_, document) => {
    const [bad, good] = await spoilt(document);
    expect(bad).toMatchObject({ name: 'PermanentError', code: 'bad-profile' });
    expect(good).toMatchObject({ kind: 'member', profile: { memberId: 'hanna-vogel' } });
  });
});

describe('a row as it was written', () => {
  it('parses to itself, and is read as one that is looked at field by field', async () => {
    const keys = people.map(({ memberId }) => ({ tenant: 'demo', memberId }));
    const found = await findProfiles(database.pool, keys);
    expect(found.length).toBeGreaterThan(15);
    for (const one of found) {
      expect(one.sealed).toBe(true);
      expect(Row.parse(one.document)).toEqual(one.document);
      const [key] = keys.filter(({ memberId }) => memberId === one.memberId);
      const looked = { ...one, sealed: null };
      expect(readingOf(fixtureNow, brandOf, key ?? { tenant: '' }, one)).toEqual(
        readingOf(fixtureNow, brandOf, key ?? { tenant: '' }, looked),
      );
    }
  });

  it('isn’t taken for one after any change to it, nor where another schema wrote it', async () => {
    const client = await database.pool.connect();
    const sealedAfter = async (change: string) => {
      await client.query('begin');
      await client.query(`update laurel.profiles p set ${change} where member_id = 'ana-keller'`);
      const [ana] = await findProfiles(client, [{ tenant: 'demo', memberId: 'ana-keller' }]);
      await client.query('rollback');
      return ana?.sealed;
    };
    try {
      expect(await sealedAfter('ledger_version = ledger_version')).toBe(true);
      const changes = [
        `document = jsonb_set(document, '{points,active}', '12401')`,
        `document = document || '{"firstName": "Ana "}'`,
        `document = document - 'consents'`,
        `document = document || '{"extra": null}'`,
        `document = (select document from laurel.profiles o where o.tenant = p.tenant and o.member_id = 'elin-strand')`,
        'document_seal = document_seal + 1',
        'document_seal = jsonb_hash_extended(document, 1)',
      ];
      const sealed: [string, unknown][] = [];
      for (const change of changes) sealed.push([change, await sealedAfter(change)]);
      expect(sealed).toEqual(changes.map((change) => [change, false]));
      expect(await sealedAfter('document_seal = null')).toBeNull();
    } finally {
      client.release();
    }
  });
});

const expiry = (n: number) => new Date(Date.UTC(2026, 1, 1 + n)).toISOString();

it('counts afresh when more dates have passed than the row lists', async () => {
  const base = { source: 's', memberId: 'many', at: '2026-01-01T00:00:00Z' };
  await applyEvents(database.pool, 'lots', brandOf, [
    { ...base, id: 'e', type: 'member.enrolled', brand: 'juniper', membershipNumber: '1' },
    ...Array.from({ length: 60 }, (_, n) => ({
      ...base,
      id: `p${n}`,
      type: 'points.earned',
      points: 10,
      expiresAt: expiry(n),
    })),
  ]);
  const readings = await Promise.all(
    [0, 30, 50, 59].map((n) =>
      read([{ tenant: 'lots', memberId: 'many' }], new Date(Date.parse(expiry(n)))),
    ),
  );
  expect(readings.flat()).toMatchObject(
    [590, 290, 90, 0].map((activePoints) => ({ kind: 'member', profile: { activePoints } })),
  );
});
