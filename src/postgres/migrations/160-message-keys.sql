-- Idempotency keys in a table of their own, so that a repeated request meets its message however long ago that was.
create table message_keys (
  tenant text not null,
  key text not null,
  message_id uuid not null,
  request_hash text not null,
  primary key (tenant, key)
) partition by hash (tenant, key);
create table message_keys_0 partition of message_keys for values with (modulus 8, remainder 0);
create table message_keys_1 partition of message_keys for values with (modulus 8, remainder 1);
create table message_keys_2 partition of message_keys for values with (modulus 8, remainder 2);
create table message_keys_3 partition of message_keys for values with (modulus 8, remainder 3);
create table message_keys_4 partition of message_keys for values with (modulus 8, remainder 4);
create table message_keys_5 partition of message_keys for values with (modulus 8, remainder 5);
create table message_keys_6 partition of message_keys for values with (modulus 8, remainder 6);
create table message_keys_7 partition of message_keys for values with (modulus 8, remainder 7);

-- Whoever stores a message claims its key, also a process of the release before; where it is taken, nothing is stored. Until the
-- keys of all messages are copied, the messages themselves are asked too.
create function claim_message_key() returns trigger language plpgsql as $$
begin
  if exists (select from laurel.messages where tenant = new.tenant and idempotency_key = new.idempotency_key) then
    return null;
  end if;
  insert into laurel.message_keys (tenant, key, message_id, request_hash)
    values (new.tenant, new.idempotency_key, new.id, new.request_hash) on conflict do nothing;
  return case when found then new end;
end $$;
create trigger claim_key before insert on messages
  for each row when (new.idempotency_key is not null) execute function claim_message_key();

-- How far the steps of a migration have come.
create table migration_steps (
  name text primary key,
  until uuid not null
);
