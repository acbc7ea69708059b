import { filedSince } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import type { Alternative } from './alternative.ts';
import { type Arm, type ArmDifferences, armFrom, differencesOf, type Sums } from './arms.ts';
import type { Campaign } from './campaigns.ts';
import { type Difference, difference, shareSample } from './difference.ts';

const told = ['delivered', 'clicked', 'unsubscribed', 'complained', 'hardBounced'] as const;
type Told = (typeof told)[number];

/** One of the two mails: to how many it went, what was told of those, and what its members did after. */
export type Side = Arm & {
  readonly template: string;
  readonly pinnedVersion: string | null;
  readonly sent: number;
} & Readonly<Record<Told, number>>;

export type Alternatives = {
  readonly a: Side;
  readonly b: Side;
  /** B less A; of what was told, as a share of the mails sent. */
  readonly difference: Readonly<Record<Told, Difference>> & ArmDifferences;
};

type Counts = { readonly mail: 'a' | 'b'; readonly sent: number } & Record<Told, number>;

/** Holds the two mails of a campaign against each other. Who got which was drawn by chance, so that nothing else parts them. */
export async function compareAlternatives(
  db: Db,
  {
    id,
    template,
    pinnedVersion,
    alternative,
  }: Pick<Campaign, 'id' | 'template' | 'pinnedVersion'> & { readonly alternative: Alternative },
  first: Sums,
  second: Sums,
): Promise<Alternatives> {
  const { rows } = await db.query<Counts>(
    `with mails as (
       select case when m.template = $2 and m.pinned_version is not distinct from $3 then 'b' else 'a' end as mail,
         m.state, f.kinds
       from messages m
       left join lateral (
         select array_agg(distinct kind) as kinds from delivery_feedback f where f.message_id = m.id) f on true
       where m.campaign_id = $1 and ${filedSince('$1')})
     select mail, count(*) filter (where state = 'sent')::int as sent,
       count(*) filter (where 'delivered' = any(kinds))::int as delivered,
       count(*) filter (where 'clicked' = any(kinds))::int as clicked,
       count(*) filter (where 'unsubscribed' = any(kinds))::int as unsubscribed,
       count(*) filter (where 'complaint' = any(kinds))::int as complained,
       count(*) filter (where 'hard-bounce' = any(kinds))::int as "hardBounced"
     from mails group by 1`,
    [id, alternative.template, alternative.pinnedVersion],
  );
  const sideOf = (
    mail: 'a' | 'b',
    of: Pick<Side, 'template' | 'pinnedVersion'>,
    sums: Sums,
  ): Side => {
    const found = rows.find((row) => row.mail === mail);
    return {
      template: of.template,
      pinnedVersion: of.pinnedVersion,
      sent: found?.sent ?? 0,
      delivered: found?.delivered ?? 0,
      clicked: found?.clicked ?? 0,
      unsubscribed: found?.unsubscribed ?? 0,
      complained: found?.complained ?? 0,
      hardBounced: found?.hardBounced ?? 0,
      ...armFrom(sums),
    };
  };
  const [a, b] = [
    sideOf('a', { template, pinnedVersion }, first),
    sideOf('b', alternative, second),
  ];
  const more = (what: Told) =>
    difference(shareSample(b[what], b.sent), shareSample(a[what], a.sent));
  return {
    a,
    b,
    difference: {
      delivered: more('delivered'),
      clicked: more('clicked'),
      unsubscribed: more('unsubscribed'),
      complained: more('complained'),
      hardBounced: more('hardBounced'),
      ...differencesOf(second, first),
    },
  };
}
