import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ana, daysAgo, facts, noon, offer, products } from '../../../test/facts.ts';
import type { Profile } from '../../contract/profile.ts';
import { offerRules } from './index.ts';
import { ask } from './rule.ts';

const reasonFor = (one: ReturnType<typeof offer>, member: Partial<Profile> = {}, changes = {}) =>
  ask(offerRules, { offer: one, facts: facts({ member, ...changes }) }).objection?.reason ??
  'shown';

it('asks in the order that is policy', () => {
  expect(offerRules.map(({ name }) => name)).toEqual([
    'never-bought',
    'preference-conflict',
    'goes-with',
    'already-redeemed',
    'bonus-used',
    'just-bought',
    'wrong-channel',
    'outside-dates',
    'tier-not-eligible',
    'usage-limit',
    'coupon-left',
  ]);
});

it('shows an offer on what she buys', () => {
  expect(reasonFor(offer())).toBe('shown');
});

describe('S1: no breakfast sandwich for someone who never had egg, meat or cheese', () => {
  const sandwich = offer({ offerId: 'sandwich', productIds: ['sandwich'] });

  it('never bought the category', () => {
    expect(reasonFor(sandwich)).toBe('never-bought');
  });
  it('bought the category, but nothing with what is in it', () => {
    const member = { boughtCategories: { breakfast: { count: 9, lastAt: daysAgo(3) } } };
    expect(reasonFor(sandwich, member)).toBe('never-bought');
    expect(reasonFor(offer({ productIds: ['ham-croissant'] }))).toBe('never-bought');
  });
  it('bought one thing that is in it, but not the others', () => {
    const member = {
      boughtCategories: { breakfast: { count: 9, lastAt: daysAgo(3) } },
      boughtAttributes: { cheese: { count: 9, lastAt: daysAgo(3) } },
    };
    expect(reasonFor(sandwich, member)).toBe('never-bought');
    const product = { sandwich: { count: 1, lastAt: daysAgo(3) } };
    expect(reasonFor(sandwich, { ...member, boughtProducts: product })).toBe('shown');
  });
  it('says preference-conflict where she said so herself', () => {
    const member = { preferences: { ...ana.preferences, diets: ['vegetarian' as const] } };
    expect(reasonFor(sandwich, member)).toBe('preference-conflict');
    expect(
      reasonFor(offer({ categories: ['breakfast'], productIds: [] }), {
        preferences: { ...ana.preferences, avoidCategories: ['breakfast'] },
      }),
    ).toBe('preference-conflict');
  });
  it('leaves an offer that gives her a choice', () => {
    const member = { preferences: { ...ana.preferences, diets: ['vegetarian' as const] } };
    expect(reasonFor(offer({ productIds: ['sandwich', 'croissant'] }), member)).toBe('shown');
  });
  it('lets a marketer introduce something new on purpose', () => {
    expect(reasonFor(offer({ productIds: ['sandwich'], introduces: true }))).toBe('shown');
  });
});

it('already-redeemed: as often as one member may', () => {
  expect(reasonFor(offer(), { redemptions: { 'latte-week': 1 } })).toBe('already-redeemed');
  expect(reasonFor(offer({ perMember: 2 }), { redemptions: { 'latte-week': 1 } })).toBe('shown');
  const coupon = {
    code: 'X',
    offerId: 'latte-week',
    state: 'used' as const,
    startDate: null,
    expiryDate: null,
  };
  expect(reasonFor(offer(), { coupons: [coupon] })).toBe('already-redeemed');
});

it('bonus-used: a bonus that is used, lapsed or never granted is not advertised', () => {
  const bonus = { bonusId: 'b', points: 100, grantedAt: daysAgo(5), usedAt: null, useBy: null };
  const advertising = offer({ bonusId: 'b' });
  expect(reasonFor(advertising)).toBe('bonus-not-granted');
  expect(reasonFor(advertising, { bonuses: [{ ...bonus, state: 'granted' }] })).toBe('shown');
  expect(reasonFor(advertising, { bonuses: [{ ...bonus, state: 'used' }] })).toBe('bonus-used');
  expect(
    reasonFor(advertising, { bonuses: [{ ...bonus, state: 'granted', useBy: daysAgo(1) }] }),
  ).toBe('bonus-used');
});

const mugsIn = (category: string) => ({
  catalogue: {
    version: '1',
    offers: [],
    products: new Map(
      products.map((product) => [
        product.productId,
        product.productId === 'mug' ? { ...product, category } : product,
      ]),
    ),
  },
});

