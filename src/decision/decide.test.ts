import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ana, brand, facts, offer, products, receipt } from '../../test/facts.ts';
import { decide } from './decide.ts';

const withOffers = (offers: ReturnType<typeof offer>[], member = {}) =>
  facts({
    member,
    catalogue: {
      version: '1',
      products: new Map(products.map((one) => [one.productId, one])),
      offers,
    },
  });

describe('offers', () => {
  const latte = offer({ offerId: 'latte', productIds: ['oat-latte'] });
  const croissant = offer({ offerId: 'croissant', productIds: ['croissant'], priority: 9 });
  const pastry = offer({
    offerId: 'a-pastry',
    productIds: [],
    categories: ['pastry'],
    priority: 1,
  });

  it('are ranked by her affinity, then the marketer’s priority, with the reason', () => {
    const { offers, views } = decide(withOffers([pastry, croissant, latte]));
    expect(offers.map(({ offerId, rank, because }) => [offerId, rank, because])).toEqual([
      ['a-pastry', 3, 'affinity 0.3 with pastry'],
      ['croissant', 2, 'affinity 0.3 with pastry'],
      ['latte', 1, 'affinity 0.7 with coffee'],
    ]);
    expect(views['offers']).toMatchObject({
      items: [{ offerId: 'latte' }, { offerId: 'croissant' }, { offerId: 'a-pastry' }],
    });
  });
  it('are not ranked by her habits when she declined profiling', () => {
    const declined = {
      consents: {
        ...ana.consents,
        profiling: { granted: false, source: 'app', at: '2025-01-01T00:00:00Z' },
      },
    };
    const { offers } = decide(withOffers([latte, croissant], declined));
    expect(offers.find(({ offerId }) => offerId === 'croissant')).toMatchObject({ rank: 1 });
  });
  it('beyond the most a mail shows are hidden with a reason', () => {
    const many = ['a', 'b', 'c', 'd'].map((offerId) => offer({ offerId }));
    const { offers } = decide(withOffers(many));
    expect(offers.filter(({ kind }) => kind === 'show')).toHaveLength(brand.programme.maxOffers);
    expect(offers.at(-1)).toMatchObject({ kind: 'hide', reason: 'below-the-first', rank: 4 });
  });
  it('are not even looked at where they may not be shown', () => {
    const refused = { consents: {} };
    expect(decide(withOffers([latte], refused)).offers).toEqual([]);
    expect(decide(withOffers([latte], { memberStatus: 'suspended' })).offers).toEqual([]);
  });
  it('come out the same whatever order the catalogue has', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([latte, croissant, pastry, offer({ offerId: 'z' })]),
        (offers) => {
          const shown = (list: typeof offers) => decide(withOffers(list)).views['offers'];
          expect(shown(offers)).toEqual(shown(offers.toReversed()));
        },
      ),
    );
  });
});

it.each(['javascript:alert(1)', 'https://ana:secret@a.example/', 'data:text/html,x'])(
  'a block that leads to %s is left out, with the address as the reason, and the rest goes',
  (url) => {
    const { outcome, blocks, views } = decide(
      // As an address is stored that was taken in before addresses were looked at.
      withOffers([{ ...offer({ offerId: 'bad' }), url }]),
    );
    expect(outcome.kind).toBe('send');
    expect(blocks.find(({ block }) => block === 'offers')).toMatchObject({
      kind: 'hide',
      reason: 'bad-link',
      steps: expect.arrayContaining([expect.objectContaining({ actual: url })]),
    });
    expect(views).not.toHaveProperty('offers');
    expect(Object.keys(views).length).toBeGreaterThan(0);
  },
);

it('a suppressed message decides nothing else', () => {
  const decided = decide(facts({ reading: { kind: 'erased' } }));
  expect(decided).toMatchObject({
    outcome: { kind: 'suppress', reason: 'erased' },
    blocks: [],
    offers: [],
    views: {},
  });
});

it('every block that is placed is decided, and only shown ones have a view', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.nat(3000),
      fc.constantFrom('active', 'suspended', 'disputed'),
      (consent, activePoints, memberStatus) => {
        const member = {
          activePoints,
          memberStatus,
          consents: { marketing: { granted: consent, source: 'x', at: '2025-01-01T00:00:00Z' } },
        } as const;
        const { blocks, views } = decide({ ...withOffers([offer()], member) });
        expect(blocks.map(({ block }) => block)).toEqual(receipt.blocks);
        const shown = blocks
          .filter(({ kind }) => kind === 'show')
          .map(({ block }) => block.replace('-b', 'B'));
        expect(Object.keys(views)).toEqual(shown);
        const may = memberStatus === 'active';
        expect('offers' in views).toBe(may && consent);
        expect('status' in views).toBe(may);
      },
    ),
  );
});
