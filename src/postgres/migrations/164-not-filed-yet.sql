-- By itself, so that nobody waits while it reads the table: partitions are added later without reading it.
alter table messages validate constraint messages_open_filed;
