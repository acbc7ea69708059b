-- What became of mails, counted by the hour in which they were accepted, and kept: a report of a year counts no messages again.
create table mail_stats (
  tenant text not null,
  hour timestamptz not null,
  brand text not null,
  template text not null,
  -- The campaign's id, the trigger's name; empty where it is none.
  campaign text not null,
  trigger text not null,
  -- The state it is in, or what mail programs told of it.
  what text not null,
  -- Why it is in that state; empty where nothing is said.
  reason text not null,
  n bigint not null,
  primary key (tenant, hour, brand, template, campaign, trigger, what, reason)
);
create index mail_stats_campaign on mail_stats (tenant, campaign, hour) where campaign <> '';

-- Hours in which something was accepted, and how far they are counted.
create table mail_stat_hours (
  tenant text not null,
  hour timestamptz not null,
  -- As of the last count.
  messages bigint not null default 0,
  -- When it is counted again; null once all of its messages have ended.
  due_at timestamptz,
  primary key (tenant, hour)
);
create index mail_stat_hours_due on mail_stat_hours (tenant, due_at) where due_at is not null;

create index trigger_firings_message on trigger_firings (message_id) where message_id is not null;

-- What was told before there were counts.
insert into mail_stats (tenant, hour, brand, template, campaign, trigger, what, reason, n)
select m.tenant, date_trunc('hour', m.accepted_at, 'UTC'), m.brand, m.template, coalesce(m.campaign_id::text, ''),
  coalesce(t.trigger, ''), f.kind, '', count(distinct m.id)
from delivery_feedback f join messages m on m.tenant = f.tenant and m.id = f.message_id
left join trigger_firings t on t.message_id = m.id
group by 1, 2, 3, 4, 5, 6, 7;

-- Whoever puts a message that had ended back in line: its hour is counted again.
create function count_hour_again() returns trigger language plpgsql as $$
begin
  update laurel.mail_stat_hours set due_at = now()
   where tenant = new.tenant and hour = date_trunc('hour', new.accepted_at, 'UTC') and due_at is null;
  return null;
end $$;
create trigger count_hour_again after update on messages for each row
  when (old.finished_at is not null and new.finished_at is null) execute function count_hour_again();
