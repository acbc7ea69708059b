import { type Catalogue, Offer } from '../src/core/catalogue.ts';
import { Profile } from '../src/core/profile.ts';

export const sampleBrands = ['juniper', 'kestrel'] as const;
export type SampleBrand = (typeof sampleBrands)[number];

/** A member in good standing of one of the sample brands: consented, with points, a bonus and a tier to go. */
export function sampleMember(brand: SampleBrand, changes: Partial<Profile> = {}): Profile {
  const coffee = brand === 'juniper';
  return Profile.parse({
    memberId: 'ana',
    membershipNumber: '400-118-204',
    memberStatus: 'active',
    enrolledAt: '2019-03-04T09:00:00Z',
    brand,
    email: 'ana@example.com',
    firstName: 'Ana',
    lastName: 'Keller',
    locale: 'en',
    timeZone: 'Europe/Berlin',
    activePoints: coffee ? 340 : 12_400,
    pendingPoints: coffee ? 49 : 2090,
    lockedPoints: 0,
    spentPoints: 0,
    expiredPoints: 0,
    earnedPoints: coffee ? 340 : 12_400,
    expiringPoints: [{ points: coffee ? 60 : 4000, expiresAt: '2026-12-31T23:00:00Z' }],
    qualifyingPoints: coffee ? 1120 : 52_300,
    currentTier: {
      id: 'gold',
      name: 'Gold',
      rank: coffee ? 1 : 2,
      effectiveAt: '2026-01-01T00:00:00Z',
      expiresAt: null,
      changeReason: 'threshold',
    },
    nextTier: coffee
      ? { id: 'reserve', name: 'Reserve', rank: 2 }
      : { id: 'platinum', name: 'Platinum', rank: 3 },
    pointsToNextTier: coffee ? 380 : 27_700,
    progress: [],
    benefits: (coffee
      ? ['Birthday drink', 'Free milk and size upgrades']
      : ['Priority boarding', 'Lounge access']
    ).map((name) => ({
      benefitId: name.toLowerCase().replaceAll(' ', '-'),
      name,
      type: 'service',
      startDate: null,
      endDate: null,
      active: true,
    })),
    coupons: [],
    bonuses: [
      {
        bonusId: coffee ? 'advent-50' : 'winter-2500',
        state: 'granted',
        points: coffee ? 50 : 2500,
        grantedAt: '2026-11-19T09:00:00Z',
        useBy: '2026-12-31T22:59:59Z',
        usedAt: null,
      },
    ],
    consents: { marketing: { granted: true, source: 'app', at: '2024-05-01T09:00:00Z' } },
    preferences: { diets: [], avoidCategories: [], avoidAttributes: [] },
    boughtCategories: {},
    boughtAttributes: {},
    boughtProducts: {},
    redemptions: {},
    affinities: coffee ? { coffee: 0.7 } : { flights: 0.8 },
    channels: {},
    preferredStore: null,
    savings: [2026, 2025].map((year) => ({
      year,
      saved: { amount: (coffee ? 6420 : 42_100) - 10 * (2026 - year), currency: 'EUR' },
    })),
    rewards: [
      coffee
        ? { rewardId: 'free-beans', name: 'A bag of house beans', kind: 'free-product' }
        : { rewardId: 'lounge-day', name: 'A day in the lounge', kind: 'gift' },
    ].map((reward) => ({ ...reward, unlockedAt: '2026-11-19T09:00:00Z', claimedAt: null })),
    asOf: '2026-11-20T08:59:00Z',
    ledgerVersion: 7,
    ...changes,
  });
}

/** What is different about the member a template is written for: nobody else is about to lose a tier. */
export function sampleChanges(template: string, brand: SampleBrand): Partial<Profile> {
  if (template !== 'tier-lapsing') return {};
  const { currentTier } = sampleMember(brand);
  return {
    currentTier: { ...currentTier, expiresAt: '2027-01-31T23:00:00Z' },
    ...(brand === 'juniper'
      ? { qualifyingPoints: 380, pointsToNextTier: 1120 }
      : { qualifyingPoints: 21_000, pointsToNextTier: 59_000 }),
  };
}

const offersOf: Readonly<Record<SampleBrand, readonly Partial<Offer>[]>> = {
  juniper: [
    {
      offerId: 'double-stars',
      kind: 'bonus-points',
      title: { en: 'Double stars on oat milk drinks', de: 'Doppelte Sterne auf Haferdrinks' },
      body: {
        en: 'Every drink with oat milk counts twice until the end of the month.',
        de: 'Jeder Drink mit Hafermilch zählt bis Monatsende doppelt.',
      },
    },
    {
      offerId: 'cake',
      kind: 'free-product',
      title: { en: 'A slice of banana bread on us', de: 'Ein Stück Bananenbrot geht auf uns' },
      body: {
        en: 'With any large drink, in all our cafés.',
        de: 'Zu jedem großen Getränk, in allen Cafés.',
      },
      code: 'BREAD26',
    },
    {
      offerId: 'reserve-tasting',
      kind: 'early-access',
      categories: ['coffee'],
      title: { en: 'The winter roasts', de: 'Die Winterröstungen' },
      body: {
        en: 'Three small lots from Huila and Yirgacheffe, roasted this week.',
        de: 'Drei kleine Partien aus Huila und Yirgacheffe, diese Woche geröstet.',
      },
    },
    {
      offerId: 'tasting',
      kind: 'free-product',
      tiers: ['reserve'],
      title: { en: 'An evening at the roastery', de: 'Ein Abend in der Rösterei' },
      body: {
        en: 'A tasting for two, once a season.',
        de: 'Eine Verkostung für zwei, einmal je Jahreszeit.',
      },
    },
  ],
  kestrel: [
    {
      offerId: 'seat',
      kind: 'discount',
      title: { en: 'A seat with more room, 20% less', de: 'Mehr Platz am Sitz, 20 % günstiger' },
      body: {
        en: 'Rows one to five, on every flight within Europe.',
        de: 'Reihe eins bis fünf, auf allen Flügen innerhalb Europas.',
      },
      code: 'ROOM20',
    },
    {
      offerId: 'platinum-first-sale',
      kind: 'early-access',
      categories: ['flights'],
      title: { en: 'The summer timetable', de: 'Der Sommerflugplan' },
      body: {
        en: 'New from Hamburg: Bergen, Palermo and Porto.',
        de: 'Neu ab Hamburg: Bergen, Palermo und Porto.',
      },
    },
    {
      offerId: 'upgrade',
      kind: 'discount',
      tiers: ['platinum'],
      title: { en: 'Upgrades at half the miles', de: 'Upgrades für die halben Meilen' },
      body: {
        en: 'On every flight, until a day before departure.',
        de: 'Auf allen Flügen, bis einen Tag vor Abflug.',
      },
    },
  ],
};

/** Offers anyone may have, so that a mail shows how they look. */
export function sampleCatalogue(brand: SampleBrand): Catalogue {
  return {
    version: '1',
    products: new Map(),
    offers: offersOf[brand].map((offer) =>
      Offer.parse({
        brand,
        introduces: true,
        startsAt: '2026-11-01T00:00:00Z',
        endsAt: '2026-11-30T22:59:59Z',
        url: `https://www.${brand}.example/offers/${offer.offerId ?? ''}`,
        ...offer,
      }),
    ),
  };
}
