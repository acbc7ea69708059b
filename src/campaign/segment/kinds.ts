import { z } from 'zod';

import type { Fact } from '../../contract/fact-text.ts';
import { ConsentPurpose, Profile } from '../../contract/profile.ts';
import type { Sql } from './sql.ts';

const dayMs = 86_400_000;

/** One condition with what it asks for: looked at in a profile, or by Postgres in a stored row. Both must agree. */
export type Test = {
  readonly actual: (profile: Profile) => Fact;
  readonly needed: Fact | Bounds;
  readonly holds: (profile: Profile) => boolean;
  /** True or false; null where the row alone doesn't tell, so that its profile has to be looked at. */
  readonly sql: (sql: Sql) => string;
};

/** A kind of condition: what may be asked for, and how it is looked at. */
type Kind = { readonly schema: z.ZodType; readonly test: (asked: unknown) => Test };

const kind = <Schema extends z.ZodType<Fact | Bounds>>(
  schema: Schema,
  test: (asked: z.output<Schema>) => Omit<Test, 'needed'>,
): Kind => ({
  schema,
  test: (asked) => {
    const needed = schema.parse(asked);
    return { needed, ...test(needed) };
  },
});

const Names = z.array(z.string().min(1).max(200)).min(1).max(200);
const bounds = (number: z.ZodNumber) =>
  z
    .strictObject({ atLeast: number.optional(), atMost: number.optional() })
    .refine(
      ({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined,
      'needs atLeast, atMost or both',
    );
const Whole = bounds(z.int());
const Days = bounds(z.int().nonnegative().max(100_000));
export type Bounds = z.infer<typeof Whole>;

const within = (value: number | null | undefined, { atLeast, atMost }: Bounds): boolean =>
  typeof value === 'number' &&
  (atLeast === undefined || value >= atLeast) &&
  (atMost === undefined || value <= atMost);

/** False where there is no value. */
const isWithin = (sql: Sql, value: string, { atLeast, atMost }: Bounds): string => {
  const sides = [
    ...(atLeast === undefined ? [] : [`v >= ${sql.param(atLeast, 'numeric')}`]),
    ...(atMost === undefined ? [] : [`v <= ${sql.param(atMost, 'numeric')}`]),
  ];
  return `(select coalesce(${sides.join(' and ')}, false) from (select ${value} as v) as value)`;
};

/** An amount of the profile between bounds. */
const amount = (of: (profile: Profile) => number | null, value: (sql: Sql) => string) =>
  kind(Whole, (asked) => ({
    actual: of,
    holds: (profile) => within(of(profile), asked),
    sql: (sql) => isWithin(sql, value(sql), asked),
  }));

/** Null where a row doesn't tell. */
const unsure = (sql: string, where: string) => `case when ${where} then null else ${sql} end`;

/** How long ago something was: `atMost` 30 days is in the last thirty. */
const ago = (of: (profile: Profile) => string | undefined, milliseconds: (sql: Sql) => string) => {
  const days = (profile: Profile) => {
    const at = of(profile);
    return at === undefined ? null : (Date.parse(profile.asOf) - Date.parse(at)) / dayMs;
  };
  return kind(Days, (asked) => ({
    actual: (profile) => {
      const value = days(profile);
      return value === null ? null : Math.floor(value);
    },
    holds: (profile) => within(days(profile), asked),
    sql: (sql) => isWithin(sql, `(${sql.at} - ${milliseconds(sql)})::numeric / ${dayMs}`, asked),
  }));
};

/** One of several names. */
const oneOf = (
  of: (profile: Profile) => string | null,
  value: (sql: Sql) => string,
  schema: z.ZodType<string[]> = Names,
) =>
  kind(schema, (asked) => ({
    actual: of,
    holds: (profile) => asked.includes(of(profile) ?? ''),
    sql: (sql) => oneOfSql(sql, value(sql), asked),
  }));

const oneOfSql = (sql: Sql, value: string, names: readonly string[]) =>
  `coalesce(${value} = any(${sql.param(names, 'text[]')}), false)`;

/** How much of something was bought and kept. */
const bought = (field: 'boughtCategories' | 'boughtAttributes' | 'boughtProducts') =>
  kind(
    z.strictObject({ of: z.string().min(1).max(200), atLeast: z.int().positive().default(1) }),
    ({ of, atLeast }) => {
      const units = (profile: Profile) =>
        Object.hasOwn(profile[field], of) ? (profile[field][of]?.count ?? 0) : 0;
      return {
        actual: units,
        holds: (profile) => units(profile) >= atLeast,
        sql: (sql) =>
          `coalesce((d -> '${field}' -> ${sql.param(of, 'text')} ->> 0)::bigint, 0) >= ${sql.param(atLeast, 'bigint')}`,
      };
    },
  );

/** What a segment may ask for; a new one is an entry here. All of it is in the profile a mail is made from. */
export const kinds = {
  tier: kind(Names, (asked) => ({
    actual: ({ currentTier }) => currentTier.id,
    holds: ({ currentTier }) => asked.includes(currentTier.id),
    sql: (sql) => `${sql.tier} = any(${sql.param(asked, 'text[]')})`,
  })),
  status: oneOf(
    ({ memberStatus }) => memberStatus,
    () => `d ->> 'memberStatus'`,
    z.array(Profile.shape.memberStatus).min(1),
  ),
  language: oneOf(
    ({ locale }) => locale.split('-')[0]?.toLowerCase() ?? '',
    () => `lower(split_part(d ->> 'locale', '-', 1))`,
    z.array(z.string().regex(/^[a-z]{2,3}$/, 'must be a language such as de')).min(1),
  ),
  consent: kind(z.array(ConsentPurpose).min(1), (asked) => ({
    actual: ({ consents }) => asked.filter((purpose) => consents[purpose]?.granted === true),
    holds: ({ consents }) => asked.every((purpose) => consents[purpose]?.granted === true),
    sql: (sql) =>
      asked
        .map(
          (purpose) =>
            `coalesce((d -> 'consents' -> ${sql.param(purpose, 'text')} ->> 'granted')::boolean, false)`,
        )
        .join(' and '),
  })),
  activePoints: kind(Whole, (asked) => ({
    actual: ({ activePoints }) => activePoints,
    holds: ({ activePoints }) => within(activePoints, asked),
    sql: (sql) => unsure(isWithin(sql, sql.activePoints, asked), sql.pointsUnsure),
  })),
  earnedPoints: amount(
    ({ earnedPoints }) => earnedPoints,
    () => `(d -> 'points' ->> 'earned')::bigint`,
  ),
  expiringPoints: kind(
    z.strictObject({
      atLeast: z.int().positive().default(1),
      withinDays: z.int().positive().max(3_660),
    }),
    ({ atLeast, withinDays }) => {
      const expiring = ({ expiringPoints, asOf }: Profile) =>
        expiringPoints
          .filter(({ expiresAt }) => Date.parse(expiresAt) <= Date.parse(asOf) + withinDays * dayMs)
          .reduce((sum, { points }) => sum + points, 0);
      return {
        actual: expiring,
        holds: (profile) => expiring(profile) >= atLeast,
        sql: (sql) =>
          unsure(
            `${sql.expiringBy(`${sql.at} + ${sql.param(withinDays * dayMs, 'bigint')}`)} >= ${sql.param(atLeast, 'bigint')}`,
            `${sql.pointsUnsure} or ${sql.expiryUnsure}`,
          ),
      };
    },
  ),
  spendPercentile: amount(
    ({ spendPercentile }) => spendPercentile,
    (sql) => sql.spendPercentile,
  ),
  /** Of the last twelve months, in minor units. */
  spend: amount(
    ({ spend }) => spend?.last12Months.amount ?? null,
    (sql) => sql.spend,
  ),
  daysSincePurchase: ago(
    ({ lastPurchases }) => lastPurchases[0]?.at,
    () => `(d -> 'lastPurchases' -> 0 ->> 3)::bigint`,
  ),
  daysSinceEnrolment: ago(
    ({ enrolledAt }) => enrolledAt,
    () => `(extract(epoch from (d ->> 'enrolledAt')::timestamptz) * 1000)::bigint`,
  ),
  affinity: kind(
    z.strictObject({ category: z.string().min(1).max(200), atLeast: z.number().min(0).max(1) }),
    ({ category, atLeast }) => {
      const affinity = ({ affinities }: Profile) =>
        Object.hasOwn(affinities, category) ? (affinities[category] ?? 0) : 0;
      return {
        actual: affinity,
        holds: (profile) => affinity(profile) >= atLeast,
        sql: (sql) =>
          `coalesce((d -> 'affinities' ->> ${sql.param(category, 'text')})::float8, 0) >= ${sql.param(atLeast, 'float8')}`,
      };
    },
  ),
  boughtCategory: bought('boughtCategories'),
  boughtAttribute: bought('boughtAttributes'),
  boughtProduct: bought('boughtProducts'),
  channel: kind(Names, (asked) => ({
    actual: ({ channels }) => Object.keys(channels),
    holds: ({ channels }) => asked.some((one) => Object.hasOwn(channels, one)),
    sql: (sql) => `coalesce(d -> 'channels' ?| ${sql.param(asked, 'text[]')}, false)`,
  })),
  preferredStore: oneOf(
    ({ preferredStore }) => preferredStore,
    () => `d ->> 'preferredStore'`,
  ),
} as const;
export type KindName = keyof typeof kinds;
