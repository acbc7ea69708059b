import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import type { MessageRequest } from '../queues/producer.ts';
import { addAudience } from '../src/campaign/audience.ts';
import { changeCampaign, createCampaign } from '../src/campaign/campaigns.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { brandsOf } from '../src/ledger/batch.ts';
import { affectedMessages } from '../src/members/affected.ts';
import { findMember } from '../src/members/find.ts';
import { affectedOf } from '../src/members/members.ts';
import { readMessage } from '../src/message/rows/stored-message.ts';
import { transaction } from '../src/postgres/pool.ts';
import { openWorld, type Outcome, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld('postgres', { fixtures: false });
});
afterAll(() => world.close());

let ids = 0;
const event = (type: string, fields: object) => {
  ids += 1;
  return { source: 'test', id: `e${ids}`, at: fixtureNow.toISOString(), type, ...fields };
};
const tell = async (...events: readonly unknown[]) => {
  const results = await applyEvents(world.app.pool, 'main', brandsOf(world.app.brands), events);
  expect(results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
};
const enrolled = (memberId: string, firstName: string, fields: object = {}) =>
  event('member.enrolled', {
    memberId,
    firstName,
    brand: 'juniper',
    membershipNumber: memberId,
    email: `${memberId}@mail.example`,
    ...fields,
  });
const earned = (who: object, points: number) => event('points.earned', { ...who, points });
const consent = (memberId: string) =>
  event('consent.changed', { memberId, purpose: 'marketing', granted: true });

const confirmation: Record<string, unknown> = JSON.parse(
  readFileSync('fixtures/juniper/samples/order-confirmation.json', 'utf8'),
);
const receipt = (to: MessageRequest['to']) =>
  world.send({ template: 'order-confirmation', brand: 'juniper', to, data: confirmation });
const bodies = ({ mail }: Outcome) => `${mail?.subject}\n${mail?.html}\n${mail?.text}`;
const reached = ({ mail }: Outcome) => mail?.to?.map(({ address, name }) => [address, name]);

const pair = (type: string) =>
  event(type, { memberId: 'ada', otherMemberId: 'birgit', reason: 'same phone' });

describe('S13: two accounts linked by mistake', () => {
  let mistaken = '';

  beforeAll(async () => {
    await tell(
      enrolled('ada', 'Ada'),
      enrolled('birgit', 'Birgit'),
      ...['ada', 'birgit'].map(consent),
      earned({ memberId: 'ada' }, 1_111),
      earned({ memberId: 'birgit' }, 2_222),
      pair('members.merged'),
    );
  });

  it('are one member while nobody doubts it', async () => {
    const mail = await receipt({ memberId: 'birgit' });
    mistaken = mail.record.id;
    expect(reached(mail)).toEqual([['ada@mail.example', 'Ada']]);
    expect(mail.mail?.text).toContain('3,333');
    expect(mail.record.decision?.basis.memberId).toBe('ada');
  });

  it('from the moment of the dispute nothing personal of either goes out, and the decision says why', async () => {
    await tell(pair('link.disputed'));
    for (const [memberId, other] of [
      ['ada', 'birgit'],
      ['birgit', 'ada'],
    ] as const) {
      const own = await receipt({ memberId });
      expect(own.record.state).toBe('sent');
      expect(reached(own)).toEqual([[`${memberId}@mail.example`, '']]);
      expect(bodies(own)).not.toMatch(/Ada|Birgit|\bstars\b|1,111|2,222|3,333/);
      expect(new Set(Object.values(own.blocks))).toEqual(new Set(['member-not-active']));
      const step = own.record.decision?.blocks[0]?.steps.at(-1);
      expect(step).toMatchObject({ rule: 'known-member', actual: 'disputed' });
      const asked = await receipt({ memberId, email: `${other}@mail.example` });
      expect(reached(asked)).toEqual([[`${other}@mail.example`, '']]);
    }
    const review = await yearInReview(['ada', 'birgit']);
    expect(review).toMatchObject([
      { memberId: 'ada', state: 'suppressed', reason: 'member-not-active' },
    ]);
  });

  it('unmerging gives both back what is theirs, and the mail that was made from both is listed', async () => {
    await tell(pair('members.unmerged'));
    const [ada, birgit] = [
      await receipt({ memberId: 'ada' }),
      await receipt({ memberId: 'birgit' }),
    ];
    expect(reached(ada)).toEqual([['ada@mail.example', 'Ada']]);
    expect(ada.mail?.text).toContain('1,111');
    expect(reached(birgit)).toEqual([['birgit@mail.example', 'Birgit']]);
    expect(birgit.mail?.text).toContain('2,222');
    const wrong = await affectedMessages(world.app.pool, 'main', ['ada', 'birgit'], 100);
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.map(({ id }) => id)).toContain(mistaken);
    expect(wrong.map(({ id }) => id)).not.toContain(ada.record.id);
  });
});

