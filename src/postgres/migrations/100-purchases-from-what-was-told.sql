-- A purchase and its points follow from all that was told of it, in order of time, whatever the order of arrival: so a
-- purchase names its events, and what a late one makes wrong is written anew.
alter table purchases
  -- [[source, id]] of every event about it, in the order they came, also from before it was placed.
  add column told jsonb not null default '[]';

alter table purchase_lines
  -- What the source calls the line; null where it doesn't say.
  add column line_id text;

alter table points_entries
  -- The event it follows from, of those about a purchase: another one of these can have made it be written. Null: the one
  -- of its version.
  add column source text,
  add column id text,
  -- Of what is taken back: what isn't there any more is written off rather than owed.
  add column floors boolean not null default false;

-- Movements that a late event replaced by others, and the version of the account with which it did. They count no more, and
-- stay to be read.
create table replaced_entries (like points_entries including defaults including constraints);
alter table replaced_entries add column replaced_by bigint not null, add primary key (tenant, member_id, ledger_version, n);

insert into purchases (tenant, order_id, state)
select distinct tenant, order_id, 'cancelled' from waiting_events on conflict do nothing;
drop table waiting_events;
insert into purchases (tenant, order_id, state)
select distinct tenant, coalesce(document ->> 'orderId', document ->> 'bookingId'), 'cancelled' from events
 where type in ('order.cancelled', 'booking.cancelled') and member_id is null and document is not null
on conflict do nothing;
update purchases p set told = e.told
  from (select tenant, coalesce(document ->> 'orderId', document ->> 'bookingId') as order_id,
               jsonb_agg(jsonb_build_array(source, id) order by seq) as told
          from events where type ~ '^(order|booking)\.' and document is not null group by 1, 2) as e
 where e.tenant = p.tenant and e.order_id = p.order_id;
-- What purchases gave and took names the event it comes from.
update points_entries e set source = v.source, id = v.id
  from events v
 where v.tenant = e.tenant and v.member_id = e.member_id and v.ledger_version = e.ledger_version
   and v.type ~ '^(order|booking)\.' and e.ref is not null;
update purchases set earning = jsonb_set(earning #- '{terms,told}', '{terms,external}', earning #> '{terms,told}')
 where earning -> 'terms' ? 'told';
