-- Other accounts whose ledger version an event raised: those of a link that it made or undid, and the member that an account
-- is merged into. To compute an account anew, the events of all that are connected by it are needed.
alter table events add column also text[];
create index events_also on events using gin (also) where also is not null;
