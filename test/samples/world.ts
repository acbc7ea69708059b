import { Profile } from '../../src/contract/profile.ts';

export const sampleBrands = ['juniper', 'kestrel', 'halden', 'marlowe'] as const;
export type SampleBrand = (typeof sampleBrands)[number];

type Standing = Pick<Profile, 'activePoints' | 'pendingPoints' | 'qualifyingPoints'> & {
  readonly expiring: number;
  readonly tier: readonly [id: string, name: string, rank: number];
  readonly next: readonly [id: string, name: string, pointsToGo: number];
  /** What it takes to keep the tier, when it is about to lapse. */
  readonly lapsing: Pick<Profile, 'qualifyingPoints' | 'pointsToNextTier'>;
  readonly benefits: readonly (readonly [id: string, name: string])[];
  readonly bonus: readonly [id: string, points: number];
  readonly reward: readonly [id: string, name: string, kind: string];
  readonly category: string;
  /** Saved this year, minor units. */
  readonly saved: readonly [amount: number, currency: string];
};

const standings: Readonly<Record<SampleBrand, Standing>> = {
  juniper: {
    activePoints: 340,
    pendingPoints: 49,
    expiring: 60,
    qualifyingPoints: 1120,
    tier: ['gold', 'Gold', 1],
    next: ['reserve', 'Reserve', 380],
    lapsing: { qualifyingPoints: 380, pointsToNextTier: 1120 },
    benefits: [
      ['birthday-drink', 'Birthday drink'],
      ['free-upgrade', 'Free milk and size upgrades'],
    ],
    bonus: ['advent-50', 50],
    reward: ['free-beans', 'A bag of house beans', 'free-product'],
    category: 'coffee',
    saved: [6420, 'EUR'],
  },
  kestrel: {
    activePoints: 12_400,
    pendingPoints: 2090,
    expiring: 4000,
    qualifyingPoints: 52_300,
    tier: ['gold', 'Gold', 2],
    next: ['platinum', 'Platinum', 27_700],
    lapsing: { qualifyingPoints: 21_000, pointsToNextTier: 59_000 },
    benefits: [
      ['priority-boarding', 'Priority boarding'],
      ['lounge', 'Lounge access'],
    ],
    bonus: ['winter-2500', 2500],
    reward: ['lounge-day', 'A day in the lounge', 'gift'],
    category: 'flights',
    saved: [42_100, 'EUR'],
  },
  halden: {
    activePoints: 412,
    pendingPoints: 159,
    expiring: 90,
    qualifyingPoints: 870,
    tier: ['wool', 'Wool', 1],
    next: ['cashmere', 'Cashmere', 1130],
    lapsing: { qualifyingPoints: 310, pointsToNextTier: 1690 },
    benefits: [
      ['long-returns', '60 days to return'],
      ['free-repairs', 'Free repairs'],
    ],
    bonus: ['thread-50', 50],
    reward: ['care-kit', 'A knitwear care kit', 'gift'],
    category: 'activewear',
    saved: [9600, 'EUR'],
  },
  marlowe: {
    activePoints: 486,
    pendingPoints: 57,
    expiring: 72,
    qualifyingPoints: 640,
    tier: ['premiere', 'Premiere', 1],
    next: ['icon', 'Icon', 960],
    lapsing: { qualifyingPoints: 260, pointsToNextTier: 1340 },
    benefits: [
      ['birthday-popcorn', 'Birthday popcorn'],
      ['seat-upgrade', 'Free seat upgrade'],
    ],
    bonus: ['encore-60', 60],
    reward: ['ticket-on-us', 'A ticket on us', 'free-product'],
    category: 'tickets',
    saved: [5400, 'GBP'],
  },
};

/** A member in good standing of one of the sample brands: consented, with points, a bonus and a tier to go. */
export function sampleMember(brand: SampleBrand, changes: Partial<Profile> = {}): Profile {
  const { activePoints, tier, next, bonus, reward, saved, ...standing } = standings[brand];
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
    activePoints,
    pendingPoints: standing.pendingPoints,
    lockedPoints: 0,
    spentPoints: 0,
    expiredPoints: 0,
    earnedPoints: activePoints,
    expiringPoints: [{ points: standing.expiring, expiresAt: '2026-12-31T23:00:00Z' }],
    qualifyingPoints: standing.qualifyingPoints,
    currentTier: {
      id: tier[0],
      name: tier[1],
      rank: tier[2],
      effectiveAt: '2026-01-01T00:00:00Z',
      expiresAt: null,
      changeReason: 'threshold',
    },
    nextTier: { id: next[0], name: next[1], rank: tier[2] + 1 },
    pointsToNextTier: next[2],
    progress: [],
    benefits: standing.benefits.map(([benefitId, name]) => ({
      benefitId,
      name,
      type: 'service',
      startDate: null,
      endDate: null,
      active: true,
    })),
    coupons: [],
    bonuses: [
      {
        bonusId: bonus[0],
        state: 'granted',
        points: bonus[1],
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
    affinities: { [standing.category]: 0.8 },
    channels: {},
    preferredStore: null,
    savings: [2026, 2025].map((year) => ({
      year,
      saved: { amount: saved[0] - 10 * (2026 - year), currency: saved[1] },
    })),
    rewards: [
      {
        rewardId: reward[0],
        name: reward[1],
        kind: reward[2],
        unlockedAt: '2026-11-19T09:00:00Z',
        claimedAt: null,
      },
    ],
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
    ...standings[brand].lapsing,
  };
}
