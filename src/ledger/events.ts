import { z } from 'zod';

import { LineKind } from '../brand/accrual.ts';
import { Product } from '../brand/catalogue.ts';
import { Diet } from '../brand/diets.ts';
import { MemberId, SubjectRef } from '../contract/message.ts';
import {
  ConsentBasis,
  ConsentPurpose,
  MailFrequency,
  Profile,
  topicPurpose,
} from '../contract/profile.ts';
import { Birthday } from '../core/birthday.ts';
import { Instant } from '../core/instant.ts';
import { isLocale, isTimeZone } from '../core/locale.ts';
import { Currency } from '../core/money.ts';

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .refine((one) => !/[\p{Cc}\p{Cs}]/u.test(one), 'contains control characters or broken Unicode');
/** An identifier without spaces, so that it can name a subject such as `order:1001`. */
const Id = text(120).regex(/^\S+$/, 'must not contain spaces');
/** A name in lower case, such as `product-review`. */
const Slug = text(60).regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words such as product-review');
/** More than anybody pays or earns, and little enough that thousands of them add up exactly. */
const mostMinor = 10_000_000_000_000;
const mostPoints = 1_000_000_000_000;
/** Shops take orders of 500; where a discount doesn't divide evenly, a line becomes two. */
const mostLines = 1_000;
const Minor = z
  .int('must be a whole number of minor units, e.g. 450 for 4.50')
  .nonnegative('must be zero or more')
  .max(mostMinor, `must be at most ${mostMinor}`);
/** Also below zero. */
const Movement = z
  .int('must be a whole number of points')
  .min(-mostPoints, `must be at least -${mostPoints}`)
  .max(mostPoints, `must be at most ${mostPoints}`);
const Points = Movement.positive('must be more than zero');

/** A topic of the brand's preference page, such as `topic:news`. */
const TopicPurpose = z.string().regex(/^topic:[a-z][a-z0-9-]{0,59}$/);

const base = {
  /** The system that says so, such as `pos`, `shop`, `loyalty`. */
  source: text(100),
  /** Unique within its source: the same event sent again changes nothing. */
  id: text(200),
  /** When it happened, not when it was sent. */
  at: Instant,
};
/** What was said at a time nobody knows is stored as said before everything else. */
const undated = '1970-01-01T00:00:00.000Z';

const IdentityKind = z.enum(['email', 'phone', 'card', 'customer-number']);
/** What somebody is known by besides her member id. */
export const Identity = z.strictObject({ kind: IdentityKind, value: text(320) });

/** Where the member has to be known by her id. */
const ofThisMember = { ...base, memberId: MemberId };
/**
 * Who it is about: her id, or an identity that leads to her. An identity nobody has registered yet (a card from the till)
 * collects its own history, which joins the member who links it later; such an event names its `brand` where there are several.
 */
const ofMember = {
  ...base,
  memberId: MemberId.optional(),
  identity: Identity.optional(),
  brand: Id.optional(),
};

