-- Due messages are found campaign by campaign, so that a paused one with millions waiting costs the others nothing.
alter table messages add check ((lane = 'campaign') = (campaign_id is not null));

drop index messages_due;
create index messages_due on messages (lane, next_at)
  where campaign_id is null and state in ('queued', 'held') and job_at is null;
create index messages_campaign_due on messages (campaign_id, next_at)
  where campaign_id is not null and state in ('queued', 'held') and job_at is null;

-- A tenant's latest messages, and those that need a person.
create index messages_latest on messages (tenant, accepted_at desc, id desc);
create index messages_troubled on messages (tenant, state, accepted_at desc, id desc)
  where state in ('failed', 'quarantined');