describe('S17: a card that was used long before anybody registered it', () => {
  const card = { kind: 'card', value: '7710 0042-9' };

  it('brings its history to the member who registers it, and takes it along again', async () => {
    await tell(
      earned({ identity: card, brand: 'juniper' }, 4_444),
      earned({ identity: { kind: 'card', value: '771000429' } }, 1),
    );
    expect(new Set(Object.values((await receipt({ email: 'cora@mail.example' })).blocks))).toEqual(
      new Set(['not-a-member']),
    );
    await tell(enrolled('cora', 'Cora', { identities: [card] }));
    const cora = await receipt({ email: 'cora@mail.example' });
    expect(cora.mail?.text).toContain('4,445');
    await tell(event('identity.unlinked', { memberId: 'cora', identity: card }));
    expect((await receipt({ memberId: 'cora' })).mail?.text).not.toContain('4,445');
  });
});

it('one person with two accounts in an audience gets one mail of the campaign, with the figures of both', async () => {
  const order = (memberId: string, total: number) =>
    event('order.placed', {
      memberId,
      orderId: `of-${memberId}`,
      channel: 'store',
      currency: 'EUR',
      total,
      lines: [],
    });
  await tell(
    ...['dina', 'erika'].flatMap((id) => [enrolled(id, id), consent(id)]),
    order('dina', 1_000),
    order('erika', 500),
    event('members.merged', { memberId: 'dina', otherMemberId: 'erika', reason: 'asked' }),
  );
  const review = await yearInReview(['erika', 'dina']);
  expect(review).toMatchObject([
    {
      memberId: 'dina',
      state: 'sent',
      data: { figures: { spent: { amount: 1_500, currency: 'EUR' } } },
    },
  ]);
});

const to = (one: MessageRequest['to'], template = 'status-statement') =>
  world.send({ template, brand: 'juniper', to: one, data: {} });
const listed = async (value: string) => {
  const member = await findMember(world.app.pool, 'main', { by: 'any', value });
  if (!member) return [];
  return affectedOf(world.app, { tenant: 'main', member, actor: 'test' }, { limit: 100 });
};

