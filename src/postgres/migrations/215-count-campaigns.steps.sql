-- Counts what campaigns already have, one campaign a step: whatever isn't known of it by what moved since, as of one instant.
with step as (
  select id from campaigns
   where id > coalesce((select until from migration_steps where name = 'campaign-counts'), '00000000-0000-0000-0000-000000000000')
   order by id limit 1
), told as (
  select m.campaign_id, counted_state(m.state) as state, counted_reason(m.state, m.reason) as reason, count(*) as n
    from messages m join step on m.campaign_id = step.id group by 1, 2, 3
  union all
  select c.campaign_id, c.state, c.reason, -c.n from campaign_counts c join step on c.campaign_id = step.id
  union all
  select c.campaign_id, c.state, c.reason, -c.n from campaign_changes c join step on c.campaign_id = step.id
), counted as (
  insert into campaign_counts as c (campaign_id, state, reason, n)
  select campaign_id, state, reason, sum(n) from told group by 1, 2, 3 having sum(n) <> 0
  on conflict (campaign_id, state, reason) do update set n = c.n + excluded.n
)
insert into migration_steps (name, until)
select 'campaign-counts', id from step
on conflict (name) do update set until = excluded.until
