import { z } from 'zod';

import { Diet } from '../brand/diets.ts';
import { Birthday } from '../core/birthday.ts';
import { Instant } from '../core/instant.ts';
import { Money } from '../core/money.ts';
import type { Composition } from './composition.ts';

const Points = z.int();

/** What a permission rests on: asked and said yes, bought before (soft opt-in), or needed for a contract. */
export const ConsentBasis = z.enum(['consent', 'existing-customer', 'contract']);

/** Without `basis` it is a consent. */
const Consent = z.strictObject({
  granted: z.boolean(),
  source: z.string(),
  at: Instant,
  basis: ConsentBasis.optional(),
});
export const ConsentPurpose = z.enum(['marketing', 'profiling', 'location', 'birthday']);
export type ConsentPurpose = z.infer<typeof ConsentPurpose>;

/** What a topic of the preference page is as a purpose of consent: `topic:news`. */
export const topicPurpose = 'topic:';
/** How often somebody wants commercial mails at most. */
export const MailFrequency = z.enum(['all', 'weekly', 'monthly']);
export type MailFrequency = z.infer<typeof MailFrequency>;

const Tier = z.strictObject({ id: z.string(), name: z.string(), rank: z.int() });

const Bought = z.strictObject({
  count: z.int(),
  lastAt: Instant,
  /** When it was last bought without any discount; absent if never. */
  lastFullPriceAt: Instant.optional(),
});

/**
 * One member as of now, in one small row: everything a rule or block may look at, nothing else.
 * Names follow the loyalty vendors' public APIs (see docs/concepts.md). Points are whole, instants ISO 8601.
 */