describe('S25: no discount on what was just bought at full price', () => {
  const knowsMugs = {
    boughtCategories: { ...ana.boughtCategories, merchandise: { count: 1, lastAt: daysAgo(2) } },
  };
  const mugBought = (days: number) => ({
    ...knowsMugs,
    boughtProducts: { mug: { count: 1, lastAt: daysAgo(days), lastFullPriceAt: daysAgo(days) } },
  });

  it('the thing itself and its equivalent, within the return window', () => {
    expect(reasonFor(offer({ productIds: ['mug'] }), mugBought(2))).toBe('just-bought');
    expect(reasonFor(offer({ productIds: ['steel-mug'] }), mugBought(29))).toBe('just-bought');
    expect(reasonFor(offer({ productIds: [], categories: ['merchandise'] }), mugBought(2))).toBe(
      'just-bought',
    );
  });
  it('not after it, not for what was bought at a discount, not for what is no discount', () => {
    expect(reasonFor(offer({ productIds: ['mug'] }), mugBought(31))).toBe('shown');
    expect(
      reasonFor(offer({ productIds: ['mug'] }), {
        ...knowsMugs,
        boughtProducts: { mug: { count: 1, lastAt: daysAgo(2) } },
      }),
    ).toBe('shown');
    expect(reasonFor(offer({ productIds: ['mug'], kind: 'bonus-points' }), mugBought(2))).toBe(
      'shown',
    );
  });
  it('by the category it has now, not the one it was bought in', () => {
    const onMerchandise = offer({ productIds: [], categories: ['merchandise'] });
    expect(reasonFor(onMerchandise, mugBought(2), mugsIn('merchandise'))).toBe('just-bought');
    expect(reasonFor(onMerchandise, mugBought(2), mugsIn('kitchen'))).toBe('shown');
  });
  it('what is eaten or drunk has no return window', () => {
    const flat = { 'oat-latte': { count: 1, lastAt: daysAgo(1), lastFullPriceAt: daysAgo(1) } };
    expect(reasonFor(offer(), { boughtProducts: flat })).toBe('just-bought');
    const catalogue = {
      version: '1',
      offers: [],
      products: new Map(
        products.map((product) => [product.productId, { ...product, returnWindowDays: 0 }]),
      ),
    };
    expect(reasonFor(offer(), { boughtProducts: flat }, { catalogue })).toBe('shown');
  });
  it('counts the purchase this very mail confirms', () => {
    const order = {
      kind: 'order' as const,
      id: '1',
      total: { amount: 1500, currency: 'EUR' },
      payable: { amount: 0, currency: 'EUR' },
      payableWithPoints: false,
      items: [{ productId: 'mug', fullPrice: true }],
      attributes: {},
      includes: [],
    };
    expect(reasonFor(offer({ productIds: ['steel-mug'] }), knowsMugs, { order })).toBe(
      'just-bought',
    );
  });
});

it('S4: a store coupon is not for someone who only shops online, and the reverse', () => {
  const online = { channels: { online: { count: 12, lastAt: daysAgo(1) } } };
  const store = { channels: { store: { count: 12, lastAt: daysAgo(1) } } };
  expect(reasonFor(offer({ channels: ['store'] }), online)).toBe('wrong-channel');
  expect(reasonFor(offer({ channels: ['online', 'app'] }), store)).toBe('wrong-channel');
  expect(reasonFor(offer({ channels: ['store', 'online'] }), online)).toBe('shown');
});

const atInstant = (now: Date) =>
  reasonFor(offer({ startsAt: noon.toISOString(), endsAt: '2026-11-21T00:00:00Z' }), {}, { now });

it('outside-dates: from its first instant, up to but not at its last', () => {
  expect(atInstant(new Date(noon.getTime() - 1))).toBe('outside-dates');
  expect(atInstant(noon)).toBe('shown');
  expect(atInstant(new Date('2026-11-21T00:00:00Z'))).toBe('outside-dates');
});

it('tier-not-eligible and usage-limit', () => {
  expect(reasonFor(offer({ tiers: ['reserve'] }))).toBe('tier-not-eligible');
  expect(reasonFor(offer({ tiers: ['gold'] }))).toBe('shown');
  expect(reasonFor(offer({ usageLimit: 10, usedCount: 10 }))).toBe('usage-limit');
  expect(reasonFor(offer({ usageLimit: 10, usedCount: 9 }))).toBe('shown');
});

it('every objection says what it saw, what it needed and what would flip it', () => {
  const objecting = [
    [offer({ productIds: ['sandwich'] }), {}],
    [offer(), { redemptions: { 'latte-week': 1 } }],
    [offer({ bonusId: 'b' }), {}],
    [offer({ channels: ['kiosk'] }), {}],
    [offer({ endsAt: daysAgo(1) }), {}],
    [offer({ tiers: ['reserve'] }), {}],
    [offer({ usageLimit: 1, usedCount: 1 }), {}],
  ] as const;
  for (const [one, member] of objecting) {
    const { objection } = ask(offerRules, { offer: one, facts: facts({ member }) });
    expect(objection).toMatchObject({ outcome: 'hide', needed: expect.anything() });
    expect(objection).toHaveProperty('actual');
    expect(objection?.flip?.text).toBeTruthy();
  }
});

