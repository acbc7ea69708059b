import type { Db } from '../postgres/pool.ts';
import { accountsOf, redeemed } from '../stats/after.ts';
import { type Figures, figuresOf } from '../stats/figures.ts';
import { readStats } from '../stats/read.ts';
import type { Campaign } from './campaigns.ts';

/** What a group of a campaign's audience bought within the days after they were chosen. */
export type Arm = {
  readonly members: number;
  /** Share of them who bought something and kept it. */
  readonly buyers: number;
  readonly purchasesPerMember: number;
  /** Minor units. */
  readonly spendPerMember: number;
  /** Share of them who spent points or used a coupon. */
  readonly redeemers: number;
};

/** A difference between the arms, with the bounds within which it lies with 95 % confidence; null where an arm is too small. */
export type Difference = {
  readonly value: number;
  readonly from: number;
  readonly to: number;
} | null;

export type Report = {
  readonly days: number;
  readonly currency: string;
  /** What became of its mails. */
  readonly mails: Figures;
  /** Everybody the campaign meant to write to, whether or not a rule kept the mail back: chance alone parts them from the holdout. */
  readonly treated: Arm;
  /** Kept out of this campaign or of all. */
  readonly holdout: Arm;
  readonly difference: {
    readonly buyers: Difference;
    readonly purchasesPerMember: Difference;
    readonly spendPerMember: Difference;
    readonly redeemers: Difference;
  };
};

type Sums = {
  readonly arm: 'treated' | 'holdout';
  readonly members: number;
  readonly buyers: number;
  readonly buyersVariance: number;
  readonly purchases: number;
  readonly purchasesVariance: number;
  readonly spend: number;
  readonly spendVariance: number;
  readonly redeemers: number;
  readonly redeemersVariance: number;
};

/**
 * Holds what members bought within `days` after their message was made against those who were kept out. Orders in another
 * currency are counted and not summed.
 */
export async function reportCampaign(
  db: Db,
  { id, tenant, createdAt }: Pick<Campaign, 'id' | 'tenant' | 'createdAt'>,
  { days, currency }: { readonly days: number; readonly currency: string },
): Promise<Report> {
  const { rows } = await db.query<Sums>(
    `with chosen as (
       select member_id, accepted_at as since,
         case when reason in ('holdout', 'control-group') then 'holdout' else 'treated' end as arm
         from messages where campaign_id = $1 and member_id is not null
          and not (state = 'suppressed' and reason is not distinct from 'excluded')
          and (reason is distinct from 'accounts-merged')),
     bought as (
       select c.arm, c.member_id, count(p.order_id) as purchases,
         coalesce(sum(p.total - p.refunded) filter (where p.currency = $4), 0) as spend,
         bool_or(${redeemed('$2', 'c.since', 'c.since + make_interval(days => $3)')}) as redeemed
         from chosen c
         left join lateral ${accountsOf('$2', 'c.member_id')} on true
         left join laurel.purchases p on p.tenant = $2 and p.member_id = a.account and p.state = 'placed'
          and p.placed_at >= c.since and p.placed_at < c.since + make_interval(days => $3)
        group by 1, 2)
     select arm, count(*)::int as members,
       avg((purchases > 0)::int)::float8 as buyers, coalesce(var_samp((purchases > 0)::int), 0)::float8 as "buyersVariance",
       avg(purchases)::float8 as purchases, coalesce(var_samp(purchases), 0)::float8 as "purchasesVariance",
       avg(spend)::float8 as spend, coalesce(var_samp(spend), 0)::float8 as "spendVariance",
       avg(redeemed::int)::float8 as redeemers, coalesce(var_samp(redeemed::int), 0)::float8 as "redeemersVariance"
     from bought group by arm`,
    [id, tenant, days, currency],
  );
  const treated = rows.find(({ arm }) => arm === 'treated');
  const holdout = rows.find(({ arm }) => arm === 'holdout');
  const stats = await readStats(db, tenant, { by: 'campaign', since: createdAt, name: id });
  return {
    days,
    currency,
    mails: stats.lines[0]?.figures ?? figuresOf([]),
    treated: armOf(treated),
    holdout: armOf(holdout),
    difference: {
      buyers: difference(treated, holdout, 'buyers'),
      purchasesPerMember: difference(treated, holdout, 'purchases'),
      spendPerMember: difference(treated, holdout, 'spend'),
      redeemers: difference(treated, holdout, 'redeemers'),
    },
  };
}

const armOf = (sums: Sums | undefined): Arm => ({
  members: sums?.members ?? 0,
  buyers: sums?.buyers ?? 0,
  purchasesPerMember: sums?.purchases ?? 0,
  spendPerMember: sums?.spend ?? 0,
  redeemers: sums?.redeemers ?? 0,
});

/** Fewer in an arm say nothing: the normal curve doesn't fit them. */
const fewest = 30;
/** Of the normal curve, 95 %. */
const z95 = 1.959964;

/** The difference of two means with its confidence interval, the variances being what they are in each (Welch). */
function difference(
  treated: Sums | undefined,
  holdout: Sums | undefined,
  of: 'buyers' | 'purchases' | 'spend' | 'redeemers',
): Difference {
  if (!treated || !holdout || Math.min(treated.members, holdout.members) < fewest) return null;
  const value = treated[of] - holdout[of];
  const variance = (sums: Sums) => sums[`${of}Variance`] / sums.members;
  const margin = z95 * Math.sqrt(variance(treated) + variance(holdout));
  return { value, from: value - margin, to: value + margin };
}