export const Profile = z.strictObject({
  memberId: z.string(),
  membershipNumber: z.string(),
  memberStatus: z.enum(['active', 'suspended', 'disputed', 'erased']),
  enrolledAt: Instant,
  brand: z.string(),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  locale: z.string(),
  timeZone: z.string(),
  /** With the year or without, as src/core/birthday.ts has it; null without a consent to be greeted (`birthday`). */
  birthday: Birthday.nullable().default(null),

  /** Spendable now. */
  activePoints: Points,
  /** Earned, not yet spendable. */
  pendingPoints: Points,
  /** Reserved by an open redemption. */
  lockedPoints: Points,
  spentPoints: Points,
  expiredPoints: Points,
  /** Over the whole membership. */
  earnedPoints: Points,
  /** Taken back after they were spent: the next points pay for these first. Already taken off `activePoints`. */
  owedPoints: Points.default(0),
  expiringPoints: z.array(z.strictObject({ points: Points, expiresAt: Instant })),
  /** What tiers count; separate from spendable. */
  qualifyingPoints: Points,

  currentTier: Tier.extend({
    effectiveAt: Instant,
    expiresAt: Instant.nullable(),
    changeReason: z.string(),
  }),
  nextTier: Tier.nullable(),
  /** Null at the top, and where the next tier doesn't ask for points. */
  pointsToNextTier: Points.nullable(),
  /** What the next tier would give beyond what she has. */
  nextBenefits: z
    .array(z.strictObject({ benefitId: z.string(), name: z.string(), type: z.string() }))
    .default([]),
  progress: z.array(
    z.strictObject({ attribute: z.string(), currentValue: z.number(), valueGoal: z.number() }),
  ),
  benefits: z.array(
    z.strictObject({
      benefitId: z.string(),
      name: z.string(),
      type: z.string(),
      startDate: Instant.nullable(),
      endDate: Instant.nullable(),
      active: z.boolean(),
    }),
  ),
  coupons: z.array(
    z.strictObject({
      code: z.string(),
      offerId: z.string(),
      state: z.enum(['active', 'used', 'expired', 'pending', 'disabled']),
      startDate: Instant.nullable(),
      expiryDate: Instant.nullable(),
    }),
  ),
  bonuses: z.array(
    z.strictObject({
      bonusId: z.string(),
      state: z.enum(['granted', 'used', 'expired']),
      points: Points,
      grantedAt: Instant,
      useBy: Instant.nullable(),
      usedAt: Instant.nullable(),
    }),
  ),

  /** A purpose that is absent was never asked: treated as not granted. */
  consents: z.partialRecord(ConsentPurpose, Consent),
  /** What she said of herself; always stronger than what is inferred. */
  /** What the member wants to be written about, and how often; absent where nothing was said. The ledger alone tells it. */
  mailing: z
    .strictObject({
      /** By topic of the brand; one that is absent is on. */
      topics: z.record(z.string(), Consent),
      frequency: MailFrequency,
    })
    .optional(),
  preferences: z.strictObject({
    diets: z.array(Diet),
    avoidCategories: z.array(z.string()),
    avoidAttributes: z.array(z.string()),
  }),

  /** By category, by product attribute (`egg`, `oat-milk`), and by product for as long as a rule may ask. */
  boughtCategories: z.record(z.string(), Bought),
  boughtAttributes: z.record(z.string(), Bought),
  boughtProducts: z.record(z.string(), Bought),
  /** Offers redeemed, how often. */
  redemptions: z.record(z.string(), z.int()),
  /** 0–1 by category: the member's share of purchases, recent ones counting more. */
  affinities: z.record(z.string(), z.number().min(0).max(1)),
  /** What she showed interest in lately, by category: from signals she consented to, and from no others. */
  interests: z
    .record(
      z.string(),
      z.strictObject({ source: z.enum(['location', 'browsing']), count: z.int(), lastAt: Instant }),
    )
    .optional(),
  channels: z.record(z.string(), z.strictObject({ count: z.int(), lastAt: Instant })),
  preferredStore: z.string().nullable(),
  /** Saved through the programme, newest year first. */
  savings: z.array(z.strictObject({ year: z.int(), saved: Money })),
  /** What levels unlocked: a free product, a gift, a shipping rate. */
  rewards: z
    .array(
      z.strictObject({
        rewardId: z.string(),
        name: z.string(),
        kind: z.string(),
        /** Null: handed over without having been reached. */
        unlockedAt: Instant.nullable(),
        claimedAt: Instant.nullable(),
      }),
    )
    .default([]),
  /** Paid and kept: this calendar year, and this month with the eleven before it. Null where nobody counted. */
  spend: z.strictObject({ thisYear: Money, last12Months: Money }).nullable().default(null),
  /** The share of the brand's members who spent less in those twelve months, in steps of 5; null where it isn't known. */
  spendPercentile: z.int().min(0).max(100).nullable().default(null),
  /** The latest first; `product` is what it was mainly about. */
  lastPurchases: z
    .array(
      z.strictObject({
        orderId: z.string(),
        channel: z.string(),
        store: z.string().nullable(),
        at: Instant,
        total: Money,
        product: z.string().nullable(),
        /** What it has earned and kept; absent where it earned nothing, or where that isn't known. */
        points: z
          .strictObject({
            earned: Points,
            /** Of these, not yet spendable, */
            pending: Points,
            /** until then; null where nothing is pending, or an event has to say so. */
            activeAt: Instant.nullable(),
          })
          .optional(),
      }),
    )
    .default([]),

  /** When this profile was true, and the member's last applied event. */
  asOf: Instant,
  ledgerVersion: z.int(),
});
export type Profile = z.infer<typeof Profile>;
export type ProfileField = keyof Profile;

/** Whether somebody was asked to be greeted on their birthday and said yes: without it nobody reads when that is. */
export const mayGreet = ({ birthday }: Profile['consents']): boolean =>
  birthday?.granted === true && (birthday.basis ?? 'consent') === 'consent';

/** What was learnt when the recipient was looked up, at send time. */
export type ProfileReading = (
  | { readonly kind: 'member'; readonly profile: Profile }
  /** Nobody we know, or an address that isn't this member's: the mail stays neutral. */
  | {
      readonly kind: 'guest';
      readonly why: 'unknown-address' | 'address-not-linked' | 'unknown-member';
    }
  /** A member of whom nothing can be said now: the mail is as neutral as a guest's, and goes to her own address. */
  | { readonly kind: 'guest'; readonly why: 'not-known-now'; readonly email: string | null }
  /** Erased: nothing may be sent to or said about this member. */
  | { readonly kind: 'erased' }
) & {
  /** Where it comes from, field by field, in a brand with several profile sources. */
  readonly composed?: Composition<ProfileField>;
};
