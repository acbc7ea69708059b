-- Profile sources that some worker leaves alone because they keep failing, so that somebody is told once.
create table source_outages (
  brand text not null,
  source text not null,
  since timestamptz not null default now(),
  primary key (brand, source)
);
