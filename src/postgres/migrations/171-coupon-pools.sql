-- Codes of offers that each member gets one of their own of.
create table pool_codes (
  tenant text not null,
  brand text not null,
  offer_id text not null,
  code text not null,
  -- Whose it is: reserved or committed. Null: free.
  member_id text,
  -- When a mail with it was taken by the server. From then on it is nobody else's.
  committed_at timestamptz,
  added_at timestamptz not null default now(),
  -- A code is in one pool: at the till nobody says of which offer it is.
  primary key (tenant, brand, code)
);
create index pool_codes_free on pool_codes (tenant, brand, offer_id) where member_id is null;
create unique index pool_codes_member on pool_codes (tenant, brand, offer_id, member_id) where member_id is not null;
create index pool_codes_reserved on pool_codes (tenant) where member_id is not null and committed_at is null;

-- Messages that show a code: while one of them may still go, or went, the code stays its member's.
create table pool_code_messages (
  tenant text not null,
  brand text not null,
  code text not null,
  message_id uuid not null,
  primary key (message_id, code),
  foreign key (tenant, brand, code) references pool_codes on delete cascade
);
create index pool_code_messages_code on pool_code_messages (tenant, brand, code);

-- Pools that were told to run low, so that each is told once.
create table pool_alerts (
  tenant text not null,
  brand text not null,
  offer_id text not null,
  state text not null check (state in ('low', 'empty')),
  primary key (tenant, brand, offer_id)
);
