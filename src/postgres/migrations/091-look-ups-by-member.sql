-- Settling a redemption asks what was done with the points under its lock; few entries have one.
create index points_entries_lock on points_entries (tenant, lock) where lock is not null;
