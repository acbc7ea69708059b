-- What mail programs and providers told of mails after they were handed over. Addresses are kept as their hash alone.
create table delivery_feedback (
  tenant text not null,
  -- The connection it came by, or `report-mail`.
  source text not null,
  -- The event's, as the source names it.
  id text not null,
  kind text not null check (kind in ('delivered', 'delayed', 'soft-bounce', 'hard-bounce', 'complaint', 'unsubscribed', 'clicked')),
  at timestamptz not null,
  told_at timestamptz not null default now(),
  -- The message it is about, where that is certain.
  message_id uuid,
  address_hash text,
  -- What was said, without addresses.
  detail text,
  -- What proves a delivery and may be used once.
  proof text,
  primary key (tenant, source, id)
);
create index delivery_feedback_message on delivery_feedback (message_id) where message_id is not null;
create index delivery_feedback_address on delivery_feedback (tenant, address_hash, at) where address_hash is not null;
create unique index delivery_feedback_proof on delivery_feedback (tenant, source, proof) where proof is not null;
create index delivery_feedback_told on delivery_feedback (told_at);
