-- Points that are set aside to pay with: open until they are spent, given back, or their time is over. The points themselves
-- are locked in points_entries under the redemption's id.
create table point_redemptions (
  tenant text not null,
  redemption_id text not null,
  -- The caller's: the same one again is the same redemption.
  key text not null,
  member_id text not null,
  points bigint not null check (points > 0),
  -- What they pay, by the programme's burn rate when they were reserved.
  worth_amount bigint not null,
  worth_currency text not null,
  -- The order they pay for, where it is known.
  order_id text,
  state text not null check (state in ('open', 'committed', 'released', 'expired')),
  reserved_at timestamptz not null,
  expires_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant, redemption_id),
  unique (tenant, key)
);
create index point_redemptions_open on point_redemptions (expires_at) where state = 'open';
create index point_redemptions_member on point_redemptions (tenant, member_id) where state = 'open';
