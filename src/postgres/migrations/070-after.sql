-- What must be in the ledger before a message is made: {source, eventId} or {ledgerVersion}, and how long it may wait.
alter table messages add after jsonb;

-- Whoever applies an event finds those who wait for it; nobody waiting costs a look at an empty index.
create index messages_after_event on messages (tenant, (after ->> 'source'), (after ->> 'eventId'))
  where state = 'held' and reason = 'waiting-for-event';
create index messages_after_version on messages (tenant, member_id)
  where state = 'held' and reason = 'waiting-for-event' and after ? 'ledgerVersion';
