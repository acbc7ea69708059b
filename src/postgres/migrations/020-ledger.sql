-- The ledger: what happened to a member. What is counted (points, purchases, consents, tiers) is only ever added to, or
-- marked once as cancelled or refunded, so that the one small row in `profiles` can be computed again from it at any time.
-- Amounts are minor units of their currency, points whole numbers. Erasing a member deletes her rows; the event ids stay.

create table members (
  tenant text not null,
  member_id text not null,
  brand text not null,
  membership_number text not null,
  status text not null check (status in ('active', 'suspended', 'disputed', 'erased')),
  enrolled_at timestamptz not null,
  email text,
  first_name text,
  last_name text,
  locale text,
  time_zone text,
  -- {diets, avoidCategories, avoidAttributes}: what she said of herself.
  preferences jsonb,
  -- When each of the fields above was said, so that an event that arrives late doesn't overwrite a newer one.
  field_times jsonb not null default '{}',
  -- How many events were applied.
  ledger_version bigint not null default 0,
  -- The time of the newest applied event.
  as_of timestamptz not null,
  primary key (tenant, member_id)
) with (fillfactor = 80);

-- An address, number or card belongs to one member at a time.
create table identities (
  tenant text not null,
  kind text not null check (kind in ('email', 'phone', 'card', 'customer-number')),
  canonical text not null,
  member_id text not null,
  linked_at timestamptz not null,
  primary key (tenant, kind, canonical)
);
create index identities_member on identities (tenant, member_id);

-- Applied events; `source` and `id` make applying one idempotent.
create table events (
  tenant text not null,
  source text not null,
  id text not null,
  -- Null for what concerns nobody we know, such as a guest's cancelled order.
  member_id text,
  type text not null,
  at timestamptz not null,
  ledger_version bigint not null,
  applied_at timestamptz not null default now(),
  primary key (tenant, source, id)
);

-- The latest by time counts.
create table consents (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  purpose text not null check (purpose in ('marketing', 'profiling', 'location')),
  granted boolean not null,
  source text not null,
  at timestamptz not null,
  primary key (tenant, member_id, ledger_version, purpose)
);

-- Every movement of points; how they combine to balances is src/ledger/points.ts.
create table points_entries (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  -- One event can make several entries.
  n smallint not null,
  -- reverse: below zero takes back what an order earned, above zero gives back what it spent.
  kind text not null check (kind in ('earn', 'spend', 'expire', 'adjust', 'lock', 'release', 'activate', 'reverse')),
  points bigint not null,
  qualifying bigint not null default 0,
  -- From when an earned lot is spendable; infinity until an `activate` entry of the same reference. Null: at once.
  active_at timestamptz,
  expires_at timestamptz,
  -- The order or bonus it belongs to.
  ref text,
  -- The open redemption that reserves the points. A release of 0 points gives back all of it.
  lock text,
  reason text,
  at timestamptz not null,
  primary key (tenant, member_id, ledger_version, n)
);
create index points_entries_ref on points_entries (tenant, member_id, ref) where ref is not null;

create table purchases (
  tenant text not null,
  order_id text not null,
  -- Null when an order was cancelled before we heard of it.
  member_id text,
  brand text,
  placed_at timestamptz,
  channel text,
  store text,
  currency text,
  total bigint not null default 0,
  -- Saved through the programme.
  saved bigint not null default 0,
  -- Paid back of `total`.
  refunded bigint not null default 0,
  state text not null check (state in ('placed', 'cancelled', 'refunded')),
  primary key (tenant, order_id)
) with (fillfactor = 90);
create index purchases_member on purchases (tenant, member_id, placed_at);

create table purchase_lines (
  tenant text not null,
  order_id text not null,
  n smallint not null,
  member_id text not null,
  product_id text not null,
  -- As of the purchase: a later change of category doesn't rewrite history. Null where nobody knew.
  category text,
  attributes text[] not null default '{}',
  quantity int not null,
  refunded_quantity int not null default 0,
  unit_price bigint not null,
  full_price boolean not null,
  primary key (tenant, member_id, order_id, n)
);

create table coupons (
  tenant text not null,
  code text not null,
  member_id text not null,
  -- Null while only its use was heard of.
  offer_id text,
  start_date timestamptz,
  expiry_date timestamptz,
  issued_at timestamptz,
  used_at timestamptz,
  disabled_at timestamptz,
  primary key (tenant, member_id, code)
);

create table bonuses (
  tenant text not null,
  member_id text not null,
  bonus_id text not null,
  points bigint,
  granted_at timestamptz,
  use_by timestamptz,
  used_at timestamptz,
  primary key (tenant, member_id, bonus_id)
);

create table redemptions (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  offer_id text not null,
  order_id text,
  at timestamptz not null,
  primary key (tenant, member_id, ledger_version)
);

-- Tiers that were given rather than reached by points.
create table tier_changes (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  tier_id text not null,
  at timestamptz not null,
  expires_at timestamptz,
  reason text not null,
  primary key (tenant, member_id, ledger_version)
);

create table products (
  tenant text not null,
  brand text not null,
  product_id text not null,
  document jsonb not null,
  primary key (tenant, brand, product_id)
);

create table offers (
  tenant text not null,
  brand text not null,
  offer_id text not null,
  -- Without `usedCount`, which rises with every redemption.
  document jsonb not null,
  used_count bigint not null default 0,
  primary key (tenant, brand, offer_id)
);

-- `version` is a hash of products and offers, `uses` the redemptions since: both are part of what a poll compares.
create table catalogue_versions (
  tenant text not null,
  brand text not null,
  version text not null,
  uses bigint not null default 0,
  primary key (tenant, brand)
);

-- One small row a member: everything about her that a mail may depend on, true at any later time (src/ledger/row.ts).
create table profiles (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  as_of timestamptz not null,
  brand text not null,
  email_canonical text,
  document jsonb not null,
  primary key (tenant, member_id)
) with (fillfactor = 80);
