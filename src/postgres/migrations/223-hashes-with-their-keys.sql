-- The hash of a request is looked for where its key is: a message that waits needn't have it too.
create or replace function claim_message_key() returns trigger language plpgsql as $$
begin
  insert into laurel.message_keys (tenant, key, message_id, request_hash)
    values (new.tenant, new.idempotency_key, new.id, new.request_hash) on conflict do nothing;
  if not found then return null; end if;
  new.request_hash := '';
  return new;
end $$;
