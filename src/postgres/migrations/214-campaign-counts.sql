-- How many messages of each campaign are in each state, and why, without counting them. `queued` is waiting for a worker, or in
-- one's hands. Messages that are old and removed stay counted.
create table campaign_counts (
  campaign_id uuid not null,
  state text not null,
  -- Empty where nothing is said of it.
  reason text not null,
  n bigint not null,
  primary key (campaign_id, state, reason)
);

create function counted_state(state text) returns text language sql immutable parallel safe return
  case state when 'sending' then 'queued' else state end;
create function counted_reason(state text, reason text) returns text language sql immutable parallel safe return
  case when state in ('queued', 'sending', 'sent') then '' else coalesce(reason, '') end;

-- What moved since, to be added up. Each is a row of its own, so that nobody waits for anybody.
create table campaign_moves (
  campaign_id uuid not null,
  -- Null: they weren't there.
  old_state text,
  old_reason text,
  new_state text not null,
  new_reason text,
  n int not null default 1
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- How they change what is counted.
create view campaign_changes as
  select campaign_id, counted_state(new_state) as state, counted_reason(new_state, new_reason) as reason, n from campaign_moves
  union all
  select campaign_id, counted_state(old_state), counted_reason(old_state, old_reason), -n from campaign_moves where old_state is not null;

-- Whoever makes many at once counts them itself, and says so.
create function note_campaign_message() returns trigger language plpgsql as $$
begin
  insert into laurel.campaign_moves (campaign_id, new_state, new_reason) values (new.campaign_id, new.state, new.reason);
  return null;
end $$;
create trigger count_campaign_message after insert on messages_open for each row
  when (new.campaign_id is not null and current_setting('laurel.counted', true) is distinct from 'on')
  execute function note_campaign_message();

-- Before it changes: a message that moves to its week while it ends is deleted in one table and inserted in another afterwards.
create function note_campaign_move() returns trigger language plpgsql as $$
begin
  insert into laurel.campaign_moves values (new.campaign_id, old.state, old.reason, new.state, new.reason);
  return new;
end $$;
create trigger count_campaign_move before update on messages for each row
  when (new.campaign_id is not null
    and (old.state is distinct from new.state or old.reason is distinct from new.reason)
    and not (old.state in ('queued', 'sending') and new.state in ('queued', 'sending')))
  execute function note_campaign_move();

-- Emptied as a whole, messages take their keys and counts with them; a week that is dropped doesn't.
create or replace function empty_message_keys() returns trigger language plpgsql as $$
begin
  truncate laurel.message_keys, laurel.campaign_counts, laurel.campaign_moves;
  return null;
end $$;
