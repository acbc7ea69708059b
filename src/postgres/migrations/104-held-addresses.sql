-- Addresses in what is held and names nobody otherwise: who has one and is erased takes it along.
alter table held_events add column mentions text[];
update held_events set mentions = array(
  select distinct lower(found[1]) from regexp_matches(document::text, '([^\s"<>,;:()\\]+@[^\s"<>,;:()\\]+)', 'g') as found)
 where document ? 'payload' and not document ? 'memberId';
create index held_events_mentions on held_events using gin (mentions) where mentions is not null;
