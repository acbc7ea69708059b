-- What this installation accepts, as its programs said when they started last: so that a shop can be told what is wrong with a
-- message without having a template's code.
create table accepted_templates (
  name text primary key,
  trade text,
  -- JSON schema of the data.
  schema jsonb not null,
  -- What a message is about, `order:{orderId}`; null where only the template's code can tell.
  about text[],
  saved_at timestamptz not null default now()
);

create table accepted_brands (
  id text primary key,
  trades text[] not null,
  saved_at timestamptz not null default now()
);
