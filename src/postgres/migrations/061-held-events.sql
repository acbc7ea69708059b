-- Events of webhooks that can't be applied yet: told of an order we haven't heard of, or refused. The sender was answered, so
-- they are kept here until the order arrives, or somebody has put right what was in their way.
create table held_events (
  tenant text not null,
  source text not null,
  id text not null,
  -- Which connection brought it: adapter and name.
  connection text not null,
  -- The order it is about; applied when this one arrives.
  order_id text,
  -- Why the ledger refused it; empty while it only waits.
  problems jsonb not null default '[]',
  document jsonb not null,
  held_at timestamptz not null default now(),
  primary key (tenant, source, id)
);
create index held_events_order on held_events (tenant, order_id) where order_id is not null;
