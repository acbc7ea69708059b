import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { readProfiles } from '../../profile/ledger.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf, EventResult } from '../batch.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

let ids = 0;
const event = (type: string, fields: object = {}) => {
  ids += 1;
  return { source: 'test', id: `e${ids}`, at: '2026-03-01T10:00:00Z', type, ...fields };
};
const enrolled = (memberId: string, fields: object = {}) =>
  event('member.enrolled', {
    memberId,
    brand: 'juniper',
    membershipNumber: memberId,
    email: `${memberId}@mail.example`,
    ...fields,
  });
const earned = (who: object, points: number) => event('points.earned', { ...who, points });
const card = { kind: 'card', value: '7000 1234-5' };
const merged = (memberId: string, otherMemberId: string) =>
  event('members.merged', { memberId, otherMemberId, reason: 'same person' });
const unmerged = (memberId: string, otherMemberId: string) =>
  event('members.unmerged', { memberId, otherMemberId, reason: 'a mistake' });

const phone = (value: string) => ({ kind: 'phone', value });
const disputed = (fields: object) =>
  event('link.disputed', { memberId: 'ana', reason: 'not mine', ...fields });

let tenants = 0;
/** A ledger of its own, to which events are told one after the other. */
function ledger() {
  tenants += 1;
  const tenant = `t${tenants}`;
  const read = async (memberId?: string, email?: string) => {
    const [reading] = await readProfiles(database.pool, new Date('2026-05-01T00:00:00Z'), brandOf, [
      {
        tenant,
        ...(memberId !== undefined && { memberId }),
        ...(email !== undefined && { email }),
      },
    ]);
    if (reading === undefined || reading instanceof Error) throw reading ?? new Error('no reading');
    return reading;
  };
  return {
    tenant,
    read,
    tell: (...events: readonly unknown[]) => applyEvents(database.pool, tenant, brandOf, events),
    profile: async (memberId: string) => {
      const reading = await read(memberId);
      if (reading.kind !== 'member') throw new Error(`${memberId} is ${reading.kind}`);
      return reading.profile;
    },
    points: async (memberId: string) => {
      const reading = await read(memberId);
      return reading.kind === 'member' ? reading.profile.activePoints : reading;
    },
  };
}

const why = (results: readonly EventResult[]) =>
  results.map((one) => {
    if (one.kind === 'ignored') return one.why;
    return one.kind === 'refused' ? one.problems[0] : one.kind;
  });

describe('a card nobody registered', () => {
  it('collects its own history, shows it to nobody, and brings it to whoever registers it (S17)', async () => {
    const { tell, read, points } = ledger();
    const [first, second] = await tell(
      earned({ identity: card, brand: 'juniper' }, 40),
      earned({ identity: { kind: 'card', value: '700012345' } }, 2),
    );
    expect(first).toMatchObject({ kind: 'applied', ledgerVersion: 1 });
    expect(second).toMatchObject({ kind: 'applied', ledgerVersion: 2 });
    const account = first?.kind === 'applied' ? (first.memberId ?? '') : '';
    expect(account).toMatch(/^unregistered:card:[0-9a-f]{24}$/);
    expect(await read(account)).toEqual({ kind: 'guest', why: 'unknown-member' });
    await tell(enrolled('ana', { identities: [card] }));
    expect(await points('ana')).toBe(42);
    await tell(earned({ identity: card }, 8));
    expect(await points('ana')).toBe(50);
  });

  it('names its brand where there are several, and is refused without', async () => {
    const { tell } = ledger();
    expect(why(await tell(earned({ identity: card }, 1)))).toEqual([
      { path: 'brand', message: 'is needed: nobody has registered this card' },
    ]);
    const only = Object.assign((id: string) => brandOf(id), { only: 'juniper' });
    const [alone] = await applyEvents(database.pool, 'alone', only, [
      earned({ identity: card }, 1),
    ]);
    expect(alone?.kind).toBe('applied');
  });

  it('takes back what came in under it when it turns out to be another one’s', async () => {
    const { tell, points } = ledger();
    await tell(
      enrolled('ana', { identities: [card] }),
      enrolled('bea'),
      earned({ memberId: 'ana' }, 5),
      earned({ identity: card }, 30),
    );
    expect(await points('ana')).toBe(35);
    const moved = await tell(
      event('identity.unlinked', { memberId: 'ana', identity: card }),
      event('identity.linked', { memberId: 'bea', identity: card }),
    );
    expect(why(moved)).toEqual(['applied', 'applied']);
    expect([await points('ana'), await points('bea')]).toEqual([5, 30]);
  });

  it('is found under every spelling of a phone', async () => {
    const { tell, points } = ledger();
    await tell(enrolled('ana', { identities: [phone('+49 (0)30 1234-56')] }));
    await tell(earned({ identity: phone('0049 30 123456') }, 3));
    expect(await points('ana')).toBe(3);
    expect(why(await tell(earned({ identity: phone('call me') }, 3)))).toMatchObject([
      { path: 'identity.value' },
    ]);
  });

  it('leaves nothing behind when its first event is refused', async () => {
    const { tell, tenant } = ledger();
    const late = { expiresAt: '2026-01-01T00:00:00Z' };
    await tell({ ...earned({ identity: card, brand: 'juniper' }, 1), ...late });
    const { rows } = await database.pool.query(
      'select member_id from laurel.members where tenant = $1 union select member_id from laurel.identities where tenant = $1',
      [tenant],
    );
    expect(rows).toEqual([]);
  });
});

