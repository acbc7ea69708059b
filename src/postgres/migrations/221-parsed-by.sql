-- By which schema a message's data was found to parse to itself when it was accepted. Null: it is parsed when its mail is made.
alter table messages add column parsed_by bigint;
