-- Who is told what: as WEBHOOKS_FILE has it, but for addresses and secrets, which stay there.
create table webhook_endpoints (
  tenant text not null,
  name text not null,
  -- Whole names: message.sent.
  types text[] not null,
  primary key (tenant, name)
);

-- What an endpoint is to be told, written with the fact itself. Names by ids alone; addresses are looked up when it is sent.
create table webhook_deliveries (
  id bigint generated always as identity primary key,
  -- The same at every attempt: webhook-id.
  webhook_id text not null default 'evt_' || replace(gen_random_uuid()::text, '-', ''),
  tenant text not null,
  endpoint text not null,
  type text not null,
  -- Of one subject, one after the other.
  subject text not null,
  member_id text,
  data jsonb not null,
  at timestamptz not null default clock_timestamp(),
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  tries int not null default 0,
  next_at timestamptz not null default now(),
  claimed_until timestamptz,
  -- What the last attempt failed with.
  problem text,
  ended_at timestamptz
);
create index webhook_deliveries_next on webhook_deliveries (tenant, endpoint, next_at) where state = 'waiting';
create index webhook_deliveries_subject on webhook_deliveries (tenant, endpoint, subject, id) where state = 'waiting';
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where state <> 'waiting';
create index webhook_deliveries_dead on webhook_deliveries (tenant, id) where state = 'dead';
create index webhook_deliveries_member on webhook_deliveries (tenant, member_id) where member_id is not null;

-- Of a tenant '*' everybody is told.
create function tell_webhooks(of_tenant text, of_type text, of_subject text, of_member text, told jsonb) returns void
language sql as $$
  insert into laurel.webhook_deliveries (tenant, endpoint, type, subject, member_id, data)
  select e.tenant, e.name, of_type, of_subject, of_member, jsonb_strip_nulls(told)
    from laurel.webhook_endpoints e where (of_tenant = '*' or e.tenant = of_tenant) and of_type = any(e.types)
$$;

create function tell_of_message() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(new.tenant,
    'message.' || case when tg_op = 'INSERT' then 'accepted' when new.state = 'queued' then 'requeued' else new.state end,
    'message:' || new.id, new.member_id,
    jsonb_build_object('messageId', new.id, 'template', new.template, 'brand', new.brand, 'campaignId', new.campaign_id,
      'reason', new.reason));
  return null;
end $$;
create trigger webhooks_message_accepted after insert on messages for each row
  when (new.state in ('queued', 'held')) execute function tell_of_message();
create trigger webhooks_message_ended after update on messages for each row
  when (old.state is distinct from new.state and case new.state
    when 'sending' then false
    when 'queued' then old.state not in ('held', 'sending')
    when 'held' then old.reason is distinct from new.reason
    else true end)
  execute function tell_of_message();

create function tell_of_feedback() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(m.tenant, 'message.' || new.kind, 'message:' || m.id, m.member_id,
    jsonb_build_object('messageId', m.id, 'template', m.template, 'brand', m.brand, 'campaignId', m.campaign_id))
    from laurel.messages m where m.id = new.message_id;
  return null;
end $$;
create trigger webhooks_feedback after insert on delivery_feedback for each row
  when (new.message_id is not null) execute function tell_of_feedback();

create function tell_of_campaign() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(new.tenant,
    'campaign.' || case
      when tg_op = 'INSERT' then 'created'
      when old.state is not distinct from new.state then 'pilot'
      when new.state = 'running' then case old.state when 'paused' then 'resumed' else 'started' end
      else new.state end,
    'campaign:' || new.id, null,
    jsonb_build_object('campaignId', new.id, 'template', new.template, 'brand', new.brand, 'pilot', new.pilot_state));
  return null;
end $$;
create trigger webhooks_campaign_created after insert on campaigns for each row execute function tell_of_campaign();
create trigger webhooks_campaign_changed after update on campaigns for each row
  when (old.state is distinct from new.state and new.state <> 'loading' or old.pilot_state is distinct from new.pilot_state)
  execute function tell_of_campaign();

create function tell_of_trigger() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(new.tenant, 'trigger.' || new.state,
    'trigger:' || new.brand || '/' || new.trigger || '/' || new.cause || '/' || coalesce(new.member_id, ''), new.member_id,
    jsonb_build_object('brand', new.brand, 'trigger', new.trigger, 'messageId', new.message_id, 'reason', new.reason));
  return null;
end $$;
create trigger webhooks_trigger_noted after insert on trigger_firings for each row
  when (new.state <> 'waiting') execute function tell_of_trigger();
