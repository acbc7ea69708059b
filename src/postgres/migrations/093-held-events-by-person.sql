-- Erasure finds what is held of somebody by her id, her orders, and her identities in every spelling.
alter table held_events add column canonical text;
update held_events set canonical =
  case document #>> '{identity,kind}'
    when 'email' then lower(trim(document #>> '{identity,value}'))
    when 'phone' then regexp_replace(document #>> '{identity,value}', '[^0-9+]', '', 'g')
    else upper(regexp_replace(document #>> '{identity,value}', '[[:space:]-]', '', 'g'))
  end
 where document #>> '{identity,value}' is not null;
create index held_events_member on held_events (tenant, (document ->> 'memberId'));
create index held_events_canonical on held_events (tenant, canonical) where canonical is not null;