const memberFields = {
  email: text(320).nullable().optional(),
  firstName: text(120).nullable().optional(),
  lastName: text(120).nullable().optional(),
  /** A language tag; `de_AT` is understood as well. */
  locale: text(35)
    .overwrite(canonicalLocale)
    .refine(isLocale, 'must be a language tag such as de-AT')
    .optional(),
  timeZone: text(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
    .optional(),
  /** Read with a consent to `birthday` only. */
  birthday: Birthday.nullable().optional(),
  /** How often they want commercial mails at most. */
  mailFrequency: MailFrequency.optional(),
  /** What shows that they said so themselves. */
  proof: text(500).optional(),
  preferences: z
    .strictObject({
      diets: z.array(Diet).max(20).default([]),
      avoidCategories: z.array(text(100)).max(50).default([]),
      avoidAttributes: z.array(text(100)).max(50).default([]),
    })
    .optional(),
  /** Further identities that lead to this member; her `email` is one anyway. */
  identities: z.array(Identity).max(20).default([]),
};

/** A lot of points: spendable from `activeAt` (at once when left out, pending until `points.activated` when null). */
const lot = {
  points: Points,
  activeAt: Instant.nullable().optional(),
  expiresAt: Instant.optional(),
  /** What of it counts for the tier. */
  qualifyingPoints: Movement.optional(),
};

const Line = z.strictObject({
  /** Left out: a product. Of anything else `productId` is its name, such as `tip`. */
  kind: LineKind.optional(),
  productId: Id,
  /** What the source calls this line, and says in a refund of it. A line without one is called by its place, from `1` on. */
  lineId: Id.optional(),
  quantity: z.int().positive().max(10_000).default(1),
  /** What one cost here, after any discount. A discount is no line of its own: it makes lines cheaper, or the total smaller. */
  unitPrice: Minor,
  /** Paid without any discount. */
  fullPrice: z.boolean(),
  /** As of the purchase; the catalogue's of that moment when left out. */
  category: text(100).optional(),
  attributes: z.array(text(100)).max(50).optional(),
});

const purchase = {
  channel: text(40),
  store: text(120).optional(),
  currency: Currency,
  total: Minor,
  /** Saved through the programme. */
  saved: Minor.default(0),
  lines: z.array(Line).max(mostLines).default([]),
  /** What the source counted itself. Left out: the brand's programme counts it, where it does so at all. Null: nothing. */
  pointsEarned: z.strictObject(lot).nullable().optional(),
  pointsSpent: Points.optional(),
  /** The redemption the spent points were reserved under. */
  pointsLock: Id.optional(),
};

const AnyEvent = z.discriminatedUnion('type', [
  z.strictObject({
    ...ofThisMember,
    type: z.literal('member.enrolled'),
    brand: Id,
    membershipNumber: text(64),
    ...memberFields,
  }),
  z.strictObject({
    ...ofThisMember,
    type: z.literal('member.updated'),
    status: Profile.shape.memberStatus.exclude(['erased']).optional(),
    ...memberFields,
  }),
  /** Final: her rows are deleted, and later events about her are ignored. */
  z.strictObject({ ...ofThisMember, type: z.literal('member.erased') }),
  z.strictObject({
    ...ofMember,
    type: z.literal('consent.changed'),
    /** Left out: nobody knows when. It counts until something dated is known, whichever is told last. */
    at: Instant.default(undated),
    purpose: z.union([ConsentPurpose, TopicPurpose], {
      error: `must be one of ${ConsentPurpose.options.join(', ')}, or ${topicPurpose}<id>`,
    }),
    granted: z.boolean(),
    /** What it rests on; a consent, when left out. */
    basis: ConsentBasis.optional(),
    /** Where it was given, when that isn't the event's source: `web-form`, `till`. */
    givenAt: text(100).optional(),
    /** What shows that it was given: the form's version, a scan's number. */
    proof: text(500).optional(),
  }),
  z.strictObject({ ...ofMember, type: z.literal('order.placed'), orderId: Id, ...purchase }),
  /**
   * The order was edited after it was placed: all of what it is from now on, as if nothing of it had come back; returns are
   * told by `order.refunded` only. Of several edits the one with the latest `at` counts, whichever is told last.
   */
  z.strictObject({
    ...ofMember,
    type: z.literal('order.changed'),
    orderId: Id,
    total: Minor,
    saved: Minor.default(0),
    lines: z.array(Line).max(mostLines),
    /** What the source counts for the order as it is now. Left out: what was counted before follows the edit. */
    pointsEarned: z.strictObject(lot).nullable().optional(),
  }),
  /** Points that wait for payment (the programme's `pendingUntil`) become spendable. */
  z.strictObject({ ...ofMember, type: z.literal('order.paid'), orderId: Id }),
  /** Handed over, shipped or picked up: points that wait for it become spendable. */
  z.strictObject({ ...ofMember, type: z.literal('order.fulfilled'), orderId: Id }),
  /** A trip, a stay, a visit: bought now, and happening later. Counts as a purchase under `bookingId`. */
  z.strictObject({
    ...ofMember,
    type: z.literal('booking.made'),
    bookingId: Id,
    /** What messages are about; `trip:<bookingId>` when left out. */
    subject: SubjectRef.optional(),
    startsAt: Instant.optional(),
    endsAt: Instant.optional(),
    ...purchase,
  }),
  /** Only what changed is said. A new `total` or new `lines` count from now on, and change what the booking earned. */
  z.strictObject({
    ...ofMember,
    type: z.literal('booking.changed'),
    bookingId: Id,
    startsAt: Instant.optional(),
    endsAt: Instant.optional(),
    total: Minor.optional(),
    lines: z.array(Line).max(mostLines).optional(),
  }),
  /** As `order.cancelled`; also stops every message about the trip. */
  z.strictObject({
    ...ofMember,
    type: z.literal('booking.cancelled'),
    bookingId: Id,
    subjects: z.array(SubjectRef).max(10).default([]),
    points: z.enum(['reverse', 'leave']).default('reverse'),
  }),
  /**
   * Stops every message about the order and about its further subjects, takes back what it earned and gives back what it
   * spent (`points: 'leave'` where the source sends those movements itself). Guests' orders have no `memberId`.
   */
  z.strictObject({
    ...ofMember,
    type: z.literal('order.cancelled'),
    orderId: Id,
    subjects: z.array(SubjectRef).max(10).default([]),
    points: z.enum(['reverse', 'leave']).default('reverse'),
  }),
  /**
   * Without `lines`: all of it; with none in them: money back and no goods (a late parcel, shipping). `amount` is what was
   * paid back; the lines' prices when left out. What it takes back of the points is what was given for those lines, by the
   * programme or as a share of what the source counted, unless it is said here.
   */
  z.strictObject({
    ...ofMember,
    type: z.literal('order.refunded'),
    orderId: Id,
    /** Which refund it is, where it can be told again by a later event (its payment settled): the latest by `at` counts. */
    refundId: Id.optional(),
    lines: z
      .array(
        z.strictObject({
          /** Of what is no product, and no line of the order either, only the money came back. */
          kind: LineKind.optional(),
          productId: Id,
          quantity: z.int().positive(),
          /** Which of the order's lines with this product, where several have it; else the first with this price. */
          lineId: Id.optional(),
          unitPrice: Minor.optional(),
        }),
      )
      .max(mostLines)
      .optional(),
    amount: Minor.optional(),
    /** Zero: nothing. */
    pointsTakenBack: Movement.nonnegative().optional(),
    pointsGivenBack: Points.optional(),
  }),
  /** A trip, booking or anything else a message can be about no longer takes place. */
  z.strictObject({
    ...ofMember,
    type: z.literal('subject.cancelled'),
    subject: SubjectRef,
  }),
  z.strictObject({
    ...ofMember,
    type: z.literal('points.earned'),
    ...lot,
    ref: Id.optional(),
    reason: text(200).optional(),
  }),
  /** Pending points of a reference become spendable. */
  z.strictObject({ ...ofMember, type: z.literal('points.activated'), ref: Id }),
  z.strictObject({
    ...ofMember,
    type: z.literal('points.adjusted'),
    /** Added or, below zero, taken. */
    points: Movement,
    qualifyingPoints: Movement.optional(),
    expiresAt: Instant.optional(),
    reason: text(200),
  }),
  /** With `lock`: out of the points locked under that name. */
  z.strictObject({
    ...ofMember,
    type: z.literal('points.spent'),
    points: Points,
    lock: Id.optional(),
    ref: Id.optional(),
  }),
  /** Confirms points that lapsed by their own date, and takes what goes beyond these from those that expire first. */
  z.strictObject({ ...ofMember, type: z.literal('points.expired'), points: Points }),
  /** With `until`: it ends by itself then, and what is left under it can be spent again. */
  z.strictObject({
    ...ofMember,
    type: z.literal('points.locked'),
    points: Points,
    lock: Id,
    until: Instant.optional(),
  }),
  /** Without `points`: all that is left under that lock. */
  z.strictObject({
    ...ofMember,
    type: z.literal('points.released'),
    points: Points.optional(),
    lock: Id,
  }),
  z.strictObject({
    ...ofMember,
    type: z.literal('coupon.issued'),
    code: Id,
    offerId: Id,
    startDate: Instant.optional(),
    expiryDate: Instant.optional(),
  }),
  z.strictObject({ ...ofMember, type: z.literal('coupon.redeemed'), code: Id }),
  /** Ended before its time. */
  z.strictObject({ ...ofMember, type: z.literal('coupon.disabled'), code: Id }),
  z.strictObject({ ...ofMember, type: z.literal('coupon.expired'), code: Id }),
  /** Its points are credited by this event and lapse at `useBy`. */
  z.strictObject({
    ...ofMember,
    type: z.literal('bonus.granted'),
    bonusId: Id,
    points: Movement.nonnegative(),
    useBy: Instant.optional(),
    reason: text(200).optional(),
  }),
  /** What it was used for is told by `points.spent`. */
  z.strictObject({ ...ofMember, type: z.literal('bonus.used'), bonusId: Id }),
  z.strictObject({
    ...ofMember,
    type: z.literal('offer.redeemed'),
    offerId: Id,
    orderId: Id.optional(),
  }),
  /** A tier given by the loyalty platform; stands until `expiresAt` whatever the points say, then they decide again. */
  z.strictObject({
    ...ofMember,
    type: z.literal('tier.changed'),
    tierId: Id,
    expiresAt: Instant.optional(),
    reason: text(200),
  }),
  /** Something done rather than bought: a review, a follow, a visit, a referral. The programme says what it is worth. */
  z.strictObject({
    ...ofMember,
    type: z.literal('engagement.recorded'),
    kind: Slug,
    /** What it was about, such as the reviewed product: the same kind about the same thing counts once. */
    subject: text(200).optional(),
    channel: text(40).optional(),
    store: text(120).optional(),
  }),
  /** A reward that a level unlocked was handed over. */
  z.strictObject({ ...ofMember, type: z.literal('reward.claimed'), rewardId: Id }),
  /**
   * Where she was or what she looked at. Kept apart from the profile, and read only with her consent: `location` for
   * signals of place, `profiling` for browsing.
   */
  z.strictObject({
    ...ofMember,
    type: z.literal('signal.observed'),
    kind: z.enum(['location', 'browsing']),
    category: text(100).optional(),
    productId: Id.optional(),
    store: text(120).optional(),
    channel: text(40).optional(),
  }),
  /** From now on this identity leads to her; what it collected before joins her history. */
  z.strictObject({ ...ofThisMember, type: z.literal('identity.linked'), identity: Identity }),
  z.strictObject({ ...ofThisMember, type: z.literal('identity.unlinked'), identity: Identity }),
  /** Two accounts are one person, under `memberId`. Taken back by `members.unmerged`, exactly. */
  z.strictObject({
    ...ofThisMember,
    type: z.literal('members.merged'),
    otherMemberId: MemberId,
    reason: text(200),
  }),
  z.strictObject({
    ...ofThisMember,
    type: z.literal('members.unmerged'),
    otherMemberId: MemberId,
    reason: text(200),
  }),
  /** Somebody doubts that these two are one person, or that the identity is hers: nothing personal of either goes out until it is settled. */
  z.strictObject({
    ...ofThisMember,
    type: z.literal('link.disputed'),
    otherMemberId: MemberId.optional(),
    identity: Identity.optional(),
    reason: text(200),
  }),
  /** The link was right after all. (An unmerge or unlinking settles a dispute as well.) */
  z.strictObject({
    ...ofThisMember,
    type: z.literal('link.confirmed'),
    otherMemberId: MemberId.optional(),
    identity: Identity.optional(),
    reason: text(200),
  }),
  /** Product data as of `at`: later purchases count by it, earlier ones don't change. */
  z.strictObject({ ...base, type: z.literal('product.upserted'), brand: Id, product: Product }),
]);

/** Every type, as events name it. */
export const eventTypes: readonly LedgerEvent['type'][] = AnyEvent.options.map(
  ({ shape }) => shape.type.value,
);

/** What each type can say. */
export const eventFields: ReadonlyMap<LedgerEvent['type'], readonly string[]> = new Map(
  AnyEvent.options.map(({ shape }) => [shape.type.value, Object.keys(shape)]),
);

/** What can concern guests, or nobody. */
const ofAnybody = new Set([
  'order.cancelled',
  'booking.cancelled',
  'subject.cancelled',
  'product.upserted',
]);

/**
 * What may happen to a member: thin facts, named after what happened. `qualifyingPoints` of an earning default to its
 * points for orders and to none for anything else; a new qualifying period arrives as `points.adjusted` with a negative one.
 */
export const LedgerEvent = AnyEvent.superRefine((event, context) => {
  if (event.type === 'order.refunded' && event.lines?.length === 0 && event.amount === undefined)
    context.addIssue({ code: 'custom', path: ['amount'], message: 'is needed without lines' });
  if ('lines' in event && event.type !== 'order.refunded' && worthOf(event.lines) > mostMinor)
    context.addIssue({
      code: 'custom',
      path: ['lines'],
      message: `must come to at most ${mostMinor}`,
    });
  if (ofAnybody.has(event.type)) return;
  if ('memberId' in event ? event.memberId !== undefined : false) return;
  if ('identity' in event && event.identity !== undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['memberId'],
    message: 'is needed, or an identity such as {"kind": "card", "value": "…"}',
  });
});
export type LedgerEvent = z.output<typeof LedgerEvent>;
export type LedgerEventInput = z.input<typeof LedgerEvent>;

/** Beyond what numbers hold exactly it is too much anyway. */
const worthOf = (lines: readonly z.output<typeof Line>[] = []): number =>
  lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);

function canonicalLocale(said: string): string {
  const tag = said.replaceAll('_', '-');
  return isLocale(tag) ? (Intl.getCanonicalLocales(tag)[0] ?? tag) : said;
}
