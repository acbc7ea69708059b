import type { Brand } from '../brand/brand.ts';
import type { Catalogue } from '../brand/catalogue.ts';
import type { Message } from '../contract/message.ts';
import { Profile, type ProfileReading } from '../contract/profile.ts';
import type { Template } from '../contract/template.ts';

/** What people are made up from. */
export type Setting = {
  readonly brand: Brand;
  readonly catalogue: Catalogue;
  /** The brand's own, and what a look-up at `now` gives for them. */
  readonly personas: readonly {
    readonly id: string;
    readonly reading: ProfileReading;
    /** Their own message of a template, and what is expected of it. */
    readonly told?: (template: Template) => {
      readonly message?: Pick<Message, 'data' | 'about'>;
      readonly context?: { readonly cancelled: ReadonlyMap<string, Date> };
      readonly expected?: string;
    };
  }[];
  readonly now: Date;
};

export const dayMs = 86_400_000;

/** A member who joined a month ago and did nothing since. */
export function newcomer({ brand, now }: Setting): Profile {
  const [first, second] = brand.programme.tiers;
  const joined = new Date(now.getTime() - 30 * dayMs).toISOString();
  const tierOf = (tier: NonNullable<typeof first>, rank: number) => ({
    id: tier.id,
    name: tier.names[brand.defaultLocale] ?? tier.id,
    rank,
  });
  return Profile.parse({
    memberId: 'newcomer',
    membershipNumber: '100-000-001',
    memberStatus: 'active',
    enrolledAt: joined,
    brand: brand.id,
    email: 'newcomer@example.com',
    firstName: 'Noor',
    lastName: null,
    locale: brand.defaultLocale,
    timeZone: brand.timeZone,
    activePoints: 0,
    pendingPoints: 0,
    lockedPoints: 0,
    spentPoints: 0,
    expiredPoints: 0,
    earnedPoints: 0,
    expiringPoints: [],
    qualifyingPoints: 0,
    currentTier: {
      ...(first ? tierOf(first, 0) : { id: 'member', name: 'Member', rank: 0 }),
      effectiveAt: joined,
      expiresAt: null,
      changeReason: 'enrolled',
    },
    nextTier: second ? tierOf(second, 1) : null,
    pointsToNextTier: second ? second.threshold : null,
    progress: [],
    benefits: [],
    coupons: [],
    bonuses: [],
    consents: { marketing: { granted: true, source: 'check', at: joined } },
    preferences: { diets: [], avoidCategories: [], avoidAttributes: [] },
    boughtCategories: {},
    boughtAttributes: {},
    boughtProducts: {},
    redemptions: {},
    affinities: {},
    channels: {},
    preferredStore: null,
    savings: [],
    asOf: now.toISOString(),
    ledgerVersion: 1,
  });
}

/** One who has and did everything the brand's offers and this message ask for. */
export function devoted(
  setting: Setting,
  template: Template,
  data: Record<string, unknown>,
): Profile {
  const { brand, catalogue, now } = setting;
  const at = new Date(now.getTime() - 400 * dayMs).toISOString();
  const useBy = new Date(now.getTime() + 20 * dayMs).toISOString();
  const { products, offers } = catalogue;
  const categories = [
    ...offers.flatMap((offer) => offer.categories),
    ...[...products.values()].map((product) => product.category),
  ];
  const bought = (keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, { count: 3, lastAt: at }]));
  const bonusId = template.bonusId?.(data);
  const year = now.getUTCFullYear();
  const plain = newcomer(setting);
  return {
    ...plain,
    memberId: 'devoted',
    enrolledAt: new Date(now.getTime() - 5 * 365 * dayMs).toISOString(),
    activePoints: 25_000,
    earnedPoints: 90_000,
    pendingPoints: 120,
    expiringPoints: [{ points: 400, expiresAt: useBy }],
    bonuses: (bonusId === undefined ? offers.flatMap((one) => one.bonusId ?? []) : [bonusId]).map(
      (id) => ({ bonusId: id, state: 'granted', points: 50, grantedAt: at, useBy, usedAt: null }),
    ),
    rewards: rewardsFor(brand, template.rewardId?.(data)).map((reward) => ({
      ...reward,
      unlockedAt: at,
      claimedAt: null,
    })),
    boughtCategories: bought(categories),
    boughtProducts: bought(offers.flatMap((offer) => offer.productIds)),
    affinities: Object.fromEntries(categories.map((category) => [category, 0.9])),
    savings: [year, year - 1].map((one) => ({
      year: one,
      saved: { amount: 4200, currency: brand.programme.currency },
    })),
    consents: {
      ...plain.consents,
      profiling: { granted: true, source: 'check', at },
      location: { granted: true, source: 'check', at },
    },
  };
}

function rewardsFor({ programme, defaultLocale }: Brand, wanted: string | undefined) {
  const all = programme.rewards.map(({ rewardId, names, kind }) => ({
    rewardId,
    name: names[defaultLocale] ?? rewardId,
    kind,
  }));
  if (wanted === undefined) return all;
  const named = all.filter(({ rewardId }) => rewardId === wanted);
  // Unlocked by an earlier version of the programme.
  return named.length > 0 ? named : [{ rewardId: wanted, name: wanted, kind: 'gift' as const }];
}
