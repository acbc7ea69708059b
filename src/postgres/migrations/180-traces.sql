-- Where a message was accepted, for whoever traces it from there to the mail server (W3C traceparent); null where nobody does.
alter table messages add column trace text
  check (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
