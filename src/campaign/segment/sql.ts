import type { Programme } from '../../brand/brand.ts';
import { localAt } from '../../core/calendar.ts';
import { type Distribution, percentileOf } from '../../ledger/figures/percentiles.ts';

/**
 * What conditions look at in a stored row (`d`, a `profiles.document`) at an instant, as SQL. Rows of whom time alone has changed
 * something since they were stored are left to `profileAt`: an expression is null then.
 */
export type Sql = {
  /** A parameter's place. */
  readonly param: (value: unknown, type: string) => string;
  /** The instant, in epoch milliseconds. */
  readonly at: string;
  /** The tier's id; null where the row doesn't tell. */
  readonly tier: string;
  /** Right unless `pointsUnsure`. */
  readonly activePoints: string;
  /** Whether points became active or lapsed since the row was stored, or may have. */
  readonly pointsUnsure: string;
  /** Null where nobody counted. */
  readonly spend: string;
  readonly spendPercentile: string;
  /** Points that lapse by an instant, in epoch milliseconds; right unless `pointsUnsure` or `expiryUnsure`. */
  readonly expiringBy: (until: string) => string;
  /** Whether a profile lists less, or earlier dates. */
  readonly expiryUnsure: string;
};

export type SqlParts = {
  readonly now: Date;
  readonly programme: Programme;
  readonly timeZone: string;
  readonly distribution: Distribution | null;
};

const lots = `jsonb_array_elements(d -> 'points' -> 'lots')`;

/** The words of conditions, and the parameters they bring: those after `values` as they are. */
export function sqlOf(values: unknown[], parts: SqlParts): Sql {
  const { now, programme, timeZone, distribution } = parts;
  const param = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const at = param(now.getTime(), 'bigint');
  // Only what is asked for brings its parameters.
  return {
    param,
    at,
    get tier() {
      return tierSql(param, at, programme);
    },
    activePoints: `((d -> 'points' ->> 'active')::bigint - (d -> 'points' ->> 'debt')::bigint
      + coalesce((select sum((l ->> 0)::bigint) from ${lots} as l where (l ->> 1)::bigint = 0), 0))`,
    pointsUnsure: `(d -> 'points' ? 'unlisted'
      or coalesce((d -> 'points' ->> 'idleAt')::bigint <= ${at}, false)
      or exists (select from ${lots} as l
        where (l ->> 1)::bigint > 0 and (l ->> 1)::bigint <= ${at} or (l ->> 2)::bigint <= ${at})
      or exists (select from jsonb_array_elements(coalesce(d -> 'points' -> 'locks', '[]')) as l
        where (l ->> 1)::bigint <= ${at} or (l ->> 2)::bigint <= ${at}))`,
    get spend() {
      return spendSql(param, now, timeZone);
    },
    get spendPercentile() {
      // Whether they are fit to be told is the same for everybody.
      const told = distribution && percentileOf(0, distribution, now.getTime()) !== null;
      const quantiles = param(told ? distribution.quantiles : null, 'bigint[]');
      return `(case when ${quantiles} is not null and d ? 'spend' then
        5 * (select count(*) from unnest(${quantiles}) as q where q < ${spendSql(param, now, timeZone)}) end)`;
    },
    expiringBy: (until) => `coalesce((
      select sum((l ->> 0)::bigint) from ${lots} as l where (l ->> 1)::bigint = 0 and (l ->> 2)::bigint <= ${until}), 0)`,
    // A profile shows the first six dates.
    expiryUnsure: `(d -> 'points' ? 'idleAt' or jsonb_array_length(d -> 'points' -> 'lots') > 6)`,
  };
}

function spendSql(param: Sql['param'], now: Date, timeZone: string): string {
  const { year, month } = localAt(now.getTime(), timeZone);
  const thisMonth = param((year - 2000) * 12 + month - 1, 'int');
  return `(case when d ? 'spend' then coalesce((
    select sum(paid::bigint) from jsonb_array_elements_text(d -> 'spend' -> 1) with ordinality as m (paid, n)
     where (d -> 'spend' ->> 0)::int - n + 1 between ${thisMonth} - 11 and ${thisMonth}), 0) end)`;
}

function tierSql(
  param: Sql['param'],
  at: string,
  { tiers, tierPeriod, tierKeep }: Programme,
): string {
  const ids = param(
    tiers.map(({ id }) => id),
    'text[]',
  );
  const thresholds = param(
    tiers.map(({ threshold, needs }) => (needs ? null : threshold)),
    'bigint[]',
  );
  // Points of all time decide by the programme as it is now; anything else was decided when it was counted.
  const simple = tierPeriod.kind === 'lifetime' && !tierKeep;
  const byPoints = `(${ids})[greatest(1, (
    select max(n) from unnest(${thresholds}) with ordinality as t (threshold, n)
     where threshold <= greatest(0, (d -> 'points' ->> 'qualifying')::bigint)))]`;
  return `(case
    when (d -> 'tier' ->> 'unlisted')::bigint <= ${at} then null
    when d -> 'tier' -> 'given' ->> 'tierId' = any(${ids})
      and coalesce((d -> 'tier' -> 'given' ->> 'expiresAt')::bigint > ${at}, true)
      then d -> 'tier' -> 'given' ->> 'tierId'
    when exists (select from jsonb_array_elements(coalesce(d -> 'tier' -> 'later', '[]')) as l where (l ->> 0)::bigint <= ${at})
      then null
    when d -> 'tier' ? 'counts' then
      case when d -> 'tier' -> 'reached' ->> 'tierId' = any(${ids}) then d -> 'tier' -> 'reached' ->> 'tierId' end
    when ${simple} or not d -> 'tier' -> 'reached' ->> 'tierId' = any(${ids}) then ${byPoints}
    else d -> 'tier' -> 'reached' ->> 'tierId' end)`;
}
