import { z } from 'zod';

/** Tiers and what levels unlock, as data: a part of `programme.json`, explained in docs/programmes.md. */

/** A name by locale, beside the one of the brand's default: `{"de": "Gold"}`. */
export const Names = z.record(z.string(), z.string()).default({});

/**
 * What tiers can ask for: qualifying points, purchases that were kept, what was paid for them in minor units, and
 * engagements that counted.
 */
const Measure = z.enum(['qualifyingPoints', 'purchases', 'spend', 'engagement']);
export type Measure = z.infer<typeof Measure>;

const Condition = z.strictObject({ attribute: Measure, goal: z.int().positive() });
export type Condition = z.infer<typeof Condition>;

const Benefit = z.strictObject({
  benefitId: z.string(),
  name: z.string(),
  names: Names,
  type: z.string(),
});

export const TierRule = z.strictObject({
  id: z.string(),
  name: z.string(),
  names: Names,
  /** Qualifying points it takes. */
  threshold: z.int().nonnegative().default(0),
  /** Further conditions: `all` of them besides the threshold, or `any` of them instead of it. */
  needs: z
    .union([
      z.strictObject({ all: z.array(Condition).min(1) }),
      z.strictObject({ any: z.array(Condition).min(1) }),
    ])
    .optional(),
  benefits: z.array(Benefit),
});
export type TierRule = z.infer<typeof TierRule>;

/** Over which time tiers count, in the brand's time zone. */
export const TierPeriod = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lifetime') }),
  z.strictObject({ kind: z.literal('rolling'), months: z.int().positive().max(120) }),
  z.strictObject({ kind: z.literal('calendarYear') }),
]);
export type TierPeriod = z.infer<typeof TierPeriod>;

/** How long a tier stays after what last reached it: so many months, or to the end of that year or the next. */
export const TierKeep = z.union([
  z.strictObject({ months: z.int().positive().max(120) }),
  z.strictObject({ until: z.enum(['endOfYear', 'endOfNextYear']) }),
]);
export type TierKeep = z.infer<typeof TierKeep>;

/** Unlocked once by a level: a free product, a gift, a shipping rate. */
export const Reward = z.strictObject({
  rewardId: z.string(),
  name: z.string(),
  names: Names,
  /** Such as `free-product`, `gift`, `shipping-rate`. */
  kind: z.string(),
  /** The product it gives, where it is one. */
  productId: z.string().optional(),
  /** Points earned over the whole membership, or qualifying points. */
  at: z.union([
    z.strictObject({ lifetimePoints: z.int().positive() }),
    z.strictObject({ qualifyingPoints: z.int().positive() }),
  ]),
});
export type Reward = z.infer<typeof Reward>;

/** What a customer reads: the name in her language, or in its first part (`de` for `de-AT`), else the plain one. */
export function nameIn({ name, names }: Named, locale: string): string {
  const own = [locale, locale.split('-')[0] ?? locale].find(
    (one) => names !== undefined && Object.hasOwn(names, one),
  );
  return (own === undefined ? undefined : names?.[own]) ?? name;
}

type Named = { readonly name: string; readonly names?: Readonly<Record<string, string>> };

/** A tier of a profile, named in the language of a mail rather than hers; as it came where the programme hasn't got it. */
export function tierNameIn(
  { tiers }: { readonly tiers: readonly (Named & { readonly id: string })[] },
  locale: string,
  { id, name }: { readonly id: string; readonly name: string },
): string {
  const tier = tiers.find((one) => one.id === id);
  return tier ? nameIn(tier, locale) : name;
}

/** The same of a benefit. */
export function benefitNameIn(
  { tiers }: { readonly tiers: readonly Pick<TierRule, 'benefits'>[] },
  locale: string,
  { benefitId, name }: { readonly benefitId: string; readonly name: string },
): string {
  const benefit = tiers
    .flatMap(({ benefits }) => benefits)
    .find((one) => one.benefitId === benefitId);
  return benefit ? nameIn(benefit, locale) : name;
}

/** Tier, benefit and reward as a profile shows them to her. */
export const shownTier = (tier: TierRule, place: number, locale: string) => ({
  id: tier.id,
  name: nameIn(tier, locale),
  rank: place + 1,
});
export const shownBenefit = (benefit: z.infer<typeof Benefit>, locale: string) => ({
  benefitId: benefit.benefitId,
  name: nameIn(benefit, locale),
  type: benefit.type,
});
/** A tier's conditions, its threshold among them. */
export function conditionsOf({ threshold, needs }: TierRule): {
  readonly mode: 'all' | 'any';
  readonly conditions: readonly Condition[];
} {
  if (needs && 'any' in needs) return { mode: 'any', conditions: needs.any };
  const byPoints: Condition[] =
    threshold > 0 ? [{ attribute: 'qualifyingPoints', goal: threshold }] : [];
  return { mode: 'all', conditions: [...byPoints, ...(needs?.all ?? [])] };
}
