-- How far a file's import came, while it isn't through: the same file with the same mapping goes on there.
create table imports (
  tenant text not null,
  -- A hash of the mapping and of the file's content, whatever its name.
  key text not null,
  -- Records that are done with, from the beginning of the file.
  records bigint not null,
  -- Counts so far, and how long the file of rejects was.
  tally jsonb not null,
  rejects_bytes bigint not null,
  updated_at timestamptz not null default now(),
  primary key (tenant, key)
);