describe('an identity', () => {
  it('that is another member’s is refused by field, with what to do', async () => {
    const { tell } = ledger();
    await tell(enrolled('ana', { identities: [card] }), enrolled('bea'));
    const results = await tell(
      event('identity.linked', { memberId: 'bea', identity: card }),
      event('member.updated', { memberId: 'bea', identities: [card] }),
      event('member.updated', { memberId: 'bea', email: 'ANA@mail.example' }),
      earned({ memberId: 'bea', identity: card }, 1),
      event('identity.unlinked', { memberId: 'bea', identity: card }),
      event('identity.linked', { memberId: 'ana', identity: card }),
    );
    const hint =
      'belongs to another member; send members.merged if the two are one person, link.disputed if it is not the other one’s';
    expect(why(results)).toEqual([
      { path: 'identity.value', message: `this card ${hint}` },
      { path: 'identities[0].value', message: `this card ${hint}` },
      { path: 'email', message: `this email ${hint}` },
      { path: 'identity', message: 'belongs to another member than memberId names' },
      { path: 'identity.value', message: 'this card is not linked to this member' },
      'already-linked',
    ]);
  });

  it('that was her address stays hers in history, and is free for the next', async () => {
    const { tell, points } = ledger();
    const old = { kind: 'email', value: 'shared@mail.example' };
    await tell(
      earned({ identity: old, brand: 'juniper' }, 10),
      enrolled('ana', { email: 'shared@mail.example' }),
      earned({ identity: old }, 5),
      event('member.updated', { memberId: 'ana', email: 'ana@mail.example' }),
      enrolled('bea', { email: 'shared@mail.example' }),
      earned({ identity: old }, 1),
    );
    expect([await points('ana'), await points('bea')]).toEqual([15, 1]);
  });

  it('unlinked is her address no longer', async () => {
    const { tell, read } = ledger();
    const address = { kind: 'email', value: 'ana@mail.example' };
    await tell(enrolled('ana'), event('identity.unlinked', { memberId: 'ana', identity: address }));
    expect(await read('ana')).toMatchObject({ profile: { email: null } });
    expect(await read(undefined, 'ana@mail.example')).toMatchObject({ why: 'unknown-address' });
  });
});

