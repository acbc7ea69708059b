-- When it was put where finished messages lie: null in the table of what waits.
alter table messages add column filed_at timestamptz;
alter table messages add constraint messages_open_filed check (filed_at is null) not valid;
