-- What is finished for good is filed: it lies apart from what waits, in a partition for each week, which is dropped when it is old.
-- What was there before stays where it is until it is filed, some at a time.
drop index messages_due, messages_campaign_due, messages_jobs, messages_leases, messages_campaign, messages_troubled, messages_paused,
  messages_after_event, messages_after_version, messages_pinned;
-- Its keys are in their table.
alter table messages drop constraint messages_tenant_idempotency_key_key;
alter table messages rename to messages_open;

-- A message changes a few times, each time in its page.
alter table messages_open set (fillfactor = 50, toast_tuple_target = 128,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);
-- Compressed within the row: a place of its own would be two more pages to write.
alter table messages_open
  alter column data set storage main, alter column about set storage main, alter column after set storage main,
  alter column decision set storage main, alter column error set storage main, alter column response set storage main,
  alter column idempotency_key set storage main, alter column request_hash set storage main, alter column template set storage main,
  alter column member_id set storage main, alter column email set storage main, alter column name set storage main,
  alter column sent_to set storage main, alter column reason set storage main, alter column template_version set storage main,
  alter column pinned_version set storage main;

create table messages (like messages_open including defaults including storage including constraints) partition by range (filed_at);
alter table messages drop constraint messages_open_filed;
alter table messages attach partition messages_open default;

create or replace function claim_message_key() returns trigger language plpgsql as $$
begin
  insert into laurel.message_keys (tenant, key, message_id, request_hash)
    values (new.tenant, new.idempotency_key, new.id, new.request_hash) on conflict do nothing;
  return case when found then new end;
end $$;

-- The weeks that have a partition, without a gap, by when they begin.
create table message_weeks (
  week timestamptz primary key,
  -- When its table was written as a whole.
  written_at timestamptz not null default now()
);

-- Makes the table of a week, not yet a partition.
create function make_message_week(name text) returns void language plpgsql as $$
begin
  -- With what later migrations add to `messages`.
  execute format('create table laurel.%I (like laurel.messages including defaults including storage including constraints)', name);
  execute format('alter table laurel.%I set (fillfactor = 100, toast_tuple_target = 128)', name);
end $$;

create function index_message_week(name text) returns void language plpgsql as $$
begin
  execute format('create unique index on laurel.%I (id)', name);
  execute format('create index on laurel.%I (tenant, accepted_at desc, id desc)', name);
  execute format('create index on laurel.%I (filed_at)', name);
  execute format('create index on laurel.%I (tenant, member_id, accepted_at desc) where member_id is not null', name);
  execute format('create index on laurel.%I (campaign_id) where campaign_id is not null', name);
  execute format('create index on laurel.%I (tenant, lower(email)) where email is not null and member_id is null', name);
  execute format('create index on laurel.%I (tenant, (decision -> ''basis'' ->> ''memberId'')) where member_id is null', name);
end $$;

create function message_week_name(week timestamptz) returns text language sql immutable
  return 'messages_' || to_char(week at time zone 'UTC', 'YYYYMMDD');

-- When whatever has this id was made, by a clock that may be a day ahead. Ids of campaigns' messages don't say.
create function made_since(id uuid) returns timestamptz language sql immutable parallel safe return
  case when substr(id::text, 15, 1) = '7'
    then to_timestamp(('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(48)::bigint / 1000.0) - interval '1 day'
    else '-infinity' end;

create function add_message_week(week timestamptz) returns void language plpgsql as $$
declare
  name text := laurel.message_week_name(week);
begin
  perform laurel.make_message_week(name);
  perform laurel.index_message_week(name);
  execute format('alter table laurel.messages attach partition laurel.%I for values from (%L) to (%L)', name, week, week + interval '7 days');
  insert into laurel.message_weeks (week) values (week);
end $$;

select add_message_week(date_trunc('week', now(), 'UTC') + n * interval '7 days') from generate_series(0, 8) n;

-- Emptied as a whole, messages take their keys with them; a week that is dropped doesn't.
create function empty_message_keys() returns trigger language plpgsql as $$
begin
  truncate laurel.message_keys;
  return null;
end $$;
create trigger empty_keys after truncate on messages for each statement execute function empty_message_keys();
