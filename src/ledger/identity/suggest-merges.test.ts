import { afterAll, beforeAll, expect, it } from 'vitest';

import { fixtureBrandOf } from '../../../fixtures/load.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/database.ts';
import { applyEvents } from '../apply.ts';
import type { BrandOf } from '../batch.ts';
import { suggestMerges } from './suggest-merges.ts';

let database: FreshDatabase;
let brandOf: BrandOf;
beforeAll(async () => {
  [database, brandOf] = await Promise.all([freshDatabase(), fixtureBrandOf()]);
});
afterAll(() => database.close());

let ids = 0;
const event = (type: string, memberId: string, fields: object) => {
  ids += 1;
  return { source: 'test', id: `e${ids}`, at: '2026-03-01T10:00:00Z', type, memberId, ...fields };
};
const enrolled = (memberId: string, fields: object = {}) =>
  event('member.enrolled', memberId, { brand: 'juniper', membershipNumber: memberId, ...fields });
const phone = (value: string) => ({ identities: [{ kind: 'phone', value }] });
const tell = (tenant: string, ...events: readonly unknown[]) =>
  applyEvents(database.pool, tenant, brandOf, events);
const suggested = async (tenant: string, of: { brand?: string; memberId?: string } = {}) =>
  (await suggestMerges(database.pool, tenant, { ...of, limit: 100 })).map(
    ({ memberIds, score, facts }) => [memberIds.join('+'), score, facts.map(({ fact }) => fact)],
  );

it('suggests who has the same mailbox, phone or card, or a name and half an address', async () => {
  const renée = { firstName: 'Renée', lastName: 'Dubois' };
  await tell(
    't',
    enrolled('tag', { email: 'ana.keller+shop@mail.example', at: '2026-01-01T00:00:00Z' }),
    enrolled('plain', { email: 'anakeller@mail.example' }),
    enrolled('abroad', phone('+49 30 1234567')),
    enrolled('home', phone('030 1234567')),
    enrolled('elsewhere', phone('+43 30 1234567')),
    enrolled('renee-1', { ...renée, email: 'renee.d@mail.example' }),
    enrolled('renee-2', { ...renée, firstName: 'Renee', email: 'reneed@post.example' }),
    enrolled('namesake', { ...renée, email: 'someone@post.example' }),
    enrolled('card-1', { identities: [{ kind: 'card', value: '0007-1234' }] }),
    enrolled('card-2', { identities: [{ kind: 'card', value: '7 1234' }] }),
  );
  expect(await suggested('t')).toEqual([
    ['abroad+home', 0.6, ['phone']],
    ['card-1+card-2', 0.6, ['card']],
    ['elsewhere+home', 0.6, ['phone']],
    ['renee-1+renee-2', 0.6, ['name', 'local-part']],
    ['tag+plain', 0.6, ['mailbox']],
  ]);
  expect(await suggested('t', { memberId: 'plain' })).toEqual([['tag+plain', 0.6, ['mailbox']]]);
  expect(await suggested('t', { brand: 'kestrel' })).toEqual([]);
  const [first] = await suggestMerges(database.pool, 't', { memberId: 'plain', limit: 1 });
  expect(first?.facts).toEqual([
    { fact: 'mailbox', values: ['ana.keller+shop@mail.example', 'anakeller@mail.example'] },
  ]);
});

it('does not suggest who is merged, was parted again, or shares a value with a crowd', async () => {
  const number = { membershipNumber: '77' };
  const reason = 'asked';
  await tell('u', enrolled('ana', number), enrolled('bea', number));
  expect(await suggested('u')).toEqual([['ana+bea', 0.6, ['membership-number']]]);
  await tell('u', event('members.merged', 'ana', { otherMemberId: 'bea', reason }));
  expect(await suggested('u')).toEqual([]);
  await tell('u', event('members.unmerged', 'ana', { otherMemberId: 'bea', reason }));
  expect(await suggested('u')).toEqual([]);
  await tell('v', ...Array.from({ length: 6 }, (_, n) => enrolled(`m${n}`, number)));
  expect(await suggested('v')).toEqual([]);
});
