import { z } from 'zod';

/**
 * How points are earned, as data: a part of `programme.json`. What it means exactly is in docs/programmes.md; it is
 * counted by src/ledger/earning.ts.
 */

/** What a line of a purchase is: only a product is bought; the rest is paid with it. */
export const LineKind = z.enum(['product', 'shipping', 'tip', 'gift-card', 'fee']);
export type LineKind = z.infer<typeof LineKind>;

const list = z.array(z.string()).min(1);
export const LocalDate = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be a date such as 2026-11-27');
const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

/** What must hold of the whole purchase; what isn't named doesn't matter. */
const OfPurchase = z.strictObject({
  channels: list.optional(),
  stores: list.optional(),
  /** Of the day of the purchase in the brand's time zone; `from` and `to` are the first and the last day. */
  weekdays: z.array(Weekday).min(1).optional(),
  from: LocalDate.optional(),
  to: LocalDate.optional(),
  /** Her tier when the purchase was made. */
  tiers: list.optional(),
});
export type OfPurchase = z.infer<typeof OfPurchase>;

/** What must hold of a line of it: one of the values, of each sort that is named. */
const OfLine = z.strictObject({
  ...OfPurchase.shape,
  categories: list.optional(),
  attributes: list.optional(),
  products: list.optional(),
});
export type OfLine = z.infer<typeof OfLine>;

/** A factor as it is written, such as 1.1: read by its digits, never as a binary fraction. */
const Factor = z
  .number()
  .positive()
  .max(1000)
  .refine((value) => /^\d+(\.\d{1,6})?$/.test(String(value)), 'at most six decimals');

export const Earn = z.strictObject({
  /** `points` points for every `perAmount` major units of the currency, as an exact fraction. */
  points: z.int().positive(),
  perAmount: z.int().positive(),
  /** `lines`: what the lines cost after discounts. `total`: also what the total has beyond its lines, such as delivery. */
  on: z.enum(['lines', 'total']).default('lines'),
  /** The kinds of line that earn: tips, shipping, gift cards and fees only where they are named. */
  kinds: z.array(LineKind).min(1).default(['product']),
  /** Categories and products that earn nothing, such as gift cards. */
  exclude: z.strictObject({ categories: list.optional(), products: list.optional() }).default({}),
  /** More points for some lines or purchases. */
  multipliers: z
    .array(z.strictObject({ id: z.string(), times: Factor, when: OfLine.default({}) }))
    .default([]),
  /** Of several multipliers of a line: the `highest`, all multiplied (`product`), or what each adds to 1 (`sum`). */
  combine: z.enum(['highest', 'product', 'sum']).default('highest'),
  /** Points on top, once a purchase, for as long as anything of it is kept. */
  extras: z
    .array(
      z.strictObject({
        id: z.string(),
        points: z.int().positive(),
        when: z
          .strictObject({
            ...OfPurchase.shape,
            /** Her first purchase. */
            first: z.literal(true).optional(),
            /** What of it earns must come to so many minor units; also after a part was given back. */
            minimumAmount: z.int().positive().optional(),
          })
          .default({}),
      }),
    )
    .default([]),
  /** What of the points counts for the tier: all, only the base rate's (`base`), or none. */
  qualifying: z.enum(['all', 'base', 'none']).default('all'),
});
export type Earn = z.infer<typeof Earn>;

/** `times`: so often; `points`: so many points, the last one in part. By day, month and year of the brand's time zone. */
const Cap = z
  .strictObject({
    per: z.enum(['subject', 'day', 'month', 'year', 'lifetime']),
    times: z.int().positive().optional(),
    points: z.int().positive().optional(),
  })
  .refine(({ times, points }) => times !== undefined || points !== undefined, {
    message: 'needs `times` or `points`',
  });

/** What something done rather than bought is worth. The same about the same subject counts once unless a cap says otherwise. */
export const Engagement = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words such as product-review'),
  points: z.int().nonnegative(),
  qualifyingPoints: z.int().nonnegative().default(0),
  caps: z.array(Cap).default([]),
});
export type Engagement = z.infer<typeof Engagement>;

/** What a purchase's points wait for until they can be spent. */
const Until = z.enum(['placed', 'paid', 'fulfilled', 'returnWindow']);
export type Until = z.infer<typeof Until>;

/** One for all, or by channel: `{"otherwise": "fulfilled", "channels": {"store": "placed"}}`. */
export const PendingUntil = z.union([
  Until,
  z.strictObject({ otherwise: Until, channels: z.record(z.string(), Until) }),
]);
export type PendingUntil = z.infer<typeof PendingUntil>;

/**
 * Who says what a refund takes back of points that a source counted itself: `share`, the same part of them as of the
 * goods; `told`, the source alone, by movements of its own.
 */
const TakeBack = z.enum(['share', 'told']);

/** One for all, or by the source of the purchase: `{"otherwise": "share", "sources": {"platform": "told"}}`. */
export const TakeBacks = z.union([
  TakeBack,
  z.strictObject({ otherwise: TakeBack, sources: z.record(z.string(), TakeBack) }),
]);
export type TakeBacks = z.infer<typeof TakeBacks>;

const Months = z.int().positive().max(1200);

/** When points lapse. Absent: never, unless the event says so. */
export const Expiry = z.discriminatedUnion('after', [
  /** So many months after they were earned; with `end`, at the end of that month or year. */
  z.strictObject({
    after: z.literal('earning'),
    months: Months,
    end: z.enum(['month', 'year']).optional(),
  }),
  /** All of them, when nothing was earned or spent for so many months. */
  z.strictObject({ after: z.literal('inactivity'), months: Months }),
]);
export type Expiry = z.infer<typeof Expiry>;
