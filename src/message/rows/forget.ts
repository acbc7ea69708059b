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
  const forgotten = `member_id = null, email = null, name = null, locale = null, data = '{}', about = '{}', after = null,
       idempotency_key = null, request_hash = '', error = null, sent_to = null, response = null, decision = null, decided = null,
       packed_data = null, packed_decision = null, ledger_version = null,
       emptied_at = now()`;
  const locked = 'select id, filed_at, idempotency_key as key from messages where tenant = $1 and';
  await db.query(
    `with to_account as (${locked} member_id = $2 order by id for update),
     to_address as (${locked} member_id is null and lower(email) = any($3) order by id for update),
     hers as (select * from to_account union all select * from to_address),
     keys as (delete from message_keys k using hers where k.tenant = $1 and k.key = hers.key),
     filed as (
       -- Each in the one partition in which it lies.
       update messages m set ${forgotten} from hers where m.id = hers.id and m.filed_at = hers.filed_at)
     update messages_open m set
       state = case when state in ('queued', 'held') then 'cancelled' else state end,
       reason = case when state in ('queued', 'held') then 'erased' else reason end,
       finished_at = case when state in ('queued', 'held') then now() else finished_at end,
       job_at = case when state in ('queued', 'held') then null else job_at end, ${forgotten}
     from hers where m.id = hers.id and hers.filed_at is null`,
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
