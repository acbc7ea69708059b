import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf, readCatalogue } from '../../../fixtures/load.ts';
import { type Cli, openCli } from '../../../test/cli.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { randomHistory } from '../../../test/random-events.ts';
import { randomLinks } from '../../../test/random-links.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { saveCatalogue } from '../catalogue/catalogue.ts';
import type { LedgerEventInput } from '../events.ts';
import { rebuild } from './rebuild.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

let tenants = 0;
async function newTenant(): Promise<string> {
  tenants += 1;
  const tenant = `t${tenants}`;
  await saveCatalogue(database.pool, tenant, 'juniper', await readCatalogue('juniper'));
  return tenant;
}

async function tell(tenant: string, events: readonly LedgerEventInput[], size = 250) {
  const results = [];
  for (let at = 0; at < events.length; at += size)
    results.push(
      ...(await applyEvents(database.pool, tenant, brandOf, events.slice(at, at + size))),
    );
  return results;
}

async function rebuilt(
  tenant: string,
  of: { readonly store?: boolean; readonly memberIds?: readonly string[] } = {},
) {
  const { store = false, ...rest } = of;
  const all = { accounts: 0, differences: [] as unknown[], incomplete: [] as unknown[] };
  for await (const some of rebuild(database.pool, tenant, brandOf, { ...rest, store })) {
    all.accounts += some.accounts;
    all.differences.push(...some.differences);
    all.incomplete.push(...some.incomplete);
  }
  return all;
}

/** What everybody's profile says, but for how many events it took. */
const profiles = async (tenant: string) =>
  (
    await database.pool.query<{ memberId: string; said: unknown; asOf: Date }>(
      `select member_id as "memberId", as_of as "asOf", document - 'ledgerVersion' as said
         from laurel.profiles where tenant = $1 and member_id not like 'unregistered:%' order by member_id`,
      [tenant],
    )
  ).rows;

const byTime = (events: readonly LedgerEventInput[]) =>
  events.toSorted((one, other) => Date.parse(one.at ?? '') - Date.parse(other.at ?? ''));

/** Points as the source counted them: what a programme gives depends on the tier of the whole person at that time. */
const countedBySource = (event: LedgerEventInput): LedgerEventInput =>
  event.type === 'order.placed' ? { ...event, pointsEarned: event.pointsEarned ?? null } : event;

const link = (type: 'members.merged' | 'members.unmerged'): LedgerEventInput => ({
  source: 'test',
  id: type,
  at: '2026-01-01T00:00:00Z',
  type,
  memberId: 'ana',
  otherMemberId: 'bea',
  reason: 'random',
});

const people = (names: readonly string[]) =>
  fc
    .tuple(...names.map((id) => randomHistory(id)), randomLinks(names, { maxLength: 25 }))
    .map((streams) => byTime(streams.flat()));

const history = (id: string): LedgerEventInput[] => {
  const base = { source: 'test', at: '2026-03-01T00:00:00Z', memberId: id };
  return [
    { ...base, id: `${id}-1`, type: 'member.enrolled', brand: 'juniper', membershipNumber: '1' },
    { ...base, id: `${id}-2`, type: 'points.earned', points: 40 },
  ];
};

/** One of the two is erased while it is disputed that they are one. */
const mistaken = (first: 'ana' | 'bea'): LedgerEventInput[] => {
  const base = { source: 'test', at: '2026-03-02T00:00:00Z' };
  const other = first === 'ana' ? 'bea' : 'ana';
  const both = { memberId: first, otherMemberId: other, reason: 'same phone' };
  const card = { kind: 'card' as const, value: '77' };
  const earned = (n: number, who: object) =>
    ({ ...base, id: `p${n}`, type: 'points.earned', points: n, ...who }) as const;
  return [
    ...history('ana'),
    ...history('bea'),
    { ...base, id: 'card', type: 'identity.linked', memberId: 'bea', identity: card },
    { ...base, id: 'merge', type: 'members.merged', ...both },
    earned(1, { memberId: 'ana' }),
    earned(2, { memberId: 'bea' }),
    earned(3, { identity: card }),
    { ...base, id: 'dispute', type: 'link.disputed', ...both },
    earned(4, { memberId: 'bea' }),
    earned(5, { memberId: 'ana' }),
    { ...base, id: 'erase', type: 'member.erased', memberId: 'bea' },
    earned(6, { memberId: 'bea' }),
    earned(7, { memberId: 'ana' }),
  ];
};

