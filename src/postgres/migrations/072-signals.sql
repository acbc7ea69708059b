-- Where she was and what she looked at, apart from everything else: read only together with her consent to it, and kept
-- for 90 days.
create table signals (
  tenant text not null,
  member_id text not null,
  ledger_version bigint not null,
  kind text not null check (kind in ('location', 'browsing')),
  category text,
  product_id text,
  store text,
  channel text,
  at timestamptz not null,
  primary key (tenant, member_id, ledger_version)
);
create index signals_at on signals (at);