create trigger webhooks_trigger_fired after update on trigger_firings for each row
  when (old.state = 'waiting' and new.state <> 'waiting') execute function tell_of_trigger();

create function tell_of_trigger_pause() returns trigger language plpgsql as $$
declare
  it record;
begin
  if tg_op = 'DELETE' then it := old; else it := new; end if;
  perform laurel.tell_webhooks(it.tenant, 'trigger.' || case tg_op when 'DELETE' then 'resumed' else 'paused' end,
    'trigger:' || it.brand || '/' || it.trigger, null, jsonb_build_object('brand', it.brand, 'trigger', it.trigger));
  return null;
end $$;
create trigger webhooks_trigger_pause after insert or delete on trigger_pauses for each row
  execute function tell_of_trigger_pause();

create function tell_of_suppression() returns trigger language plpgsql as $$
declare
  it record;
begin
  if tg_op = 'DELETE' then it := old; else it := new; end if;
  perform laurel.tell_webhooks(it.tenant,
    'suppression.' || case tg_op when 'DELETE' then 'removed' when 'UPDATE' then 'changed' else 'added' end,
    'address:' || it.address_hash, null,
    jsonb_build_object('addressHash', it.address_hash, 'scope', it.scope, 'reason', it.reason, 'source', it.source));
  return null;
end $$;
create trigger webhooks_suppression after insert or delete on suppressions for each row execute function tell_of_suppression();
create trigger webhooks_suppression_changed after update on suppressions for each row
  when (old.reason is distinct from new.reason or old.source is distinct from new.source) execute function tell_of_suppression();

-- By the event that says so: consents themselves are written anew when the ledger is rebuilt.
create function tell_of_consent() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(new.tenant, 'consent.changed', 'member:' || new.member_id, new.member_id,
    jsonb_build_object('purpose', new.document ->> 'purpose', 'granted', new.document -> 'granted', 'basis',
      new.document ->> 'basis', 'at', new.document ->> 'at', 'source', new.source));
  return null;
end $$;
create trigger webhooks_consent after insert on events for each row
  when (new.type = 'consent.changed' and new.member_id is not null and new.document is not null)
  execute function tell_of_consent();

create function tell_of_pause() returns trigger language plpgsql as $$
declare
  it record;
begin
  if tg_op = 'DELETE' then it := old; else it := new; end if;
  perform laurel.tell_webhooks(it.tenant, 'pause.' || case tg_op when 'DELETE' then 'ended' else 'started' end,
    'pause:' || it.flow, null, jsonb_build_object('flow', it.flow, 'by', it."by", 'why', it.why, 'since', it.since));
  return null;
end $$;
create trigger webhooks_pause after insert or delete on pauses for each row execute function tell_of_pause();
create trigger webhooks_pause_by_hand after update on pauses for each row
  when (old.by is distinct from new.by) execute function tell_of_pause();

-- A trigger that nobody listens to costs nothing: it is off. The owner's right, for whoever starts may have no such right.
create function set_webhook_endpoints(wanted jsonb) returns void language plpgsql security definer
set search_path = laurel, pg_temp as $$
declare
  one record;
begin
  -- While somebody writes for long, everybody else would wait behind this.
  perform set_config('lock_timeout', '10s', true);
  lock table webhook_endpoints in exclusive mode;
  delete from webhook_endpoints;
  insert into webhook_endpoints (tenant, name, types)
  select tenant, name, types from jsonb_to_recordset(wanted) as w(tenant text, name text, types text[]);
  for one in
    select t.tgname, t.tgrelid::regclass as of_table, t.tgenabled <> 'D' as is_on,
           exists (select from webhook_endpoints e, unnest(e.types) as type
                    where case
                      when t.tgname = 'webhooks_message_accepted' then type = 'message.accepted'
                      when t.tgname = 'webhooks_feedback' then type in ('message.delivered', 'message.delayed',
                        'message.soft-bounce', 'message.hard-bounce', 'message.complaint', 'message.unsubscribed', 'message.clicked')
                      when t.tgname = 'webhooks_message_ended' then type like 'message.%' and type <> 'message.accepted'
                      else split_part(type, '.', 1) = split_part(t.tgname, '_', 2) end) as wanted
      from pg_trigger t
     where t.tgname like 'webhooks\_%' and t.tgrelid in (select c.oid from pg_class c where c.relnamespace = 'laurel'::regnamespace)
  loop
    if one.is_on <> one.wanted then
      execute format('alter table %s %s trigger %I', one.of_table, case when one.wanted then 'enable' else 'disable' end, one.tgname);
    end if;
  end loop;
end $$;
select set_webhook_endpoints('[]');