describe('merged accounts', () => {
  it('are one member: one profile, under every id and address of hers', async () => {
    const { tell, read, profile } = ledger();
    await tell(
      enrolled('ana', {
        at: '2026-02-01T00:00:00Z',
        firstName: 'Ana',
        preferences: { diets: ['vegan'] },
      }),
      enrolled('bea', {
        at: '2025-06-01T00:00:00Z',
        lastName: 'Lind',
        preferences: { avoidAttributes: ['egg'] },
      }),
      earned({ memberId: 'ana' }, 10),
      earned({ memberId: 'bea' }, 5),
      merged('ana', 'bea'),
      earned({ memberId: 'bea' }, 1),
    );
    const one = await profile('ana');
    expect(one).toMatchObject({
      activePoints: 16,
      enrolledAt: '2025-06-01T00:00:00Z',
      firstName: 'Ana',
      lastName: 'Lind',
      email: 'ana@mail.example',
      preferences: { diets: ['vegan'], avoidAttributes: ['egg'] },
    });
    expect(await profile('bea')).toEqual(one);
    expect(await read(undefined, 'bea@mail.example')).toEqual({ kind: 'member', profile: one });
    expect(await read('ana', 'bea@mail.example')).toEqual({ kind: 'member', profile: one });
    expect(await read('bea', 'ana@mail.example')).toEqual({ kind: 'member', profile: one });
  });

  it('answer with the version of the profile that mails are made from, also when told again', async () => {
    const { tell, profile } = ledger();
    await tell(
      enrolled('ana'),
      enrolled('bea'),
      ...[1, 2, 3].map((n) => earned({ memberId: 'bea' }, n)),
    );
    await tell(merged('ana', 'bea'));
    const last = earned({ memberId: 'bea' }, 4);
    const [applied] = await tell(last);
    const { ledgerVersion } = await profile('bea');
    expect(applied).toMatchObject({ kind: 'applied', memberId: 'bea', ledgerVersion });
    expect(await tell(last)).toMatchObject([{ kind: 'duplicate', ledgerVersion }]);
  });

  it('make chains, which come apart where they were joined', async () => {
    const { tell, points } = ledger();
    const all = async () => [await points('ana'), await points('bea'), await points('cleo')];
    await tell(
      ...['ana', 'bea', 'cleo'].flatMap((id, n) => [
        enrolled(id),
        earned({ memberId: id }, 10 ** n),
      ]),
      merged('bea', 'cleo'),
      merged('ana', 'bea'),
    );
    expect(await all()).toEqual([111, 111, 111]);
    await tell(unmerged('ana', 'bea'));
    expect(await all()).toEqual([1, 110, 110]);
    await tell(merged('ana', 'bea'), unmerged('cleo', 'bea'));
    expect(await all()).toEqual([11, 11, 100]);
  });

  it('take an order back under whichever of her ids it is told', async () => {
    const { tell, points } = ledger();
    const order = { orderId: 'o1', channel: 'store', currency: 'EUR', total: 900 };
    await tell(
      enrolled('ana'),
      enrolled('bea'),
      event('order.placed', { memberId: 'bea', ...order, pointsEarned: { points: 90 } }),
      merged('ana', 'bea'),
    );
    expect(await points('ana')).toBe(90);
    const [cancelled] = await tell(event('order.cancelled', { memberId: 'ana', orderId: 'o1' }));
    expect(cancelled).toMatchObject({ kind: 'applied', memberId: 'bea' });
    expect(await points('ana')).toBe(0);
    await tell(unmerged('ana', 'bea'));
    expect([await points('ana'), await points('bea')]).toEqual([0, 0]);
  });

  it('are refused where it makes no sense, and the same again changes nothing', async () => {
    const { tell } = ledger();
    await tell(
      ...['ana', 'bea', 'cleo', 'dora'].map((id) => enrolled(id)),
      enrolled('kim', { brand: 'kestrel' }),
      merged('ana', 'bea'),
      merged('bea', 'cleo'),
    );
    const results = await tell(
      merged('ana', 'bea'),
      merged('ana', 'cleo'),
      merged('cleo', 'ana'),
      merged('dora', 'cleo'),
      merged('ana', 'kim'),
      merged('ana', 'ana'),
      merged('ana', 'nobody'),
      unmerged('ana', 'cleo'),
      unmerged('ana', 'dora'),
    );
    const path = 'otherMemberId';
    expect(why(results)).toEqual([
      'already-merged',
      'already-merged',
      { path, message: 'would make a circle: cleo is merged into it already' },
      {
        path,
        message: 'is merged into bea already; unmerge these first, or merge with ana',
      },
      { path, message: 'is a member of another brand' },
      { path, message: 'is the same account' },
      { path, message: 'unknown member' },
      {
        path,
        message: 'is merged with this member through others: name two that were merged directly',
      },
      { path, message: 'is not merged with this member' },
    ]);
  });

  it('are erased together', async () => {
    const { tell, read, tenant } = ledger();
    await tell(
      earned({ identity: card, brand: 'juniper' }, 7),
      enrolled('ana', { identities: [card] }),
      enrolled('bea'),
      merged('ana', 'bea'),
      event('member.erased', { memberId: 'bea' }),
    );
    expect([(await read('ana')).kind, (await read('bea')).kind]).toEqual(['erased', 'erased']);
    const { rows } = await database.pool.query(
      `select 'identity' from laurel.identities where tenant = $1
       union all
       select 'points' from laurel.points_entries p join laurel.events e using (tenant, member_id)
        where p.tenant = $1
       union all
       select 'event' from laurel.events
        where tenant = $1 and document is not null and type <> 'member.erased'`,
      [tenant],
    );
    expect(rows).toEqual([]);
  });

  it('leave behind from when to when they were in whose profile', async () => {
    const { tell, tenant, profile } = ledger();
    await tell(enrolled('ana'), enrolled('bea'), merged('ana', 'bea'));
    const { ledgerVersion: since } = await profile('ana');
    await tell(earned({ memberId: 'bea' }, 1));
    const { ledgerVersion: last } = await profile('ana');
    await tell(unmerged('ana', 'bea'));
    const { rows } = await database.pool.query<{ sinceVersion: number; untilVersion: number }>(
      `select member_id as "memberId", account, since_version as "sinceVersion", until_version as "untilVersion"
         from laurel.profile_accounts where tenant = $1`,
      [tenant],
    );
    const [span] = rows;
    expect(rows).toMatchObject([{ memberId: 'ana', account: 'bea', sinceVersion: since }]);
    expect(span?.untilVersion).toBeGreaterThan(last);
    expect((await profile('ana')).ledgerVersion).toBe(span?.untilVersion);
  });

  it('come out whole when many processes merge and tell at once', async () => {
    const { tell, points } = ledger();
    const names = ['ana', 'bea', 'cleo', 'dora', 'eve'];
    await tell(...names.map((id) => enrolled(id)));
    await Promise.all([
      ...names.flatMap((memberId) => [1, 2, 3].map(() => tell(earned({ memberId }, 1)))),
      tell(merged('ana', 'bea')),
      tell(merged('cleo', 'dora')),
      tell(merged('bea', 'cleo')),
      tell(merged('eve', 'ana')),
    ]);
    expect(await Promise.all(names.map((id) => points(id)))).toEqual([15, 15, 15, 15, 15]);
  });
});

