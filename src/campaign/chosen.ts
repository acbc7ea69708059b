import type { Db } from '../postgres/pool.ts';
import type { Campaign } from './campaigns.ts';
import type { Data } from './parameters.ts';

/** A person of an audience: the member all their accounts are, and what was said of them when they were chosen. */
export type Chosen = {
  readonly memberId: string;
  /** The accounts that are this member, their own among them. */
  readonly accounts: readonly string[];
  readonly data: Data | null;
};

/** The members of an audience after the campaign's cursor up to a place in it; accounts of one person once, as chosen first. */
export async function findChosen(db: Db, campaign: Campaign, upTo: number): Promise<Chosen[]> {
  if (upTo <= campaign.cursor) return [];
  const { rows } = await db.query<Chosen>({
    name: 'campaign-chosen',
    text: `
      with people as (
        select distinct on (1) coalesce(p.merged_into, a.member_id) as member_id, a.data, a.position
          from campaign_audience a
          left join laurel.profiles p on p.tenant = $4 and p.member_id = a.member_id
         where a.campaign_id = $1 and a.position > $2 and a.position <= $3
         order by 1, a.position)
      ${asChosen}`,
    values: [campaign.id, campaign.cursor, upTo, campaign.tenant],
  });
  return rows;
}

/** The same of members that are in no audience yet. */
export async function chosenOf(
  db: Db,
  tenant: string,
  members: readonly { readonly memberId: string; readonly data?: Data | null }[],
): Promise<Chosen[]> {
  const { rows } = await db.query<Chosen>(
    `with people as (
       select distinct on (1) coalesce(p.merged_into, a.member_id) as member_id, a.data, a.position
         from unnest($1::text[], $2::jsonb[], $3::int[]) as a (member_id, data, position)
         left join laurel.profiles p on p.tenant = $4 and p.member_id = a.member_id
        order by 1, a.position)
     ${asChosen}`,
    [
      members.map(({ memberId }) => memberId),
      members.map(({ data }) => (data ? JSON.stringify(data) : null)),
      members.map((_, index) => index),
      tenant,
    ],
  );
  return rows;
}

/** Of people, in the tenant `$4`: with all their accounts, as chosen first. */
const asChosen = `
      select member_id as "memberId", data,
        array(select member_id union all
          select o.member_id from laurel.profiles o where o.tenant = $4 and o.merged_into = people.member_id) as accounts
      from people order by position`;
