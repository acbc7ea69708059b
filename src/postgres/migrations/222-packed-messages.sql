-- What a finished message was made from and its decision, packed: see src/message/packing. What is stored so has `{}` as its data, and
-- in place of its decision the version of the ledger by which its own member was read; of others, in `decision`, whose profile it
-- was. What was stored before stays as it is.
alter table messages add column packed_data bytea, add column packed_decision bytea, add column ledger_version bigint;
alter table messages alter column packed_data set storage main, alter column packed_decision set storage main;

-- What packed texts of a kind have in common. Never changed and never removed: what was packed by one can't be read without it.
create table pack_dictionaries (
  id text primary key,
  kind text not null,
  text text not null,
  made_at timestamptz not null default clock_timestamp()
);
create index pack_dictionaries_kind on pack_dictionaries (kind, made_at desc);

-- Processes of the release before empty messages without knowing of this.
create function empty_packed() returns trigger language plpgsql as $$
begin
  new.packed_data := null;
  new.packed_decision := null;
  new.ledger_version := null;
  return new;
end $$;
create trigger empty_packed before update of emptied_at on messages for each row
  when (new.emptied_at is not null and (new.packed_data is not null or new.packed_decision is not null))
  execute function empty_packed();

-- What is packed can't be compressed, and needs no other place.
create or replace function make_message_week(name text) returns void language plpgsql as $$
begin
  -- With what later migrations add to `messages`.
  execute format('create table laurel.%I (like laurel.messages including defaults including storage including constraints)', name);
  execute format('alter table laurel.%I set (fillfactor = 100)', name);
end $$;
do $$
declare
  part regclass;
begin
  for part in select inhrelid::regclass from pg_inherits
    where inhparent = 'laurel.messages'::regclass and inhrelid <> 'laurel.messages_open'::regclass
  loop
    execute format('alter table %s reset (toast_tuple_target)', part);
  end loop;
end $$;
