-- When the mail server refuses everybody, what it said of each was not theirs: such refusals are taken back.

-- An address refused without a word about the address itself counts only once it is clear that not everybody was refused.
alter table suppressions
  add column counts_from timestamptz not null default now(),
  -- The message whose refusal wrote it.
  add column refused_message uuid;
create index suppressions_refused on suppressions (refused_message) where refused_message is not null;

-- How often its refusal was taken back. One that is refused again and again while others go is refused for itself.
alter table messages add column taken_back int not null default 0;

-- What was taken back since the flow is paused.
alter table pauses
  add column messages_taken_back int not null default 0,
  add column suppressions_undone int not null default 0;
