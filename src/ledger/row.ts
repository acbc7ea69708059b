import { z } from 'zod';

import { Profile } from '../contract/profile.ts';
import { Birthday } from '../core/birthday.ts';

/** Epoch milliseconds: an instant that is compared with the clock. */
const At = z.int();
/** An instant that is only passed on, as the profile has it. */
const Instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
/** Units bought, less what was returned; when last; when last at full price (absent: the same, null: never). */
const Bought = z.tuple([z.int().positive(), Instant, Instant.nullable().optional()]);
/** Qualifying points, purchases, spend, engagement: in this order. */
const Count = z.number();
const Counts = z.record(z.string(), Bought);

/** So many days of full-price purchases are kept by product, or the return window if that is longer. */
export const productDays = 60;
/** Signals older than this say nothing any more. */
export const signalDays = 90;
/** Beside these, the products bought most. */
export const topProducts = 15;
/** Rows of coupons and bonuses that are over, newest first; open ones are all kept. */
export const closedKept = 5;
/** Instead of the time from which a lot is active: until an event says so. */
export const waitsForGood = -1;
/** The latest purchases, each with what it was mainly about. */
export const purchasesKept = 5;

/**
 * What `profiles.document` holds: a member as her ledger leaves her, without a clock. What time alone changes (points that
 * become active or expire, coupons, bonuses, given tiers) is kept as its future instants, and read by `profileAt`.
 * Written in short so that a row stays under 3 KB and is read in microseconds.
 */
export const Row = z.strictObject({
  memberId: z.string(),
  membershipNumber: z.string(),
  memberStatus: Profile.shape.memberStatus,
  enrolledAt: Instant,
  brand: z.string(),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  locale: z.string(),
  timeZone: z.string(),
  /** Absent where it wasn't said, or not to be greeted. */
  birthday: Birthday.optional(),
  points: z.strictObject({
    /** Active without a date, or with one too far away to be listed. */
    active: z.int().nonnegative(),
    /** Pending without a date, or with one too far away to be listed. */
    pending: z.int().nonnegative(),
    debt: z.int().nonnegative(),
    /** Until somebody says so. */
    locked: z.int().nonnegative(),
    /** Locked until an instant: points, that instant, expires at (null: never). Absent where there are none. */
    locks: z.array(z.tuple([z.int().positive(), At, At.nullable()])).optional(),
    spent: z.int(),
    expired: z.int().nonnegative(),
    earned: z.int(),
    qualifying: z.int(),
    /** Lots with a date ahead: points, active from (0: already, -1: when an event says so), expires at (null: never). */
    lots: z.array(z.tuple([z.int().positive(), At, At.nullable()])),
    /** The first activation and the first expiry that are not listed; absent where all are. */
    unlisted: z.strictObject({ activeAt: At.nullable(), expiresAt: At.nullable() }).optional(),
    /** When all that is active lapses of inactivity; absent where it doesn't. */
    idleAt: At.optional(),
  }),
  tier: z.strictObject({
    /** The tier the points reached, and since when. */
    reached: z.strictObject({ tierId: z.string(), at: At, reason: z.string() }),
    /** The last one that was given. */
    given: z
      .strictObject({ tierId: z.string(), at: At, expiresAt: At.nullable(), reason: z.string() })
      .nullable(),
    /** The changes that time alone will bring to the tier reached. */
    later: z.array(z.tuple([At, z.string(), z.string()])).optional(),
    /** Where tiers ask for more than points of all time: what counts, first as of the row, then from each instant on. */
    counts: z.array(z.tuple([At, Count, Count, Count, Count])).optional(),
    /** The first change of counts that is not listed; absent where all are. */
    unlisted: At.optional(),
  }),
  /** Unlocked and handed over at; null: not. */
  rewards: z.array(z.tuple([z.string(), At.nullable(), At.nullable()])).optional(),
  coupons: z.array(
    z.strictObject({
      code: z.string(),
      offerId: z.string(),
      state: z.enum(['open', 'used', 'disabled']),
      start: At.nullable(),
      expiry: At.nullable(),
    }),
  ),
  bonuses: z.array(
    z.strictObject({
      bonusId: z.string(),
      points: z.int(),
      grantedAt: At,
      useBy: At.nullable(),
      usedAt: At.nullable(),
    }),
  ),
  consents: Profile.shape.consents,
  /** Absent where she said nothing; so are these. */
  mailing: Profile.shape.mailing,
  preferences: Profile.shape.preferences.optional(),
  boughtCategories: Counts,
  boughtAttributes: Counts,
  boughtProducts: Counts,
  redemptions: z.record(z.string(), z.int().positive()),
  affinities: Profile.shape.affinities,
  interests: Profile.shape.interests,
  /** Purchases and the last one, by channel. */
  channels: z.record(z.string(), z.tuple([z.int().positive(), Instant])),
  preferredStore: z.string().nullable(),
  /** Year, amount, currency; in rows of earlier versions as the profile has it. */
  savings: z.array(z.tuple([z.int(), z.int(), z.string()])).or(Profile.shape.savings),
  /** Paid and kept in this month (since 2000-01, of the brand's time zone) and in those before it, the latest first. */
  spend: z.tuple([z.int(), z.array(z.int())]).optional(),
  /**
   * Order, channel, store, time, what was paid, main product, currency; where it earned points: how many it has left, and if
   * some are pending, how many and when the last of them becomes active (null: when an event says so). The latest first.
   */
  lastPurchases: z
    .array(
      z.tuple([
        z.string(),
        z.string(),
        z.string().nullable(),
        At,
        z.int(),
        z.string().nullable(),
        z.string(),
        z
          .int()
          .or(z.tuple([z.int(), z.int(), At.nullable()]))
          .optional(),
      ]),
    )
    .optional(),
  asOf: At,
  ledgerVersion: z.int(),
});
export type Row = z.infer<typeof Row>;
