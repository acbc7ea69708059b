-- How spending is distributed over a brand's members: for each 5 % of them, what they spent at most in the last twelve
-- months. Refreshed once a day, so that where a member stands is a comparison of two numbers.
create table spend_quantiles (
  tenant text not null,
  brand text not null,
  -- 19 of them, in minor units, the lowest first.
  quantiles bigint[] not null,
  members bigint not null,
  computed_at timestamptz not null,
  primary key (tenant, brand)
);
