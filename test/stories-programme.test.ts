import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureNow } from '../fixtures/load.ts';
import { programmeAt } from '../src/brand/brand.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { type BrandOf, brandsOf } from '../src/ledger/batch.ts';
import { reserve, settle } from '../src/ledger/redemption/redemption.ts';
import { readProfiles } from '../src/profile/ledger.ts';
import { openWorld, type World } from './world.ts';

const stars = (mail: { text?: string | undefined } | undefined) =>
  Number(/To spend now: ([\d,]+) stars?/.exec(mail?.text ?? '')?.[1]?.replace(',', ''));

const review = (memberId: string, subject: string) => ({
  type: 'engagement.recorded',
  memberId,
  kind: 'product-review',
  subject,
});

const buy = (channel: string, n: number) => ({
  type: 'order.placed',
  memberId: 'nora',
  orderId: `S16-${n}`,
  channel,
  currency: 'EUR',
  total: 1200,
  lines: [{ productId: 'croissant', category: 'pastry', unitPrice: 1200, fullPrice: true }],
});

const product = (category: string, at: string) => ({
  type: 'product.upserted',
  brand: 'juniper',
  product: { productId: 'espresso-bar', name: { en: 'Espresso bar' }, category },
  at,
});

const bought = (orderId: string, at: string) => ({
  type: 'order.placed',
  memberId: 'nora',
  orderId,
  channel: 'store',
  currency: 'EUR',
  total: 1000,
  lines: [{ productId: 'espresso-bar', unitPrice: 1000, fullPrice: true }],
  at,
});

/** Stories of earning and spending, from the event to the mail. The queue makes no difference to them. */
describe('a programme, from the event to the SMTP server', () => {
  let world: World;
  let brandOf: BrandOf;
  /** The same brands, but juniper counts stars itself, with more of them for coffee. */
  let counting: BrandOf;
  beforeAll(async () => {
    world = await openWorld('postgres');
    brandOf = brandsOf(world.app.brands);
    const juniper = brandOf('juniper');
    if (!juniper) throw new Error('no brand');
    const programme = programmeAt(juniper, fixtureNow.getTime());
    const multipliers = [{ id: 'coffee', times: 1.5, when: { categories: ['coffee'] } }];
    const ours = {
      ...juniper,
      programmes: [
        { ...programme, accrual: 'programme' as const, earn: { ...programme.earn, multipliers } },
      ],
    };
    counting = (id) => (id === 'juniper' ? ours : brandOf(id));
  });
  afterAll(() => world.close());

  let ids = 0;
  const tell = async (brands: BrandOf, ...events: readonly object[]) => {
    const all = events.map((event) => ({
      source: 'story',
      id: `${(ids += 1)}`,
      at: world.now().toISOString(),
      ...event,
    }));
    const results = await applyEvents(world.app.pool, 'main', brands, all);
    expect(results.filter(({ kind }) => kind !== 'applied')).toEqual([]);
  };
  const profileOf = async (memberId: string) => {
    const [reading] = await readProfiles(world.app.pool, world.now(), brandOf, [
      { tenant: 'main', memberId },
    ]);
    if (reading instanceof Error || reading?.kind !== 'member') throw new Error('not a member');
    return reading.profile;
  };
  const statement = (memberId: string) =>
    world.send({ template: 'status-statement', brand: 'juniper', to: { memberId }, data: {} });

  it('S7: a review earns stars, and the level it reaches unlocks a free drink: the next mails say both', async () => {
    await tell(
      brandOf,
      {
        type: 'member.enrolled',
        memberId: 'nora',
        brand: 'juniper',
        membershipNumber: 'JS-77',
        email: 'nora@mail.example',
        firstName: 'Nora',
      },
      { type: 'points.earned', memberId: 'nora', points: 245 },
    );
    expect(stars((await statement('nora')).mail)).toBe(245);
    await tell(brandOf, review('nora', 'oat-latte'));
    expect(stars((await statement('nora')).mail)).toBe(255);
    const unlocked = await world.send({
      template: 'reward-unlocked',
      brand: 'juniper',
      to: { memberId: 'nora' },
      data: { rewardId: 'drink-on-us' },
    });
    expect(unlocked.blocks['unlocked-reward']).toBe('shown');
    expect(unlocked.mail?.text).toMatch(/drink on us/i);
  });

  it('S24: only what is new is rewarded: the same review again, and more than the month’s share, earn nothing', async () => {
    const before = (await profileOf('nora')).activePoints;
    await tell(
      brandOf,
      review('nora', 'oat-latte'),
      review('nora', 'flat-white'),
      review('nora', 'house-beans'),
      review('nora', 'cold-brew'),
      review('nora', 'travel-mug'),
    );
    expect((await profileOf('nora')).activePoints).toBe(before + 20);
  });

  it('S16: till, shop, app, marketplace and engagement earn alike; a point of the till pays online a second later', async () => {
    for (const [n, channel] of ['store', 'online', 'app', 'marketplace'].entries()) {
      const { activePoints } = await profileOf('nora');
      await tell(counting, buy(channel, n));
      expect((await profileOf('nora')).activePoints).toBe(activePoints + 24);
    }
    const { activePoints: all } = await profileOf('nora');
    await tell(counting, buy('store', 9));
    const reserved = await reserve(
      world.app.pool,
      'main',
      brandOf,
      { memberId: 'nora', points: all + 24, key: 'cart', ttlSeconds: 60, orderId: 'S16-10' },
      world.now(),
    );
    if (reserved.kind !== 'reserved') throw new Error(reserved.reason);
    expect(stars((await statement('nora')).mail)).toBeNaN();
    const id = reserved.redemption.redemptionId;
    await settle(world.app.pool, 'main', brandOf, id, 'release', world.now());
    expect(stars((await statement('nora')).mail)).toBe(all + 24);
  });

  it('S18: a product of another category from now on earns by it from now on, and not before', async () => {
    await tell(
      counting,
      product('sweets', '2026-09-01T00:00:00Z'),
      product('coffee', '2026-10-01T00:00:00Z'),
    );
    const earned = async (...order: Parameters<typeof bought>) => {
      const { activePoints } = await profileOf('nora');
      await tell(counting, bought(...order));
      return (await profileOf('nora')).activePoints - activePoints;
    };
    expect(await earned('S18-1', '2026-10-02T10:00:00Z')).toBe(30);
    // Told late: it was bought when it was still a sweet.
    expect(await earned('S18-2', '2026-09-30T10:00:00Z')).toBe(20);
  });
});
