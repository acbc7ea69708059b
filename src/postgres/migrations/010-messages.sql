-- Messages: the row is the truth about a message, a queue's job only a hint that it is due.
create table messages (
  id uuid primary key,
  tenant text not null,
  idempotency_key text,
  request_hash text not null,
  lane text not null check (lane in ('transactional', 'campaign')),
  template text not null,
  brand text not null,
  member_id text,
  email text,
  name text,
  locale text,
  data jsonb not null,
  about text[] not null default '{}',
  campaign_id uuid,
  send_at timestamptz,
  expires_at timestamptz,
  accepted_at timestamptz not null default now(),

  state text not null check (state in ('queued', 'held', 'sending', 'sent', 'suppressed', 'failed', 'quarantined', 'cancelled')),
  -- When it is due; in the past for a message that waits only for a worker.
  next_at timestamptz not null,
  -- When a job was last added for it; null when it has none.
  job_at timestamptz,
  -- Temporary failures so far. Crashes and holds don't count.
  tries int not null default 0,
  claims int not null default 0,
  -- Claims whose end nobody saw: each may have left a copy with the same Message-ID.
  unknown_outcomes int not null default 0,
  token uuid,
  lease_until timestamptz,

  finished_at timestamptz,
  reason text,
  error text,
  sent_to text,
  transport text,
  response text,
  template_version text,
  decision jsonb,

  unique (tenant, idempotency_key)
) with (fillfactor = 80);

create index messages_due on messages (lane, next_at) where state in ('queued', 'held') and job_at is null;
create index messages_jobs on messages (job_at) where state in ('queued', 'held') and job_at is not null;
create index messages_leases on messages (lease_until) where state = 'sending';
create index messages_member on messages (tenant, member_id, accepted_at desc) where member_id is not null;
create index messages_campaign on messages (campaign_id, state) where campaign_id is not null;

-- What was cancelled: every message about it is suppressed when its turn comes.
create table cancelled_subjects (
  tenant text not null,
  subject text not null,
  cancelled_at timestamptz not null default now(),
  primary key (tenant, subject)
);

-- Addresses never to mail. Found by hash, so that an erased address can stay suppressed without being kept.
create table suppressions (
  tenant text not null,
  address_hash text not null,
  scope text not null check (scope in ('all', 'commercial')),
  reason text not null check (reason in ('hard-bounce', 'complaint', 'unsubscribe', 'erased', 'manual')),
  address text,
  suppressed_at timestamptz not null default now(),
  source text not null,
  primary key (tenant, address_hash, scope)
);

create table api_keys (
  prefix text primary key,
  key_hash text not null,
  tenant text not null,
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