it('is deterministic, and a passing offer passed every rule', () => {
  fc.assert(
    fc.property(
      fc.subarray(['online', 'store', 'app']),
      fc.subarray(['green', 'gold', 'reserve']),
      fc.integer({ min: -40, max: 40 }),
      fc.subarray(['oat-latte', 'sandwich', 'mug', 'croissant'], { minLength: 1 }),
      (channels, tiers, days, productIds) => {
        const one = offer({
          channels,
          tiers,
          productIds,
          startsAt: daysAgo(days),
          endsAt: daysAgo(days - 20),
        });
        const subject = { offer: one, facts: facts() };
        const first = ask(offerRules, subject);
        expect(ask(offerRules, subject)).toEqual(first);
        const asked = first.steps.map(({ rule }) => rule);
        const all = offerRules.map(({ name }) => name);
        expect(asked).toEqual(first.objection ? all.slice(0, asked.length) : all);
        expect(first.steps.filter(({ outcome }) => outcome !== 'pass')).toEqual(
          first.objection ? [first.objection] : [],
        );
      },
    ),
  );
});

const lens = (signal?: 'location' | 'browsing') =>
  offer({
    introduces: true,
    productIds: [],
    requires: {
      owns: { productIds: ['camera'], categories: ['cameras'] },
      interest: 'electronics',
      ...(signal && { signal }),
    },
  });
const consent = (granted: boolean) => ({ granted, source: 'app', at: daysAgo(99) });

describe('goes-with: an accessory for what she owns, where she looks around (S21)', () => {
  const owner: Partial<Profile> = { boughtProducts: { camera: { count: 1, lastAt: daysAgo(90) } } };
  const interests: Profile['interests'] = {
    electronics: { source: 'location', count: 4, lastAt: daysAgo(2) },
  };
  const consented = { ...ana.consents, location: consent(true) };

  it('with the consent, the interest and the thing it goes with', () => {
    expect(reasonFor(lens(), { ...owner, consents: consented, interests })).toBe('shown');
  });
  it('not without the consent, whatever the profile says', () => {
    expect(reasonFor(lens(), { ...owner, interests })).toBe('no-signal-consent');
    const refused = { ...ana.consents, location: consent(false) };
    expect(reasonFor(lens(), { ...owner, consents: refused, interests })).toBe('no-signal-consent');
    // Consent to one kind of signal is none to the other.
    expect(reasonFor(lens('browsing'), { ...owner, consents: consented, interests })).toBe(
      'no-signal-consent',
    );
    const profiling = { ...ana.consents, profiling: consent(true) };
    expect(reasonFor(lens(), { ...owner, consents: profiling, interests })).toBe('not-relevant');
  });
  it('L15: around the day a member is greeted on, where they live, and to nobody who did not agree', () => {
    const gift = offer({ requires: { birthday: { daysBefore: 2, daysAfter: 7 } } });
    const born = (birthday: string, timeZone = 'UTC') => reasonFor(gift, { birthday, timeZone });
    expect(reasonFor(gift)).toBe('no-signal-consent');
    // It is 20 November, noon in UTC.
    expect(['11-18', '11-19', '1980-11-20', '11-22'].map((day) => born(day))).toEqual(
      Array(4).fill('shown'),
    );
    expect([born('11-13'), born('11-12'), born('11-22'), born('11-23')]).toEqual([
      'shown',
      'not-relevant',
      'shown',
      'not-relevant',
    ]);
    // There it is the 21st already.
    expect(born('11-23', 'Pacific/Kiritimati')).toBe('shown');
    expect(born('11-13', 'Pacific/Kiritimati')).toBe('not-relevant');
    const onLeapDay = offer({ requires: { birthday: {} } });
    const at = (day: string) =>
      reasonFor(onLeapDay, { birthday: '2000-02-29', timeZone: 'UTC' }, { now: new Date(day) });
    expect(at('2026-02-28T12:00:00Z')).toBe('outside-dates');
    expect(at('2026-03-01T12:00:00Z')).toBe('not-relevant');
  });
  it('not to someone who owns nothing it goes with, or looks around elsewhere', () => {
    expect(reasonFor(lens(), { consents: consented, interests })).toBe('not-relevant');
    expect(reasonFor(lens(), { ...owner, consents: consented })).toBe('not-relevant');
  });
});
