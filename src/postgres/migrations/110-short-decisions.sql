-- Decisions in short form: `decision` keeps what identifies one, `decided` the rest, written by a rule set. What was stored before
-- has all of it in `decision`, and nothing in `decided`.
create table rule_sets (
  id text primary key,
  rules jsonb not null
);
alter table messages add column decided text;
-- Compressed it fits in its row: a place of its own would be two more pages to write.
alter table messages alter column decided set storage main;