describe('an account that was merged by mistake and erased', () => {
  it.each(['ana', 'bea'] as const)(
    'leaves the other one’s to be computed (%s kept both)',
    async (first) => {
      const tenant = await newTenant();
      const refused = (await tell(tenant, mistaken(first), 1)).filter(
        ({ kind }) => kind === 'refused',
      );
      expect(refused).toEqual([]);
      expect(await rebuilt(tenant)).toMatchObject({ differences: [], incomplete: [] });
      expect(await rebuilt(tenant, { memberIds: ['ana'], store: true })).toMatchObject({
        differences: [],
      });
      await database.pool.query(
        `update laurel.points_entries set points = 99 where tenant = $1 and points = 7`,
        [tenant],
      );
      const found = await rebuilt(tenant, { memberIds: ['ana'], store: true });
      expect(found.differences).toMatchObject([{ stored: 99, recomputed: 7 }]);
      expect(await rebuilt(tenant)).toMatchObject({ differences: [], incomplete: [] });
      // Of her who was erased, nothing leads to anything but these versions.
      const { rows } = await database.pool.query(
        `select document, member_id from laurel.events where tenant = $1 and id in ('bea-2', 'card', 'p2', 'p3', 'p4')`,
        [tenant],
      );
      expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(
        new Set(['{"document":null,"member_id":null}']),
      );
      const last = { source: 'test', id: 'last', at: '2026-03-03T00:00:00Z', memberId: 'ana' };
      await tell(tenant, [{ ...last, type: 'member.erased' }]);
      expect(await rebuilt(tenant)).toMatchObject({ differences: [], incomplete: [] });
      const { rows: left } = await database.pool.query(
        `select from laurel.events where tenant = $1 and document is null and 'ana' = any(also || raised) and member_id is null`,
        [tenant],
      );
      expect(left).toEqual([]);
    },
  );
});

it('computes whoever was linked with somebody erased since, whatever happened to both meanwhile', async () => {
  const histories = fc.tuple(randomHistory('ana'), randomHistory('bea'), fc.boolean());
  const when = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 }), fc.nat({ max: 60 }));
  await fc.assert(
    fc.asyncProperty(histories, when, async ([ana, bea, anaKeeps], drawn) => {
      const enrolled = [...ana.slice(0, 1), ...bea.slice(0, 1)];
      const events = byTime([...enrolled, ...ana.slice(1), ...bea.slice(1)]).map(countedBySource);
      const [merge = 2, dispute = 2, erase = 2] = drawn
        .map((n) => 2 + (n % (events.length - 1)))
        .toSorted((a, b) => a - b);
      const [memberId, otherMemberId] = anaKeeps ? ['ana', 'bea'] : ['bea', 'ana'];
      const both = {
        source: 'test',
        at: '2026-01-01T00:00:00Z',
        memberId,
        otherMemberId,
        reason: 'x',
      };
      const tenant = await newTenant();
      await tell(tenant, events.slice(0, merge));
      await tell(tenant, [{ ...both, id: 'm', type: 'members.merged' }]);
      await tell(tenant, events.slice(merge, dispute));
      await tell(tenant, [{ ...both, id: 'd', type: 'link.disputed' }]);
      await tell(tenant, events.slice(dispute, erase));
      const erased = { source: 'test', id: 'e', at: both.at, memberId: 'bea' };
      expect(await tell(tenant, [{ ...erased, type: 'member.erased' }])).toMatchObject([
        { kind: 'applied' },
      ]);
      await tell(tenant, events.slice(erase));
      expect(await rebuilt(tenant)).toMatchObject({ differences: [], incomplete: [] });
    }),
    { numRuns: 8 },
  );
});

describe('accounts', () => {
  it('are again what they would be without it, once a merge is undone', async () => {
    const histories = fc.tuple(randomHistory('ana'), randomHistory('bea'));
    const when = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 }));
    await fc.assert(
      fc.asyncProperty(histories, when, async ([ana, bea], drawn) => {
        // Both are enrolled before anything else, also before what happened at that very instant.
        const enrolled = [...ana.slice(0, 1), ...bea.slice(0, 1)];
        const events = byTime([...enrolled, ...ana.slice(1), ...bea.slice(1)]).map(countedBySource);
        const [from, to] = drawn
          .map((n) => 2 + (n % (events.length - 1)))
          .toSorted((a, b) => a - b);
        const [never, once] = [await newTenant(), await newTenant()];
        await tell(never, events);
        await tell(once, events.slice(0, from));
        expect(await tell(once, [link('members.merged')])).toMatchObject([{ kind: 'applied' }]);
        await tell(once, events.slice(from, to));
        expect(await tell(once, [link('members.unmerged')])).toMatchObject([{ kind: 'applied' }]);
        await tell(once, events.slice(to));
        expect(await profiles(once)).toEqual(await profiles(never));
      }),
      { numRuns: 6 },
    );
  });

  it('that have nothing to do with each other come out the same in whatever order they are told of', async () => {
    const order = fc.array(fc.boolean(), { minLength: 20, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        people(['ana', 'bea']),
        people(['cleo', 'dora']),
        order,
        async (one, other, turns) => {
          const [after, mixed] = [await newTenant(), await newTenant()];
          await tell(after, [...one, ...other]);
          const [left, right] = [[...one], [...other]];
          const events: LedgerEventInput[] = [];
          for (let n = 0; left.length + right.length > 0; n += 1) {
            const next =
              (turns[n % turns.length] ? left : right).shift() ?? left.shift() ?? right.shift();
            if (next) events.push(next);
          }
          await tell(mixed, events, 13);
          expect(await profiles(mixed)).toEqual(await profiles(after));
        },
      ),
      { numRuns: 4 },
    );
  });
});

