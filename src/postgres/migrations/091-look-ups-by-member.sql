-- Settling a redemption asks what was done with the points under its lock; few entries have one.
create index points_entries_lock on points_entries (tenant, lock) where lock is not null;
-- Mails that were addressed to an address alone, by whose profile they were made from.
create index messages_made_from on messages (tenant, (decision -> 'basis' ->> 'memberId')) where member_id is null;
