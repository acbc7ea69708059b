-- By which schema a message's data was found to parse to itself when it was accepted, combined with a digest of that data: data that
-- is changed later isn't taken for it. Null: it is parsed when its mail is made.
alter table messages add column parsed_by bigint;
