import { filedSince } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import { accountsOf, redeemed } from '../stats/after.ts';
import { type Figures, figuresOf } from '../stats/figures.ts';
import { readStats } from '../stats/read.ts';
import {
  type Arm,
  type ArmDifferences,
  armFrom,
  differencesOf,
  type Measured,
  type Sums,
} from './arms.ts';
import type { Campaign } from './campaigns.ts';
import { type Alternatives, compareAlternatives } from './compare-alternatives.ts';

export type Report = {
  readonly days: number;
  readonly currency: string;
  /** What became of its mails. */
  readonly mails: Figures;
  /** Everybody the campaign meant to write to, whether or not a rule kept the mail back: chance alone parts them from the holdout. */
  readonly treated: Arm;
  /** Kept out of this campaign or of all. */
  readonly holdout: Arm;
  readonly difference: ArmDifferences;
  /** Its two mails against each other; null where all get the same. */
  readonly alternatives: Alternatives | null;
};

type Row = {
  readonly arm: 'treated' | 'holdout';
  /** Null: of both mails. */
  readonly mail: 'a' | 'b' | null;
  readonly members: number;
} & Record<Measured | `${Measured}Variance`, number>;

const sumsOf = (row: Row | undefined): Sums => ({
  members: row?.members ?? 0,
  of: (what) => ({
    count: row?.members ?? 0,
    mean: row?.[what] ?? 0,
    variance: row?.[`${what}Variance`] ?? 0,
  }),
});

/**
 * Holds what members bought within `days` after their message was made against those who were kept out. Orders in another
 * currency are counted and not summed.
 */
export async function reportCampaign(
  db: Db,
  campaign: Pick<
    Campaign,
    'id' | 'tenant' | 'createdAt' | 'template' | 'pinnedVersion' | 'alternative'
  >,
  { days, currency }: { readonly days: number; readonly currency: string },
): Promise<Report> {
  const { id, tenant, createdAt, alternative } = campaign;
  const { rows } = await db.query<Row>(
    `with chosen as (
       select member_id, accepted_at as since,
         case when reason in ('holdout', 'control-group') then 'holdout' else 'treated' end as arm,
         case when template = $5 and pinned_version is not distinct from $6 then 'b' else 'a' end as mail
         from messages m where campaign_id = $1 and ${filedSince('$1')} and member_id is not null
          and not (state = 'suppressed' and reason is not distinct from 'excluded')
          and (reason is distinct from 'accounts-merged')),
     bought as (
       select c.arm, c.mail, c.member_id, count(p.order_id) as purchases,
         coalesce(sum(p.total - p.refunded) filter (where p.currency = $4), 0) as spend,
         bool_or(${redeemed('$2', 'c.since', 'c.since + make_interval(days => $3)')}) as redeemed
         from chosen c
         left join lateral ${accountsOf('$2', 'c.member_id')} on true
         left join laurel.purchases p on p.tenant = $2 and p.member_id = a.account and p.state = 'placed'
          and p.placed_at >= c.since and p.placed_at < c.since + make_interval(days => $3)
        group by 1, 2, 3)
     select arm, mail, count(*)::int as members,
       avg((purchases > 0)::int)::float8 as buyers, coalesce(var_samp((purchases > 0)::int), 0)::float8 as "buyersVariance",
       avg(purchases)::float8 as purchases, coalesce(var_samp(purchases), 0)::float8 as "purchasesVariance",
       avg(spend)::float8 as spend, coalesce(var_samp(spend), 0)::float8 as "spendVariance",
       avg(redeemed::int)::float8 as redeemers, coalesce(var_samp(redeemed::int), 0)::float8 as "redeemersVariance"
     from bought group by grouping sets ((arm), (arm, mail))`,
    [id, tenant, days, currency, alternative?.template ?? null, alternative?.pinnedVersion ?? null],
  );
  const armOf = (arm: Row['arm'], mail: Row['mail']) =>
    sumsOf(rows.find((row) => row.arm === arm && row.mail === mail));
  const [treated, holdout] = [armOf('treated', null), armOf('holdout', null)];
  const stats = await readStats(db, tenant, { by: 'campaign', since: createdAt, name: id });
  return {
    days,
    currency,
    mails: stats.lines[0]?.figures ?? figuresOf([]),
    treated: armFrom(treated),
    holdout: armFrom(holdout),
    difference: differencesOf(treated, holdout),
    alternatives:
      alternative &&
      (await compareAlternatives(
        db,
        { ...campaign, alternative },
        armOf('treated', 'a'),
        armOf('treated', 'b'),
      )),
  };
}
