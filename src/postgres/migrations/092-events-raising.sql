-- The accounts whose ledger version an event raised beside its own account's, once for each time. It outlives the event's
-- account: whoever was linked with somebody who was erased since can still be computed anew.
alter table events add column raised text[];