const bonus = (type: string, memberId: string, fields: object = {}) =>
  event(type, { memberId, bonusId: 'advent', ...fields });

it('a bonus of two accounts under one id was given twice: both count, and one is left while one is', async () => {
  const { tell, profile } = ledger();
  await tell(enrolled('ana'), enrolled('bea'));
  await tell(bonus('bonus.granted', 'ana', { points: 50 }));
  await tell(bonus('bonus.granted', 'bea', { points: 30 }), merged('ana', 'bea'));
  const listed = async () => (await profile('ana')).bonuses.map(({ state }) => state);
  expect(await profile('ana')).toMatchObject({ activePoints: 80 });
  expect(await listed()).toEqual(['granted']);
  await tell(bonus('bonus.used', 'bea'));
  expect(await listed()).toEqual(['granted']);
  await tell(bonus('bonus.used', 'ana'));
  expect(await listed()).toEqual(['used']);
  await tell(unmerged('ana', 'bea'));
  expect(await profile('bea')).toMatchObject({ activePoints: 30, bonuses: [{ points: 30 }] });
});

describe('a dispute', () => {
  it('makes both sides disputed until it is settled, whichever way', async () => {
    const { tell, profile } = ledger();
    const statuses = async () =>
      [(await profile('ana')).memberStatus, (await profile('bea')).memberStatus].join(' ');
    await tell(enrolled('ana'), enrolled('bea'), merged('ana', 'bea'));
    expect(await statuses()).toBe('active active');
    await tell(disputed({ otherMemberId: 'bea' }));
    expect(await statuses()).toBe('disputed disputed');
    await tell(event('link.confirmed', { memberId: 'bea', otherMemberId: 'ana', reason: 'asked' }));
    expect(await statuses()).toBe('active active');
    await tell(disputed({ otherMemberId: 'bea' }), unmerged('ana', 'bea'));
    expect(await statuses()).toBe('active active');
    await tell(disputed({ otherMemberId: 'bea' }));
    expect(await statuses()).toBe('disputed disputed');
    await tell(merged('ana', 'bea'));
    expect(await statuses()).toBe('active active');
  });

  it('about an identity concerns whoever has it, and ends when it is unlinked', async () => {
    const { tell, profile } = ledger();
    await tell(enrolled('ana'), enrolled('bea', { identities: [card] }));
    await tell(disputed({ identity: card }));
    expect((await profile('bea')).memberStatus).toBe('disputed');
    await tell(event('identity.unlinked', { memberId: 'bea', identity: card }));
    expect((await profile('ana')).memberStatus).toBe('active');
    expect((await profile('bea')).memberStatus).toBe('active');
  });

  it('keeps each one’s mail at her own address', async () => {
    const { tell, profile } = ledger();
    await tell(
      enrolled('ana', { email: null }),
      enrolled('bea'),
      merged('ana', 'bea'),
      disputed({ otherMemberId: 'bea' }),
    );
    expect((await profile('ana')).email).toBeNull();
    expect((await profile('bea')).email).toBe('bea@mail.example');
  });

  it('does not let one erase the other', async () => {
    const { tell, read, profile } = ledger();
    await tell(
      enrolled('ana'),
      enrolled('bea'),
      earned({ memberId: 'bea' }, 9),
      merged('ana', 'bea'),
      disputed({ otherMemberId: 'bea' }),
      event('member.erased', { memberId: 'ana' }),
    );
    expect((await read('ana')).kind).toBe('erased');
    expect(await profile('bea')).toMatchObject({ activePoints: 9, memberStatus: 'active' });
  });

  it('is about the same whether or not anything came in under the identity', async () => {
    const identity = { identity: card };
    const linked = event('identity.linked', { memberId: 'ana', ...identity });
    const unlinked = event('identity.unlinked', { memberId: 'ana', ...identity });
    const used = earned({ ...identity, brand: 'juniper' }, 5);
    const links = [
      event('link.disputed', { memberId: 'bea', reason: 'mine', ...identity }),
      linked,
      event('link.disputed', { memberId: 'bea', reason: 'mine', ...identity }),
      event('link.confirmed', { memberId: 'bea', otherMemberId: 'ana', reason: 'other' }),
      event('link.disputed', { memberId: 'bea', reason: 'still', ...identity }),
      unlinked,
      event('link.disputed', { memberId: 'bea', reason: 'mine', ...identity }),
    ];
    for (const before of links.keys()) {
      const { tell, profile } = ledger();
      await tell(enrolled('ana'), enrolled('bea'));
      await tell(...links.slice(0, before));
      await tell(used);
      const later = await tell(...links.slice(before));
      const nobodys = { path: 'identity.value', message: 'this card is not linked to anyone' };
      const noDoubt = { path: 'otherMemberId', message: 'there is no open dispute about this' };
      const came = [nobodys, 'applied', 'applied', noDoubt, 'already-disputed', 'applied', nobodys];
      expect(why(later), `used before link ${before}`).toEqual(came.slice(before));
      expect((await profile('ana')).memberStatus).toBe('active');
      expect((await profile('bea')).memberStatus).toBe('active');
    }
  });

  it('is refused about nobody, and raised once', async () => {
    const { tell } = ledger();
    await tell(enrolled('ana'), enrolled('bea'));
    const results = await tell(
      disputed({}),
      disputed({ otherMemberId: 'nobody' }),
      disputed({ identity: card }),
      event('link.confirmed', { memberId: 'ana', otherMemberId: 'bea', reason: 'x' }),
      disputed({ otherMemberId: 'bea' }),
      disputed({ otherMemberId: 'bea' }),
    );
    expect(why(results)).toEqual([
      { path: 'otherMemberId', message: 'is needed, or an identity' },
      { path: 'otherMemberId', message: 'unknown member' },
      { path: 'identity.value', message: 'this card is not linked to anyone' },
      { path: 'otherMemberId', message: 'there is no open dispute about this' },
      'applied',
      'already-disputed',
    ]);
  });
});
