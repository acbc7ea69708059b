import { codeOf } from '../core/code-of.ts';
import { PermanentError } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { retry } from '../postgres/retry.ts';
import type { Data } from './parameters.ts';

/**
 * Adds members to an audience that is still loading; one already in it is left out. Returns how many were new.
 * @param data by place: fields of each one's own mail; null or nothing where there are none
 * @throws PermanentError `wrong-state` when the campaign has begun meanwhile: nobody of these was added.
 */
export const addAudience = (
  db: Db,
  campaignId: string,
  memberIds: readonly string[],
  data: readonly (Data | null)[] = [],
): Promise<number> =>
  retry(
    () => addMembers(db, campaignId, memberIds, { data, state: 'loading' }),
    // The same members are being added by somebody else: the next look finds them.
    (error) => codeOf(error) === '23505',
    5,
  );

/** The same for a campaign in the state given, once: the members of a segment come when it runs. */
export async function addMembers(
  db: Db,
  campaignId: string,
  memberIds: readonly string[],
  {
    data = [],
    state,
  }: { readonly data?: readonly (Data | null)[]; readonly state: 'loading' | 'running' },
): Promise<number> {
  const { rows } = await db.query<{ added: number }>({
    name: 'add-audience',
    text: `
      with campaign as (
        select id, audience_size from campaigns where id = $1 and state = $4 for update
      ), fresh as (
        select distinct on (member_id) member_id, data, ordinal
        from unnest($2::text[], $3::jsonb[]) with ordinality as t(member_id, data, ordinal)
        where not exists (select from campaign_audience a where a.campaign_id = $1 and a.member_id = t.member_id)
        order by member_id, ordinal
      ), added as (
        insert into campaign_audience (campaign_id, position, member_id, data)
        select campaign.id, campaign.audience_size + row_number() over (order by ordinal), member_id, data
        from fresh, campaign returning 1
      )
      update campaigns set audience_size = campaigns.audience_size + (select count(*) from added)
      from campaign where campaigns.id = campaign.id
      returning (select count(*) from added)::int as added`,
    values: [
      campaignId,
      memberIds,
      memberIds.map((_, at) => (data[at] ? JSON.stringify(data[at]) : null)),
      state,
    ],
  });
  const [campaign] = rows;
  if (!campaign) throw begun();
  return campaign.added;
}

const begun = () =>
  new PermanentError('wrong-state', 'the campaign takes no audience any more; it has begun');

/**
 * Members a campaign that is still loading is not to write to, whoever chose them. Returns how many were new.
 * @throws PermanentError `wrong-state` when the campaign has begun meanwhile: nobody of these was excluded.
 */
export async function excludeMembers(
  db: Db,
  campaignId: string,
  memberIds: readonly string[],
): Promise<number> {
  const { rows } = await db.query<{ added: number }>({
    name: 'exclude-members',
    text: `
      with campaign as (
        select id from campaigns where id = $1 and state = 'loading' for share
      ), added as (
        insert into campaign_exclusions (campaign_id, member_id)
        select campaign.id, member_id from campaign, (select distinct unnest($2::text[]) as member_id order by 1) as t
        on conflict do nothing returning 1
      )
      select (select count(*) from added)::int as added from campaign`,
    values: [campaignId, memberIds],
  });
  const [campaign] = rows;
  if (!campaign) throw begun();
  return campaign.added;
}
