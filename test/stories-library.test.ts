import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCatalogue } from '../fixtures/load.ts';
import { applyEvents } from '../src/ledger/apply.ts';
import { saveCatalogue } from '../src/ledger/catalogue/catalogue.ts';
import { type World, openWorld } from './world.ts';

/** Stories of the template library, from enqueueing to the SMTP server. The queue makes no difference to them. */
describe('the library, from enqueueing to the SMTP server', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('postgres');
    const { products, offers } = await readCatalogue('juniper');
    const [model] = offers;
    if (!model) throw new Error('the fixtures have no offers');
    const leggings = { productId: 'leggings', name: { en: 'Leggings' }, category: 'activewear' };
    const early = { ...model, offerId: 'first-look', kind: 'early-access' as const };
    await saveCatalogue(world.app.pool, 'main', 'juniper', {
      products: [...products, leggings],
      offers: [...offers, { ...early, productIds: [], categories: ['activewear'] }],
    });
  });
  afterAll(() => world.close());

  const statement = (memberId: string) =>
    world.send({ template: 'status-statement', brand: 'juniper', to: { memberId }, data: {} });

  it('S8: tier, points, how long, what she saved in two years, and the deals she is about to reach', async () => {
    const hanna = await statement('hanna-vogel');
    expect(hanna.record.state).toBe('sent');
    expect(new Set(Object.values(hanna.blocks))).toEqual(new Set(['shown']));
    const text = hanna.mail?.text ?? '';
    expect(text).toContain('Gold member');
    expect(text).toContain('To spend now: 186 stars');
    expect(text).toContain('Use by December 31, 2026: 50 stars');
    expect(text).toContain('10 years with us, since March 2016.');
    expect(text).toMatch(/Saved with Juniper Stars: €\d+\.\d\d/);
    expect(text).toContain('902 stars to go.');
    expect(hanna.offers['reserve-tasting']).toBe('tier-not-eligible');
    expect(text).toContain('tasting');
  });

  it('S8: nothing that sells without consent, nothing at all that is nothing, to a guest neither', async () => {
    const ida = await statement('ida-novak');
    expect(ida.blocks['upcoming-deals']).toBe('no-marketing-consent');
    expect(ida.mail?.text).not.toContain('to go.');
    const sam = await statement('sam-doyle');
    expect(sam.mail?.text?.replaceAll(/https?:\S+/g, '')).not.toMatch(/\b0\b/);
    const viktor = await statement('viktor-hale');
    expect(viktor.record).toMatchObject({ state: 'suppressed', reason: 'member-not-active' });
    expect(viktor.mail).toBeUndefined();
  });

  it('S19: early access to the activewear collection for her who mostly buys activewear, with the affinity that decided it', async () => {
    const { pool, brands } = world.app;
    const bought = (memberId: string, productId: string, index: number) => ({
      source: 'test',
      id: `${memberId}-${index}`,
      at: new Date(world.now().getTime() - (index + 2) * 86_400_000).toISOString(),
      memberId,
      type: 'order.placed',
      orderId: `${memberId}-${index}`,
      channel: 'online',
      currency: 'EUR',
      total: 4900,
      lines: [{ productId, unitPrice: 4900, fullPrice: true }],
    });
    // Sam has hardly bought anything; Noah buys coffee all year.
    const results = await applyEvents(pool, 'main', (brand) => brands.get(brand)?.brand, [
      ...Array.from({ length: 12 }, (_, index) => bought('sam-doyle', 'leggings', index)),
      bought('noah-reyes', 'leggings', 1),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(Array(13).fill('applied'));
    const invite = (memberId: string) =>
      world.send({
        template: 'early-access',
        brand: 'juniper',
        to: { memberId },
        data: { offerId: 'first-look' },
      });

    const sam = await invite('sam-doyle');
    expect(sam.record.state).toBe('sent');
    expect(sam.mail?.text).toContain('Because activewear is what you choose most.');
    const decided = sam.record.decision?.blocks.find(({ block }) => block === 'recommendation');
    expect(decided?.steps.at(-1)).toMatchObject({
      actual: { category: 'activewear', affinity: expect.any(Number) },
      needed: { affinity: 0.5 },
    });
    const noah = await invite('noah-reyes');
    expect(noah.record).toMatchObject({ state: 'suppressed', reason: 'too-little-affinity' });
    expect(noah.mail).toBe(undefined);
  });

  it('S11: a reminder of points is not sent once they are spent', async () => {
    const remind = (memberId: string) =>
      world.send({
        template: 'points-expiring',
        brand: 'juniper',
        to: { memberId },
        data: { lastDay: '2026-12-31' },
      });
    const first = await remind('hanna-vogel');
    expect(first.mail?.text).toContain('50 stars can be used until December 31, 2026.');
    await applyEvents(world.app.pool, 'main', (brand) => world.app.brands.get(brand)?.brand, [
      {
        source: 'test',
        id: 'spend-all',
        at: world.now().toISOString(),
        memberId: 'hanna-vogel',
        type: 'points.spent',
        points: 100,
      },
    ]);
    expect((await remind('hanna-vogel')).record).toMatchObject({
      state: 'suppressed',
      reason: 'already-satisfied',
    });
  });
});
