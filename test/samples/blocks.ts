import type { z } from 'zod';

import type { blocks } from '../../src/decision/blocks/index.ts';
import type { offers } from '../../src/decision/blocks/offers.ts';
import type { pointsBanner } from '../../src/decision/blocks/points-banner.ts';
import type { yearInReview } from '../../src/decision/blocks/year-in-review.ts';

const at = new Date('2026-12-31T22:59:59Z');
const since = new Date('2019-03-04T10:00:00Z');
const euros = (amount: number) => ({ amount, currency: 'EUR' });

type Block = (typeof blocks)[number];
/** What each block may have to say, by what is particular about it. The first is the usual one. */
type Forms = { readonly [One in Block as One['name']]: Readonly<Record<string, ViewOf<One>>> };
type ViewOf<One extends Pick<Block, 'view'>> = z.output<One['view']>;

const earned = { points: 31, kind: 'order' as const, pending: true, from: at };
const standing = {
  tier: 'Green',
  beingAdded: false,
  activePoints: 340,
  pendingPoints: 49,
  memberSince: since,
  asOf: at,
  next: null,
  earned: null,
  benefits: [],
};
const way = { tier: 'Reserve', pointsToGo: 380, percent: 62 };

const offer = {
  offerId: 'a',
  title: 'A tasting for two',
  body: 'Four coffees of one valley, and what makes them differ.',
  imageUrl: null,
};
const offered = {
  ...offer,
  url: 'https://www.juniper.example/a',
  code: 'FIRST',
  endsAt: at,
  category: 'coffee',
} satisfies ViewOf<typeof offers>['items'][number];

const banner = {
  kind: 'order',
  beingAdded: false,
  activePoints: 340,
  usablePoints: 340,
  worth: euros(340),
  coversAll: false,
  asOf: null,
} satisfies ViewOf<typeof pointsBanner>;

const nothing = {
  beingAdded: false,
  activePoints: null,
  pendingPoints: null,
  lockedPoints: null,
  expiring: null,
  earned: null,
};

const months = [2, 1, 0, 3, 4, 6, 2, 1, 3, 5, 4, 3];
const year = {
  year: '2026',
  variant: 'full',
  figures: {
    purchases: 34,
    spent: euros(18_450),
    saved: euros(1_230),
    pointsEarned: 369,
    pointsSpent: 240,
    favourite: { name: 'Oat latte', count: 21 },
    topCategory: 'coffee',
    favouriteStore: 'Harbour Street',
    busiestMonth: 6,
    byMonth: months,
    months: months.flatMap((count, index) =>
      count > 0 ? [{ month: index + 1, count, percent: Math.round((100 * count) / 6) }] : [],
    ),
  },
  memberSince: since,
  tier: 'Green',
} satisfies ViewOf<typeof yearInReview>;

/** Every block with its forms: whole, with little to say, while points are being added, of a balance that is no longer fresh. */
export const blockForms = {
  status: {
    'the way to the next tier': { ...standing, next: way },
    'at the top': standing,
    'what this order brings': { ...standing, earned },
    'what it brings, without a date': { ...standing, earned: { ...earned, from: null } },
    'what it brought': { ...standing, pendingPoints: 0, earned: { ...earned, pending: false } },
    'only points on their way': { ...standing, activePoints: 0 },
    'no points yet': {
      ...standing,
      activePoints: 0,
      pendingPoints: 0,
      next: { ...way, percent: 0 },
    },
    'points being added': {
      ...standing,
      activePoints: null,
      pendingPoints: null,
      beingAdded: true,
    },
  },
  'points-banner': {
    'pays a part': banner,
    'pays all': { ...banner, usablePoints: 250, worth: euros(250), coversAll: true },
    'a balance of some time ago': { ...banner, asOf: at },
    'points being added': { kind: 'order', beingAdded: true },
  },
  entitlements: {
    several: { tier: 'Green', ids: ['pickup-upgrade', 'free-delivery'] },
    one: { tier: 'Green', ids: ['free-delivery'] },
  },
  bonus: {
    whole: { points: 50, useBy: at, activePoints: 390, beingAdded: false },
    'without a last day': { points: 50, useBy: null, activePoints: 390, beingAdded: false },
    'points being added': { points: 50, useBy: at, activePoints: null, beingAdded: true },
  },
  offers: {
    several: {
      items: [offered, { ...offered, offerId: 'b', title: 'Beans of the month', code: null }],
    },
    'nothing known of what she likes': { items: [{ ...offered, category: null }] },
    'a category without words of its own': { items: [{ ...offered, category: 'unheardOf' }] },
  },
  recommendation: {
    whole: offered,
    'without a code': { ...offered, code: null, category: 'unheardOf' },
  },
  'upcoming-deals': {
    several: {
      tier: 'Reserve',
      pointsToGo: 380,
      items: [offer, { ...offer, offerId: 'b', title: 'The roastery by night' }],
    },
    'a tier that asks for more than points': { tier: 'Reserve', pointsToGo: null, items: [offer] },
  },
  'points-statement': {
    whole: {
      beingAdded: false,
      activePoints: 340,
      pendingPoints: 49,
      lockedPoints: 10,
      expiring: { points: 60, until: at, days: [{ points: 60, until: at }] },
      earned: { ...earned, kind: 'booking' },
    },
    'points that go on two days': {
      ...nothing,
      activePoints: 340,
      expiring: {
        points: 90,
        until: at,
        days: [
          { points: 60, until: since },
          { points: 30, until: at },
        ],
      },
    },
    'one thing to say': { ...nothing, pendingPoints: 49 },
    'points being added': { ...nothing, beingAdded: true },
  },
  savings: {
    'two years': {
      total: euros(5_000),
      years: [
        { year: '2026', saved: euros(3_000) },
        { year: '2025', saved: euros(2_000) },
      ],
    },
    'one year': { total: euros(3_000), years: [{ year: '2026', saved: euros(3_000) }] },
  },
  tenure: {
    years: { memberSince: since, years: 7 },
    'less than a year': { memberSince: at, years: null },
  },
  'keeping-tier': {
    'points that keep it': { tier: 'Gold', until: at, pointsToKeep: 120, below: 'Green' },
    'a tier that asks for more than points': {
      tier: 'Gold',
      until: at,
      pointsToKeep: null,
      below: null,
    },
  },
  'unlocked-reward': {
    'a product': { name: 'A bag of beans', kind: 'freeProduct', unlockedAt: at },
    'another kind': { name: 'Something', kind: 'unheardOf', unlockedAt: at },
  },
  'year-in-review': {
    whole: year,
    'without the months': {
      ...year,
      figures: { ...year.figures, byMonth: undefined, months: [] },
    },
    'some figures': {
      ...year,
      figures: {
        ...year.figures,
        favouriteStore: null,
        saved: euros(0),
        pointsSpent: 0,
        busiestMonth: null,
        months: [],
      },
    },
    'too little to tell': { ...year, variant: 'small', figures: null },
  },
} satisfies Forms;
