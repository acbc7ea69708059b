alter table campaigns
  -- Of the audience, the share that is kept out to compare with: 0.1 is a tenth.
  add column holdout float8 not null default 0 check (holdout >= 0 and holdout < 1),
  -- The share that is written to first, and how far that is. making: its messages are being made. waiting: the others wait until
  -- they are released, by hand or by the gate. failed: the gate didn't let them through. released: they are made as well.
  add column pilot float8 check (pilot > 0 and pilot < 1),
  add column pilot_state text check (pilot_state in ('making', 'waiting', 'failed', 'released')),
  -- When all the pilot's messages were made.
  add column pilot_made_at timestamptz,
  -- Figures that let the others through, where a person need not.
  add column gate jsonb,
  add check ((pilot is null) = (pilot_state is null)),
  add check (gate is null or pilot is not null);
