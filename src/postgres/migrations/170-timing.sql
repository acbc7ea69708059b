-- When a campaign's mails go and how fast, and when the first of its messages is made.
alter table campaigns add column timing jsonb, add column starts_at timestamptz;

-- A commercial message's turn: it goes at that time. Of messages that haven't ended; others' are removed after a while.
create table send_turns (
  message_id uuid primary key,
  at timestamptz not null
);

-- Campaigns and recipients' domains that are written to at a pace, and when the next mail may go.
create table send_rates (
  tenant text not null,
  rate text not null,
  next_at timestamptz not null,
  primary key (tenant, rate)
);
