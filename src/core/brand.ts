import { z } from 'zod';

const Colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as #1e3932');

/** Design tokens of one scheme. Text on its ground must keep a contrast of 4.5 : 1. */
const Colours = z.strictObject({
  page: Colour,
  surface: Colour,
  raised: Colour,
  text: Colour,
  muted: Colour,
  line: Colour,
  accent: Colour,
  onAccent: Colour,
  highlight: Colour,
  onHighlight: Colour,
});

/** Who speaks, and how it looks: `templates/brands/<id>/brand.json`. Words are in its `locales/`. */
export const BrandIdentity = z.strictObject({
  $schema: z.string().optional(),
  id: z.string(),
  name: z.string(),
  defaultLocale: z.string(),
  timeZone: z.string(),
  currency: z.string(),
  from: z.strictObject({ name: z.string(), address: z.email() }),
  replyTo: z.email().optional(),
  siteUrl: z.url(),
  /** Where the brand's pictures are served from. */
  logoUrl: z.url().optional(),
  font: z.string(),
  headingFont: z.string(),
  /** Corner radius in CSS pixels. */
  radius: z.int(),
  colours: z.strictObject({ light: Colours, dark: Colours }),
  legal: z.strictObject({ company: z.string(), address: z.string() }),
});
export type BrandIdentity = z.infer<typeof BrandIdentity>;

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A right of a tier on a purchase: "Gold: one free checked bag". Its words are the locale key `entitlements.<id>`. */
const Entitlement = z.strictObject({
  id: z.string(),
  /** The benefit type; hidden where the purchase already `includes` it. */
  type: z.string(),
  tiers: z.array(z.string()).min(1),
  appliesTo: z.enum(['order', 'booking']),
  /** Order attributes that must match one of these values. */
  when: z.record(z.string(), z.array(Scalar)).default({}),
});

/** The loyalty programme as data: `templates/brands/<id>/programme.json`. */
export const Programme = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  version: z.string(),
  currency: z.string(),
  /** `points` points are worth `amount` minor units of the currency. */
  burn: z.strictObject({
    points: z.int().positive(),
    amount: z.int().positive(),
    /** Fewer points than this can't be redeemed. */
    minimum: z.int().nonnegative(),
  }),
  /** Points earned per major unit of currency spent, as an exact fraction. */
  earn: z.strictObject({ points: z.int().positive(), perAmount: z.int().positive() }),
  /** Days a thing can be returned: as long, no discount is offered on it. */
  returnWindowDays: z.int().positive(),
  /** By rank, lowest first; `threshold` in qualifying points. */
  tiers: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        threshold: z.int().nonnegative(),
        benefits: z.array(
          z.strictObject({ benefitId: z.string(), name: z.string(), type: z.string() }),
        ),
      }),
    )
    .min(1),
  entitlements: z.array(Entitlement),
  /** A year with fewer purchases gets the small review. */
  reviewMinimumPurchases: z.int().positive(),
  /** At most so many offers in one mail. */
  maxOffers: z.int().positive().default(3),
});
export type Programme = z.infer<typeof Programme>;

/** A brand as rules, blocks and templates see it. */
export type Brand = BrandIdentity & {
  readonly programme: Programme;
  readonly locales: readonly string[];
};
