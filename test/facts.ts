import { z } from 'zod';

import { type Brand, Programme } from '../src/brand/brand.ts';
import { Offer, Product } from '../src/brand/catalogue.ts';
import type { Facts } from '../src/contract/facts.ts';
import type { Message } from '../src/contract/message.ts';
import type { Profile } from '../src/contract/profile.ts';
import { defineTemplate } from '../src/decision/define-template.ts';
import type { MemberFacts } from '../src/decision/rules/rule.ts';

/** The instant all pure tests happen at. */
export const noon = new Date('2026-11-20T12:00:00Z');
export const daysAgo = (days: number) => new Date(noon.getTime() - days * 86_400_000).toISOString();

const bought = (lastAt = daysAgo(90)) => ({ count: 3, lastAt });

/** A member who likes oat lattes and croissants, shops online and in stores, and takes promotion. */
export const ana: Profile = {
  memberId: 'ana',
  membershipNumber: 'J-1000',
  memberStatus: 'active',
  enrolledAt: '2016-03-01T09:00:00Z',
  brand: 'test',
  email: 'ana@example.com',
  firstName: 'Ana',
  lastName: 'Silva',
  locale: 'en',
  timeZone: 'Europe/Berlin',
  birthday: null,
  activePoints: 1200,
  pendingPoints: 40,
  lockedPoints: 0,
  spentPoints: 900,
  expiredPoints: 0,
  earnedPoints: 2140,
  owedPoints: 0,
  expiringPoints: [],
  qualifyingPoints: 700,
  currentTier: {
    id: 'gold',
    name: 'Gold',
    rank: 1,
    effectiveAt: '2025-01-01T00:00:00Z',
    expiresAt: null,
    changeReason: 'earned',
  },
  nextTier: { id: 'reserve', name: 'Reserve', rank: 2 },
  pointsToNextTier: 300,
  nextBenefits: [],
  progress: [{ attribute: 'qualifyingPoints', currentValue: 700, valueGoal: 1000 }],
  benefits: [],
  coupons: [],
  bonuses: [],
  consents: { marketing: { granted: true, source: 'app', at: '2024-01-01T00:00:00Z' } },
  preferences: { diets: [], avoidCategories: [], avoidAttributes: [] },
  boughtCategories: { coffee: bought(), pastry: bought() },
  boughtAttributes: { oat: bought() },
  boughtProducts: { 'oat-latte': bought() },
  redemptions: {},
  affinities: { coffee: 0.7, pastry: 0.3 },
  channels: { online: { count: 4, lastAt: daysAgo(9) }, store: { count: 2, lastAt: daysAgo(20) } },
  preferredStore: null,
  savings: [],
  rewards: [],
  spend: null,
  spendPercentile: null,
  lastPurchases: [],
  asOf: noon.toISOString(),
  ledgerVersion: 12,
};

export const products = [
  { productId: 'oat-latte', category: 'coffee', attributes: ['oat'] },
  { productId: 'croissant', category: 'pastry' },
  { productId: 'sandwich', category: 'breakfast', attributes: ['egg', 'cheese', 'meat'] },
  { productId: 'ham-croissant', category: 'pastry', attributes: ['meat'] },
  { productId: 'mug', category: 'merchandise', equivalenceGroup: 'mugs' },
  { productId: 'steel-mug', category: 'merchandise', equivalenceGroup: 'mugs' },
].map((product) => Product.parse({ name: { en: product.productId }, ...product }));

export const offer = (fields: Partial<z.input<typeof Offer>> = {}): Offer =>
  Offer.parse({
    offerId: 'latte-week',
    brand: 'test',
    kind: 'discount',
    title: { en: 'Latte week' },
    body: { en: 'Half price' },
    productIds: ['oat-latte'],
    startsAt: daysAgo(10),
    endsAt: '2026-12-01T00:00:00Z',
    url: 'https://shop.example/latte',
    ...fields,
  });

const colours = {
  page: '#ffffff',
  surface: '#ffffff',
  raised: '#ffffff',
  text: '#000000',
  muted: '#444444',
  line: '#cccccc',
  accent: '#004400',
  onAccent: '#ffffff',
  highlight: '#004400',
  onHighlight: '#ffffff',
};

export const brand: Brand = {
  id: 'test',
  name: 'Test Coffee',
  defaultLocale: 'en',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  from: { name: 'Test Coffee', address: 'hello@test.example' },
  siteUrl: 'https://test.example',
  font: 'Helvetica, sans-serif',
  headingFont: 'Georgia, serif',
  radius: 8,
  colours: { light: colours, dark: colours },
  legal: { company: 'Test Coffee GmbH', address: 'Street 1, Berlin' },
  trades: ['orders', 'bookings'],
  formats: {},
  headings: { weight: 700, case: 'asis', spacing: '0' },
  manner: {},
  audience: ['gmail'],
  locales: ['en'],
  programme: Programme.parse({
    name: 'Test Rewards',
    version: '1',
    currency: 'EUR',
    burn: { points: 100, amount: 50, minimum: 500 },
    earn: { points: 1, perAmount: 1 },
    returnWindowDays: 30,
    tiers: [
      { id: 'green', name: 'Green', threshold: 0, benefits: [] },
      { id: 'gold', name: 'Gold', threshold: 500, benefits: [] },
      { id: 'reserve', name: 'Reserve', threshold: 1000, benefits: [] },
    ],
    entitlements: [
      {
        id: 'free-bag',
        type: 'checked-bag',
        tiers: ['gold', 'reserve'],
        appliesTo: 'booking',
        when: { cabin: ['economy'] },
      },
    ],
    reviewMinimumPurchases: 3,
    maxOffers: 3,
  }),
};

export const message: Message = {
  id: '0196a000-0000-7000-8000-000000000001',
  tenant: 'main',
  template: 'receipt',
  brand: 'test',
  to: { memberId: 'ana' },
  data: {},
  about: ['order:1'],
  acceptedAt: noon,
};

export const receipt = defineTemplate({
  name: 'receipt',
  title: 'Receipt',
  class: 'transactional',
  schema: z.record(z.string(), z.unknown()),
  blocks: ['status', 'points-banner', 'entitlements', 'offers'],
  headline: () => ({}),
  onUnknown: 'resend',
});

/** Facts about Ana's receipt, changed as the test says. */
export function facts(
  changes: Partial<Facts> & { readonly member?: Partial<Profile> } = {},
): MemberFacts {
  const { member, ...rest } = changes;
  const profile = { ...ana, ...member };
  return {
    message,
    template: receipt,
    data: {},
    order: null,
    reading: { kind: 'member', profile },
    awaited: null,
    timing: null,
    suppression: null,
    cancelled: new Map(),
    brand,
    catalogue: {
      version: '1',
      products: new Map(products.map((product) => [product.productId, product])),
      offers: [],
    },
    offers: [],
    upcoming: [],
    coupons: null,
    withoutCoupon: [],
    locale: 'en',
    now: noon,
    ...rest,
    profile,
  };
}
