-- What templates are made of, each content once.
create table template_files (
  hash text primary key,
  content bytea not null
);

-- A version: which files it has, by the hash of all of them. Never changed; the same for whoever published it.
create table template_versions (
  hash text primary key,
  template text not null,
  -- From path (within the templates folder) to the hash of its content.
  files jsonb not null,
  stored_at timestamptz not null default now()
);

-- Who published it, when, and what was known to be wrong with it.
create table template_publications (
  tenant text not null,
  template text not null,
  hash text not null references template_versions,
  published_at timestamptz not null default now(),
  by text not null,
  note text,
  -- Errors of its checks that somebody chose to overlook.
  overlooked int not null default 0,
  primary key (tenant, template, hash)
);
create index template_publications_hash on template_publications (hash);

-- What was live from when on: the last row of a template counts, none is ever changed. Null: the templates folder.
create table template_pointings (
  id bigint generated always as identity primary key,
  tenant text not null,
  template text not null,
  hash text,
  how text not null check (how in ('publish', 'use', 'rollback')),
  at timestamptz not null default now(),
  by text not null,
  why text
);
create index template_pointings_live on template_pointings (tenant, template, id desc);

-- The version a message or campaign keeps, whatever is live when its turn comes.
alter table messages add column pinned_version text;
alter table campaigns add column pinned_version text;
create index messages_pinned on messages (pinned_version)
  where pinned_version is not null and state not in ('sent', 'suppressed', 'cancelled');
