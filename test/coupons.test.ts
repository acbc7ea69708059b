import { randomUUID } from 'node:crypto';

import { parse } from 'parse5';
import type { Email } from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addCodes, newCode } from '../src/coupon/pool.ts';
import { reserveCoupons } from '../src/coupon/reserve.ts';
import { settleCoupons, tellLowPools } from '../src/coupon/settle.ts';
import { saveCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { transaction } from '../src/postgres/pool.ts';
import { enrolReminded, reminder } from './reminded.ts';
import { backends, openWorld, type World } from './world.ts';

const pool = { tenant: 'main', brand: 'kestrel', offerId: 'winter-15' };
const offer = {
  offerId: pool.offerId,
  brand: pool.brand,
  kind: 'discount' as const,
  title: { en: '15% off an extra bag' },
  body: { en: 'With the code below.' },
  productIds: [],
  categories: [],
  introduces: true,
  channels: [],
  tiers: [],
  startsAt: '2020-01-01T00:00:00Z',
  endsAt: '2040-01-01T00:00:00Z',
  usedCount: 0,
  perMember: 1,
  priority: 0,
  couponPool: true as const,
  url: 'https://kestrel.example/bags',
};

/** Codes that stand in a mail: looked for in both parts by what codes look like, html read by a parser of its own. */
function codesIn(mail: Pick<Email, 'html' | 'text'> | undefined): string[] {
  const texts: string[] = [mail?.text ?? ''];
  const walk = (node: object): void => {
    if ('value' in node && typeof node.value === 'string') texts.push(node.value);
    if ('childNodes' in node && Array.isArray(node.childNodes)) node.childNodes.forEach(walk);
  };
  walk(parse(mail?.html ?? ''));
  return [...new Set(texts.join(' ').match(/\b(?:W15-[0-9A-Z]{10}|PREVIEW)\b/g))];
}

describe.each(backends())('coupon pools on %s', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(backend);
    await saveCatalogue(world.app.pool, 'main', 'kestrel', { products: [], offers: [offer] });
    await fill(8);
  });
  afterAll(() => world.close());
  const fill = (codes: number) =>
    addCodes(
      world.app.pool,
      pool,
      Array.from({ length: codes }, () => newCode('W15-')),
    );
  const remind = async (memberId: string) => world.send(reminder(memberId, world.now()));
  const states = async () => {
    await transaction(world.app.pool, (db) => settleCoupons(db, null));
    const { rows } = await world.app.pool.query<{
      code: string;
      member: string | null;
      sent: boolean;
    }>(
      `select code, member_id as member, committed_at is not null as sent from pool_codes where offer_id = 'winter-15'`,
    );
    return rows;
  };

  it('gives each member a code of their own, the same again in the next mail', async () => {
    const members = await Promise.all([1, 2, 3].map(() => enrolReminded(world)));
    const first = await Promise.all(members.map(remind));
    const again = await Promise.all(members.map(remind));
    const codes = first.map(({ mail }) => codesIn(mail));
    for (const found of codes) expect(found).toEqual([expect.stringMatching(/^W15-/)]);
    expect(new Set(codes.flat()).size).toBe(3);
    expect(again.map(({ mail }) => codesIn(mail))).toEqual(codes);
    const held = (await states()).filter(({ member }) => member !== null);
    expect(held.toSorted((a, b) => a.code.localeCompare(b.code))).toEqual(
      members
        .map((member, n) => ({ code: codes[n]?.[0], member, sent: true }))
        .toSorted((a, b) => String(a.code).localeCompare(String(b.code))),
    );
  });

  it('a preflight says how many codes a campaign needs and how many are free, and takes none', async () => {
    const { app } = world;
    const members = await Promise.all(Array.from({ length: 7 }, () => enrolReminded(world)));
    const [known = ''] = members;
    await remind(known);
    const before = await states();
    const post = async (path: string, payload: object) => {
      const answer = await app.http?.inject({
        method: 'POST',
        url: `/v1/campaigns${path}`,
        payload,
      });
      expect(answer?.statusCode).toBeLessThan(300);
      return answer?.json<Record<string, unknown>>();
    };
    const { template, data } = reminder(known, world.now());
    const campaign = await post('', {
      template,
      brand: 'kestrel',
      data,
      audience: { memberIds: [...members, 'nobody-knows'] },
      timing: { perMinute: 1 },
    });
    const found = await post(`/${String(campaign?.['id'])}/preflight`, { sample: 50 });
    expect(found).toMatchObject({
      ready: true,
      audience: 8,
      lookedAt: 8,
      willSend: { count: 7 },
      suppressed: { 'no-marketing-consent': { count: 1, examples: ['nobody-knows'] } },
      // Who has one already needs no other.
      coupons: [
        {
          offerId: 'winter-15',
          needed: 6,
          free: before.filter(({ member }) => member === null).length,
        },
      ],
      // Seven mails, one a minute.
      estimatedSeconds: 420,
    });
    expect(await states()).toEqual(before);
    const { rows } = await app.pool.query('select from messages where campaign_id = $1', [
      campaign?.['id'],
    ]);
    expect(rows).toEqual([]);
  });

  it('takes back the code of a mail that was never sent, and mails none twice', async () => {
    const before = (await states()).filter(({ member }) => member === null).length;
    const member = await enrolReminded(world, { domain: 'refusing.example' });
    // Reserved by an attempt that came to nothing.
    const messageId = randomUUID();
    await transaction(world.app.pool, (db) =>
      reserveCoupons(db, { ...pool, memberId: member, offerIds: ['winter-15'] }, messageId),
    );
    const insert = (state: string, unknown: number) =>
      world.app.pool.query(
        `insert into messages_open (id, tenant, request_hash, lane, template, brand, member_id, data, state, next_at, unknown_outcomes)
         values ($1, 'main', '', 'transactional', 'bonus-reminder', 'kestrel', $2, '{}', $3, now() + interval '1 day', $4)
         on conflict (id) do update set state = $3, unknown_outcomes = $4`,
        [messageId, member, state, unknown],
      );
    await insert('held', 0);
    expect((await states()).filter((one) => one.member === member)).toHaveLength(1);
    await insert('failed', 1); // nobody knows whether it left
    expect((await states()).filter((one) => one.member === member && one.sent)).toHaveLength(1);
    await world.app.pool.query(`update pool_codes set committed_at = null where member_id = $1`, [
      member,
    ]);
    await insert('failed', 0);
    const after = await states();
    expect(after.filter((one) => one.member === member)).toEqual([]);
    expect(after.filter((one) => one.member === null)).toHaveLength(before);
  });

  it('an empty pool hides the offer for that reason, and not the mail; it is told once', async () => {
    const rest = (await states()).filter(({ member }) => member === null).length;
    const members = await Promise.all(Array.from({ length: rest + 2 }, () => enrolReminded(world)));
    const outcomes = await Promise.all(members.map(remind));
    const codes = outcomes.flatMap(({ mail }) => codesIn(mail));
    expect(codes).toHaveLength(rest);
    expect(new Set(codes).size).toBe(rest);
    for (const { record, blocks, offers, mail } of outcomes) {
      expect(record.state).toBe('sent');
      if (codesIn(mail).length > 0) continue;
      expect(offers).toEqual({ 'winter-15': 'no-coupon-left' });
      expect(blocks['offers']).toBe('no-coupon-left');
    }
    await tellLowPools(world.app.pool);
    await tellLowPools(world.app.pool);
    const { rows } = await world.app.pool.query<{ state: string }>('select state from pool_alerts');
    expect(rows).toEqual([{ state: 'empty' }]);
  });
});
