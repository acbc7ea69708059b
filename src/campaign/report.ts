import type { Db } from '../postgres/pool.ts';
import type { Campaign } from './campaigns.ts';

/** What a group of a campaign's audience bought within the days after they were chosen. */
export type Arm = {
  readonly members: number;
  /** Share of them who bought something and kept it. */
  readonly buyers: number;
  readonly purchasesPerMember: number;
  /** Minor units. */
  readonly spendPerMember: number;
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
  /** What providers told of its mails, each mail once of a kind. */
  readonly feedback: Readonly<Record<string, number>>;
  /** Everybody the campaign meant to write to, whether or not a rule kept the mail back: chance alone parts them from the holdout. */
  readonly treated: Arm;
  /** Kept out of this campaign or of all. */
  readonly holdout: Arm;
  readonly difference: {
    readonly buyers: Difference;
    readonly purchasesPerMember: Difference;
    readonly spendPerMember: Difference;
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
};

/**
 * Holds what members bought within `days` after their message was made against those who were kept out. Orders in another
 * currency are counted and not summed.
 */
export async function reportCampaign(
  db: Db,
  { id, tenant }: Pick<Campaign, 'id' | 'tenant'>,
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
         coalesce(sum(p.total - p.refunded) filter (where p.currency = $4), 0) as spend
         from chosen c
         left join lateral (
           select c.member_id as account union all
           select o.member_id from laurel.profiles o where o.tenant = $2 and o.merged_into = c.member_id) a on true
         left join laurel.purchases p on p.tenant = $2 and p.member_id = a.account and p.state = 'placed'
          and p.placed_at >= c.since and p.placed_at < c.since + make_interval(days => $3)
        group by 1, 2)
     select arm, count(*)::int as members,
       avg((purchases > 0)::int)::float8 as buyers, coalesce(var_samp((purchases > 0)::int), 0)::float8 as "buyersVariance",
       avg(purchases)::float8 as purchases, coalesce(var_samp(purchases), 0)::float8 as "purchasesVariance",
       avg(spend)::float8 as spend, coalesce(var_samp(spend), 0)::float8 as "spendVariance"
     from bought group by arm`,
    [id, tenant, days, currency],
  );
  const treated = rows.find(({ arm }) => arm === 'treated');
  const holdout = rows.find(({ arm }) => arm === 'holdout');
  const feedback = await db.query<{ kind: string; count: number }>(
    `select f.kind, count(distinct f.message_id)::int as count from delivery_feedback f
       join messages m on m.id = f.message_id where m.campaign_id = $1 group by 1`,
    [id],
  );
  return {
    days,
    currency,
    feedback: Object.fromEntries(feedback.rows.map(({ kind, count }) => [kind, count])),
    treated: armOf(treated),
    holdout: armOf(holdout),
    difference: {
      buyers: difference(treated, holdout, 'buyers'),
      purchasesPerMember: difference(treated, holdout, 'purchases'),
      spendPerMember: difference(treated, holdout, 'spend'),
    },
  };
}

const armOf = (sums: Sums | undefined): Arm => ({
  members: sums?.members ?? 0,
  buyers: sums?.buyers ?? 0,
  purchasesPerMember: sums?.purchases ?? 0,
  spendPerMember: sums?.spend ?? 0,
});

/** Fewer in an arm say nothing: the normal curve doesn't fit them. */
const fewest = 30;
/** Of the normal curve, 95 %. */
const z95 = 1.959964;

/** The difference of two means with its confidence interval, the variances being what they are in each (Welch). */
function difference(
  treated: Sums | undefined,
  holdout: Sums | undefined,
  of: 'buyers' | 'purchases' | 'spend',
): Difference {
  if (!treated || !holdout || Math.min(treated.members, holdout.members) < fewest) return null;
  const value = treated[of] - holdout[of];
  const variance = (sums: Sums) => sums[`${of}Variance`] / sums.members;
  const margin = z95 * Math.sqrt(variance(treated) + variance(holdout));
  return { value, from: value - margin, to: value + margin };
}
