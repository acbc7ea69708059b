-- Copies the keys there are, in order of ids. New messages bring theirs.
with step as (
  select m.id, m.tenant, m.idempotency_key, m.request_hash from messages m
   where m.id > coalesce((select until from migration_steps where name = 'message-keys'), '00000000-0000-0000-0000-000000000000')
   order by m.id limit 10000
), copied as (
  insert into message_keys (tenant, key, message_id, request_hash)
  select tenant, idempotency_key, id, request_hash from step where idempotency_key is not null on conflict do nothing
)
insert into migration_steps (name, until)
select 'message-keys', id from step order by id desc limit 1
on conflict (name) do update set until = excluded.until
