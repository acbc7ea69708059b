import { z } from 'zod';

import { Instant } from '../core/instant.ts';
import { webAddress } from '../core/web-address.ts';

/** Text by locale, e.g. `{ "en": "…", "de": "…" }`. */
const Localised = z.record(z.string(), z.string());

export const Product = z.strictObject({
  productId: z.string(),
  name: Localised,
  category: z.string(),
  /** What is in it or what it is like: `egg`, `meat`, `waterproof`. */
  attributes: z.array(z.string()).default([]),
  /** Products that serve the same purpose share a group: a discount on one is a discount on the other. */
  equivalenceGroup: z.string().optional(),
  /** Days it can be returned; the programme's when left out, 0 for what is eaten or drunk. */
  returnWindowDays: z.int().nonnegative().optional(),
  imageUrl: webAddress('http', 'https').optional(),
});
export type Product = z.infer<typeof Product>;

export const Offer = z.strictObject({
  offerId: z.string(),
  brand: z.string(),
  kind: z.enum(['discount', 'bonus-points', 'free-product', 'early-access']),
  title: Localised,
  body: Localised,
  /** What it is for; a member must know the thing unless `introduces` is set. */
  productIds: z.array(z.string()).default([]),
  categories: z.array(z.string()).default([]),
  /** True: meant for those who never bought it. The marketer says so, offer by offer. */
  introduces: z.boolean().default(false),
  /** What it goes with: a thing she owns, a category she looks around in, her birthday. Accessories she never bought also say `introduces`. */
  requires: z
    .strictObject({
      /** Bought and kept: one of these products, or something of these categories. */
      owns: z
        .strictObject({
          productIds: z.array(z.string()).default([]),
          categories: z.array(z.string()).default([]),
        })
        .optional(),
      /** A category, known from signals she consented to. */
      interest: z.string().optional(),
      /** Which kind of signal may tell; either when left out. */
      signal: z.enum(['location', 'browsing']).optional(),
      /** So many days before and after the day a member is greeted on; on that day alone when left out. */
      birthday: z
        .strictObject({
          daysBefore: z.int().min(0).max(90).default(0),
          daysAfter: z.int().min(0).max(90).default(0),
        })
        .optional(),
    })
    .optional(),
  /** Where it can be used: `online`, `app`, `store`, … Empty: everywhere. */
  channels: z.array(z.string()).default([]),
  /** Tier ids; empty: everyone. */
  tiers: z.array(z.string()).default([]),
  startsAt: Instant,
  endsAt: Instant,
  /** Redemptions in all, and so far. */
  usageLimit: z.int().positive().optional(),
  usedCount: z.int().nonnegative().default(0),
  /** How often one member may redeem it. */
  perMember: z.int().positive().default(1),
  /** The bonus this offer advertises, when it does. */
  bonusId: z.string().optional(),
  /** Order among equals; larger first. */
  priority: z.int().default(0),
  code: z.string().optional(),
  /** Each member gets a code of their own out of the offer's pool (`laurel coupons`), instead of `code`. */
  couponPool: z.literal(true).optional(),
  url: webAddress('http', 'https'),
  imageUrl: webAddress('http', 'https').optional(),
});
export type Offer = z.infer<typeof Offer>;

/** Offers and products of one brand at one version; immutable while a mail is prepared. */
export type Catalogue = {
  readonly version: string;
  readonly products: ReadonlyMap<string, Product>;
  readonly offers: readonly Offer[];
};
