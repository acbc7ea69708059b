-- Members by conditions over their profile, by name.
create table segments (
  tenant text not null,
  brand text not null,
  name text not null,
  conditions jsonb not null,
  saved_at timestamptz not null default now(),
  primary key (tenant, brand, name)
);

-- Segments whose members a campaign adds to its audience when it starts, with their conditions as they were when it was made; and how
-- far it has come: which of them, and after which member.
alter table campaigns
  add column segments jsonb not null default '[]',
  add column segments_read int not null default 0,
  add column segment_cursor text not null default '',
  -- Whose members it writes nothing to.
  add column excluded_segments jsonb not null default '[]';
