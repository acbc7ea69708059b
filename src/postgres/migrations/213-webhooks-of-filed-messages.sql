-- A message that moves to its week while it ends is deleted in one table and inserted in another for triggers that fire afterwards;
-- those that fire before still see the change.
create function tell_of_change() returns trigger language plpgsql as $$
begin
  perform laurel.tell_webhooks(new.tenant,
    'message.' || case when new.state = 'queued' then 'requeued' else new.state end, 'message:' || new.id, new.member_id,
    jsonb_build_object('messageId', new.id, 'template', new.template, 'brand', new.brand, 'campaignId', new.campaign_id,
      'reason', new.reason));
  return new;
end $$;

drop trigger if exists webhooks_message_accepted on messages;
drop trigger if exists webhooks_message_accepted on messages_open;
create trigger webhooks_message_accepted after insert on messages_open for each row
  when (new.state in ('queued', 'held')) execute function tell_of_message();

drop trigger if exists webhooks_message_ended on messages;
drop trigger if exists webhooks_message_ended on messages_open;
create trigger webhooks_message_ended before update on messages for each row
  when (old.state is distinct from new.state and case new.state
    when 'sending' then false
    when 'queued' then old.state not in ('held', 'sending')
    when 'held' then old.reason is distinct from new.reason
    else true end)
  execute function tell_of_change();

-- On and off as the ones before were.
select set_webhook_endpoints(coalesce(
  (select jsonb_agg(jsonb_build_object('tenant', tenant, 'name', name, 'types', types)) from webhook_endpoints), '[]'));
