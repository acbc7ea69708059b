import type { Db } from '../../postgres/pool.ts';

/**
 * Empties every message to a member, or to one of her addresses: what it said, to whom, and why. Its id, template, times and
 * end stay. What waits is cancelled; what a worker has in hand this instant is emptied when it ends.
 * @param addresses in canonical form
 */
export async function forgetMessages(
  db: Db,
  tenant: string,
  account: string,
  addresses: readonly string[],
): Promise<void> {
  await db.query(
    `with hers as (
       select id from messages where tenant = $1 and member_id = $2
       union
       select id from messages where tenant = $1 and member_id is null and lower(email) = any($3)
     ), locked as (
       select id, state in ('queued', 'held') as waiting from messages where id in (select id from hers) order by id for update
     )
     update messages m set
       state = case when waiting then 'cancelled' else state end,
       reason = case when waiting then 'erased' else reason end,
       finished_at = case when waiting then now() else finished_at end,
       job_at = case when waiting then null else job_at end,
       member_id = null, email = null, name = null, locale = null, data = '{}', about = '{}', after = null,
       idempotency_key = null, request_hash = '', error = null, sent_to = null, response = null, decision = null, decided = null,
       emptied_at = now()
     from locked where m.id = locked.id`,
    [tenant, account, addresses],
  );
  const ofCampaigns =
    'member_id = $2 and campaign_id in (select id from campaigns where tenant = $1)';
  await db.query(
    `update trigger_firings set member_id = null, facts = null, detail = null,
       state = case when state = 'waiting' then 'skipped' else state end,
       reason = case when state = 'waiting' then 'erased' else reason end
     where tenant = $1 and member_id = $2`,
    [tenant, account],
  );
  // Their codes stay nobody else's: they may have been mailed.
  await db.query(
    `update pool_codes set member_id = 'erased ' || code where tenant = $1 and member_id = $2`,
    [tenant, account],
  );
  await db.query('delete from trigger_inbox where tenant = $1 and member_id = $2', [
    tenant,
    account,
  ]);
  await db.query(
    `with chosen as (delete from campaign_audience where ${ofCampaigns}),
       excluded as (delete from campaign_exclusions where ${ofCampaigns})
     delete from campaign_group_members where tenant = $1 and member_id = $2`,
    [tenant, account],
  );
}
