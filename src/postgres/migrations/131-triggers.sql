-- Mails that follow from events and states, without anybody asking for each.

-- What was applied and a trigger may listen to, until it was looked at: moments.
create table trigger_inbox (
  n bigint generated always as identity primary key,
  tenant text not null,
  brand text not null,
  member_id text not null,
  source text not null,
  id text not null,
  type text not null,
  at timestamptz not null,
  document jsonb
);
create index trigger_inbox_member on trigger_inbox (tenant, member_id);

-- Each cause of each trigger, once, and what became of it.
create table trigger_firings (
  tenant text not null,
  brand text not null,
  trigger text not null,
  -- `event:<source>:<id>`, `tier:<tier>:<day>`, `points:<day>`, `birthday:<year>`; of one member each.
  cause text not null,
  member_id text,
  -- When it happened.
  at timestamptz not null,
  due_at timestamptz not null,
  state text not null check (state in ('waiting', 'fired', 'skipped')),
  -- Why it was skipped.
  reason text,
  detail text,
  -- What the template's data are made from; gone once it fired.
  facts jsonb,
  message_id uuid,
  noted_at timestamptz not null default now(),
  primary key (tenant, brand, trigger, cause)
);
create index trigger_firings_due on trigger_firings (due_at) where state = 'waiting';
create index trigger_firings_member on trigger_firings (tenant, member_id) where member_id is not null;
create index trigger_firings_noted on trigger_firings (noted_at);

create table trigger_pauses (
  tenant text not null,
  brand text not null,
  trigger text not null,
  paused_at timestamptz not null default now(),
  primary key (tenant, brand, trigger)
);

-- How far the daily look at everybody's state has come.
create table trigger_scans (
  tenant text not null,
  brand text not null,
  day date not null,
  -- The last member looked at.
  upto text not null default '',
  done boolean not null default false,
  primary key (tenant, brand)
);
