-- What shows that a consent was given: the form's version, a scan's number.
alter table consents add proof text;

-- When what a message said and to whom was removed, because she was erased or it is old. Its end stays.
alter table messages add emptied_at timestamptz;
-- Erasing finds also what was addressed to her before anybody knew that she is a member.
create index messages_address on messages (tenant, lower(email)) where email is not null and member_id is null;
-- Retention goes along it.
create index messages_finished on messages (finished_at) where finished_at is not null;

-- How far each task of the retention job has come.
create table retention_progress (
  task text primary key,
  until timestamptz not null
);

-- Who looked at, exported or erased a member's data.
create table member_audit (
  id bigint generated always as identity primary key,
  tenant text not null,
  at timestamptz not null default now(),
  -- The public part of an API key, or `cli`.
  actor text not null,
  action text not null,
  member_id text not null
);
create index member_audit_member on member_audit (tenant, member_id, at);
create index member_audit_at on member_audit (at);