it('S13: lists mails of a wrong profile however they were addressed, also a campaign’s, with what they claimed', async () => {
  const merge = (otherMemberId: string) =>
    event('members.merged', { memberId: 'gesa', otherMemberId, reason: 'same phone' });
  const order = (memberId: string) =>
    event('order.placed', {
      memberId,
      orderId: `of-${memberId}`,
      channel: 'store',
      currency: 'EUR',
      total: 1_000,
    });
  await tell(
    ...['gesa', 'greta', 'hanna'].flatMap((id) => [enrolled(id, id), consent(id), order(id)]),
    earned({ memberId: 'gesa' }, 1_000),
    earned({ memberId: 'hanna' }, 5_000),
    merge('greta'),
    merge('hanna'),
  );
  const statements = [
    await to({ memberId: 'greta' }),
    await to({ memberId: 'hanna' }),
    await to({ email: 'hanna@mail.example' }),
  ];
  for (const { blocks, mail } of statements) {
    expect(blocks['points-statement']).toBe('shown');
    expect(mail?.text).toContain('6,000');
  }
  const byAddress = statements[2]?.record;
  expect(byAddress).toMatchObject({ memberId: null, decision: { basis: { memberId: 'gesa' } } });
  expect(await yearInReview(['hanna', 'greta'])).toMatchObject([{ state: 'sent' }]);
  expect(await listed('gesa')).toEqual([]);
  await tell(event('link.disputed', { memberId: 'gesa', otherMemberId: 'hanna', reason: 'asks' }));
  const disputed = await listed('hanna');
  await tell(event('members.unmerged', { memberId: 'gesa', otherMemberId: 'hanna', reason: 'no' }));
  expect((await to({ memberId: 'greta' })).mail?.text).toContain('1,000');
  for (const id of ['gesa', 'greta', 'hanna', 'hanna@mail.example']) {
    const wrong = await listed(id);
    expect(wrong.map((one) => one.id).toSorted()).toEqual(disputed.map((one) => one.id).toSorted());
    expect(wrong.filter(({ template }) => template === 'year-in-review')).toHaveLength(1);
    const said = wrong.filter(({ template }) => template === 'status-statement');
    expect(new Set(said.map((one) => one.id))).toEqual(
      new Set(statements.map((one) => one.record.id)),
    );
    for (const one of said)
      expect(one).toMatchObject({
        profileOf: 'gesa',
        wrongAccount: 'hanna',
        claims: {
          firstName: 'gesa',
          activePoints: 6_000,
          blocks: expect.arrayContaining(['points-statement']),
        },
      });
  }
});

const listedOfIlka = () => affectedMessages(world.app.pool, 'main', ['ilka'], 100);

it('S13: lists mails that told of her to an address that isn’t hers, disputed or unlinked', async () => {
  const address = { kind: 'email' as const, value: 'Shared.Box@mail.example' };
  await tell(
    enrolled('ilka', 'Ilka', { identities: [address] }),
    earned({ memberId: 'ilka' }, 1_000),
  );
  const misled = await receipt({ email: 'shared.box@mail.example' });
  expect(misled.mail?.text).toContain('1,000');
  const own = await receipt({ memberId: 'ilka' });
  expect(await listedOfIlka()).toEqual([]);
  const expected = {
    id: misled.record.id,
    profileOf: 'ilka',
    wrongAccount: null,
    wrongAddress: 'shared.box@mail.example',
    claims: { firstName: 'Ilka', activePoints: 1_000 },
  };
  await tell(event('link.disputed', { memberId: 'ilka', identity: address, reason: 'asks' }));
  expect(await listedOfIlka()).toMatchObject([expected]);
  await tell(event('identity.unlinked', { memberId: 'ilka', identity: address }));
  const [guest] = [await receipt({ email: 'shared.box@mail.example' })];
  expect(guest.mail?.text).not.toContain('1,000');
  expect(await listedOfIlka()).toMatchObject([expected]);
  expect((await listedOfIlka()).map(({ id }) => id)).not.toContain(own.record.id);
});

/** A year in review to these, when all of it has ended. */
async function yearInReview(audience: readonly string[]) {
  const { pool } = world.app;
  const id = crypto.randomUUID();
  const campaign = { id, tenant: 'main', brand: 'juniper', template: 'year-in-review' };
  const parameters = { year: fixtureNow.getUTCFullYear() };
  await createCampaign(pool, { ...campaign, parameters, idempotencyKey: null });
  await addAudience(pool, id, audience);
  await transaction(pool, (db) => changeCampaign(db, 'main', id, 'running'));
  for (;;) {
    const { rows } = await pool.query<{ id: string; memberId: string; done: boolean }>(
      `select m.id, m.member_id as "memberId", m.state, m.reason,
              c.state = 'done' and m.finished_at is not null as done
         from campaigns c join messages m on m.campaign_id = c.id where c.id = $1 order by 2`,
      [id],
    );
    if (rows.length > 0 && rows.every(({ done }) => done))
      return Promise.all(
        rows.map(async ({ id: message, ...row }) => ({
          ...row,
          data: (await readMessage(pool, 'main', message))?.data,
        })),
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
