-- A campaign fans its audience out into messages, a chunk a transaction, and remembers how far it came.
create table campaigns (
  id uuid primary key,
  tenant text not null,
  brand text not null,
  template text not null,
  idempotency_key text,
  -- What its messages are made from, e.g. the year.
  parameters jsonb not null,
  -- loading: the audience is still being read. running, paused: as it says. done: every message exists. cancelled: no more.
  state text not null check (state in ('loading', 'running', 'paused', 'done', 'cancelled')),
  audience_size bigint not null default 0,
  -- The last audience position whose message exists.
  cursor bigint not null default 0,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (tenant, idempotency_key)
);

create table campaign_audience (
  campaign_id uuid not null references campaigns on delete cascade,
  position bigint not null,
  member_id text not null,
  primary key (campaign_id, position),
  unique (campaign_id, member_id)
);