describe('computing everything anew', () => {
  const members = Array.from({ length: 40 }, (_, n) => `m${n + 1}`);
  const length = { minLength: 55, maxLength: 80 };
  const groups = Array.from({ length: 8 }, (_, n) => members.slice(n * 5, n * 5 + 5));
  const life = fc
    .tuple(
      fc.tuple(...members.map((id) => randomHistory(id, length))),
      fc.tuple(...groups.map((group) => randomLinks(group, { minLength: 60, maxLength: 90 }))),
    )
    .map(([histories, links]) => byTime([...histories.flat(), ...links.flat()]));

  it('comes to what is stored after thousands of events, and finds what somebody changed', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (events) => {
        const tenant = await newTenant();
        const results = await tell(tenant, events);
        expect(results.length).toBeGreaterThan(2_700);
        expect(results.filter(({ kind }) => kind === 'applied').length).toBeGreaterThan(1_500);
        const all = await rebuilt(tenant);
        expect(all).toMatchObject({ differences: [], incomplete: [] });
        expect(all.accounts).toBeGreaterThanOrEqual(40);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });

  const merged: LedgerEventInput = {
    source: 'test',
    id: 'merged',
    at: '2026-03-02T00:00:00Z',
    type: 'members.merged',
    memberId: 'ana',
    otherMemberId: 'bea',
    reason: 'same person',
  };

  it('names a planted difference by member and field, and puts it right', async () => {
    const tenant = await newTenant();
    await tell(tenant, [...history('ana'), ...history('bea'), ...history('cleo'), merged]);
    await database.pool.query(
      `update laurel.profiles set document = jsonb_set(document, '{points,active}', '41')
        where tenant = $1 and member_id = 'cleo'`,
      [tenant],
    );
    await database.pool.query(
      `update laurel.points_entries set points = 39 where tenant = $1 and member_id = 'bea'`,
      [tenant],
    );
    const expected = [
      { memberId: 'bea', path: 'points_entries[2,0].points', stored: 39, recomputed: 40 },
      { memberId: 'cleo', path: 'profiles.document.points.active', stored: 41, recomputed: 40 },
    ];
    expect((await rebuilt(tenant)).differences).toEqual(expected);
    expect((await rebuilt(tenant, { memberIds: ['ana'] })).differences).toEqual([expected[0]]);
    expect((await rebuilt(tenant, { store: true })).differences).toEqual(expected);
    expect(await rebuilt(tenant)).toEqual({ accounts: 3, differences: [], incomplete: [] });
    expect(await profiles(tenant)).toMatchObject([{}, {}, { said: { points: { active: 40 } } }]);
  });

  it('leaves alone whose events were not kept, and says so', async () => {
    const tenant = await newTenant();
    await tell(tenant, [...history('ana'), ...history('bea'), ...history('cleo'), merged]);
    await database.pool.query(
      `update laurel.events set document = null where tenant = $1 and id = 'bea-1'`,
      [tenant],
    );
    await database.pool.query(
      `update laurel.profiles set ledger_version = 99 where tenant = $1 and member_id = 'ana'`,
      [tenant],
    );
    expect(await rebuilt(tenant, { store: true })).toEqual({
      accounts: 3,
      differences: [],
      incomplete: [
        { memberId: 'ana', why: 'was linked with an account that cannot be computed' },
        { memberId: 'bea', why: '1 of its events were applied before events were kept whole' },
      ],
    });
  });

  it('is a command that fails where it finds a difference', async () => {
    const cli: Cli = await openCli({ DATABASE_URL: database.url });
    const tenant = await newTenant();
    await tell(tenant, history('ana'));
    await database.pool.query(
      `update laurel.members set first_name = 'Bea' where tenant = $1 and member_id = 'ana'`,
      [tenant],
    );
    const ran = await cli.laurel(['ledger', 'rebuild', '--check', '--tenant', tenant]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe(
      'ana  members.first_name  stored "Bea"  recomputed null\n1 account computed anew, 1 difference in 1 account\n',
    );
    await cli.close();
  });
});
