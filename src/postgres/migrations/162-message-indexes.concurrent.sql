-- Indexes of what waits, is in hand or needs a person. None names what a claim changes, so that a claim touches none.
drop index concurrently if exists laurel.messages_open_due;
create index concurrently messages_open_due on laurel.messages (next_at)
  where campaign_id is null and finished_at is null and job_at is null;
drop index concurrently if exists laurel.messages_open_campaign_due;
create index concurrently messages_open_campaign_due on laurel.messages (campaign_id, next_at)
  where campaign_id is not null and finished_at is null and job_at is null;
-- What has a job, or is in hand.
drop index concurrently if exists laurel.messages_open_jobs;
create index concurrently messages_open_jobs on laurel.messages (job_at) where job_at is not null and finished_at is null;
drop index concurrently if exists laurel.messages_open_campaign;
create index concurrently messages_open_campaign on laurel.messages (campaign_id) where campaign_id is not null;
drop index concurrently if exists laurel.messages_open_held;
create index concurrently messages_open_held on laurel.messages (reason, tenant, template)
  where reason in ('template-paused', 'transport-paused');
drop index concurrently if exists laurel.messages_open_after_event;
create index concurrently messages_open_after_event on laurel.messages (tenant, (after ->> 'source'), (after ->> 'eventId'))
  where reason = 'waiting-for-event';
drop index concurrently if exists laurel.messages_open_after_version;
create index concurrently messages_open_after_version on laurel.messages (tenant, member_id)
  where reason = 'waiting-for-event' and after ? 'ledgerVersion';
drop index concurrently if exists laurel.messages_open_pinned;
create index concurrently messages_open_pinned on laurel.messages (pinned_version) where pinned_version is not null;
