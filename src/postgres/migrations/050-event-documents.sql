-- Each applied event is kept whole, so that everything else can be computed from the events again.
alter table events
  -- Null before this migration, and for what concerns the erased.
  add column document jsonb,
  -- The order of applying: of two events about the same accounts, the first has the smaller one.
  add column seq bigint generated always as identity;
create index events_member on events (tenant, member_id, seq) where member_id is not null;

-- What a product was at which time. The first version of a product also stands for all time before it.
create table product_versions (
  tenant text not null,
  brand text not null,
  product_id text not null,
  effective_at timestamptz not null,
  document jsonb not null,
  primary key (tenant, brand, product_id, effective_at)
);
insert into product_versions (tenant, brand, product_id, effective_at, document)
select tenant, brand, product_id, '-infinity', document from products;
