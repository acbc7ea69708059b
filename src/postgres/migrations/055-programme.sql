-- Programmes count points themselves: purchases keep what they earn by, engagements and rewards have their facts, and what
-- is told of a purchase before the purchase itself waits for it.
alter table purchases
  -- A booking is a purchase of something that happens later.
  add column kind text not null default 'order' check (kind in ('order', 'booking')),
  -- What messages about a booking are about, such as `trip:K7PQ2M`.
  add column subject text,
  add column starts_at timestamptz,
  add column ends_at timestamptz,
  add column paid_at timestamptz,
  add column fulfilled_at timestamptz,
  -- What the programme gave for it and by which terms (src/ledger/accrual.ts); null where the source said the points.
  add column earning jsonb;

alter table points_entries
  -- When all that is active lapses unless something is earned or spent before: programmes whose points expire of inactivity.
  add column idle_at timestamptz;

-- Things done rather than bought; `counted` ones earned their points or would have, within the caps.
create table engagements (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  kind text not null,
  subject text,
  at timestamptz not null,
  counted boolean not null,
  points bigint not null,
  primary key (tenant, member_id, ledger_version)
);

-- Rewards that were handed over.
create table reward_claims (
  tenant text not null,
  member_id text not null,
  reward_id text not null,
  claimed_at timestamptz not null,
  primary key (tenant, member_id, reward_id)
);

-- Events about a purchase that came before it; they are applied with it.
create table waiting_events (
  tenant text not null,
  order_id text not null,
  source text not null,
  id text not null,
  member_id text not null,
  primary key (tenant, order_id, source, id)
);
