-- What is paused: by itself because it fails for many, or by hand. Messages that would go through it wait.
create table pauses (
  -- '*': everybody's.
  tenant text not null,
  flow text not null,
  by text not null check (by in ('failures', 'hand')),
  -- For people. Says nothing about a person.
  why text not null,
  since timestamptz not null default now(),
  -- When one message is let through to see whether it works again; null when only a person resumes it.
  probe_at timestamptz,
  -- That message.
  probe_id uuid,
  -- Probes that failed, one after the other.
  probes int not null default 0,
  primary key (tenant, flow)
);

-- Its failure was taken to be its flow's fault, once: the next one is its own.
alter table messages add column excused boolean not null default false;

create index messages_paused on messages (reason, tenant, template, excused, claims)
  where state = 'held' and reason in ('template-paused', 'transport-paused');

-- What somebody must be told, until they were.
create table alerts (
  id uuid primary key default gen_random_uuid(),
  type text not null,
  at timestamptz not null default now(),
  data jsonb not null,
  tries int not null default 0,
  next_at timestamptz not null default now()
);
create index alerts_due on alerts (next_at);
