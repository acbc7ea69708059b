-- Only what lies with what waits is ever put back in line.
drop trigger if exists count_hour_again on messages;
drop trigger if exists count_hour_again on messages_open;
create trigger count_hour_again after update on messages_open for each row
  when (old.finished_at is not null and new.finished_at is null) execute function count_hour_again();
