import type { Db } from '../postgres/pool.ts';

/*
 * Nobody counts messages to know how far a campaign is. Each that comes to be, or ends up elsewhere, leaves a row in
 * `campaign_moves` in its own transaction (triggers of the table), which is added up into `campaign_counts` every few seconds.
 * What is asked for is both together.
 */

/** So many messages of a campaign are in this state; for states that have reasons, for this one. */
export type CampaignCount = {
  readonly state: string;
  readonly reason: string | null;
  readonly count: number;
};

/** How far a campaign's messages are: by state, and by reason; the most first. Messages that are removed since stay counted. */
export async function campaignCounts(db: Db, id: string): Promise<CampaignCount[]> {
  const { rows } = await db.query<CampaignCount>({
    name: 'campaign-counts',
    text: `
      with counted as (
        select state, reason, sum(n)::int as n from (
          select state, reason, n from campaign_counts where campaign_id = $1
          union all select state, reason, n from campaign_changes where campaign_id = $1) as all_of_it
        group by 1, 2),
      -- As many as workers have in hand.
      sending as (
        select count(*)::int as in_hand from messages_open
         where finished_at is null and job_at is not null and state = 'sending' and campaign_id = $1)
      select state, nullif(reason, '') as reason, n - case when state = 'queued' then in_hand else 0 end as count from counted, sending
       where n > case when state = 'queued' then in_hand else 0 end
      union all
      select 'sending', null, in_hand from sending where in_hand > 0
      order by 3 desc, 1, 2`,
    values: [id],
  });
  return rows;
}

/** Rows that are added up in one statement. */
const foldedAtOnce = 20_000;

/**
 * Adds up what moved since. Returns whether there may be more.
 * @param db a transaction
 */
export async function foldCampaignMoves(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ moves: number }>({
    name: 'fold-campaign-moves',
    text: `
      with taken as (
        delete from campaign_moves where (select pg_try_advisory_xact_lock(hashtextextended('campaign-moves', 0)))
          and ctid = any(array(select ctid from campaign_moves limit $1)) returning *),
      sums as (
        select campaign_id, state, reason, sum(n) as n from (
          select campaign_id, laurel.counted_state(new_state) as state, laurel.counted_reason(new_state, new_reason) as reason, n from taken
          union all
          select campaign_id, laurel.counted_state(old_state), laurel.counted_reason(old_state, old_reason), -n from taken
           where old_state is not null) as moves
        group by 1, 2, 3 having sum(n) <> 0),
      kept as (
        insert into campaign_counts as c (campaign_id, state, reason, n) select * from sums order by 1, 2, 3
        on conflict (campaign_id, state, reason) do update set n = c.n + excluded.n)
      select count(*)::int as moves from taken`,
    values: [foldedAtOnce],
  });
  return (rows[0]?.moves ?? 0) === foldedAtOnce;
}
