-- Orders can be edited after they were placed, and what is told of one comes in any order. So what was given back is kept
-- beside the order as it is: units by product, and money, whatever the lines and the total are at the moment.
alter table purchases
  -- The time of the newest edit that was told; null where there was none.
  add column changed_at timestamptz,
  -- Money paid back in all; `refunded` is what of it the total covers.
  add column paid_back bigint not null default 0,
  -- [[productId, units]], in the order they came back.
  add column returned jsonb not null default '[]';
update purchases set paid_back = refunded where refunded <> 0;
update purchases p set returned = l.returned
  from (select tenant, order_id, jsonb_agg(jsonb_build_array(product_id, units) order by first) as returned
          from (select tenant, order_id, product_id, sum(refunded_quantity) as units, min(n) as first
                  from purchase_lines where refunded_quantity > 0 group by tenant, order_id, product_id) as products
         group by tenant, order_id) as l
 where l.tenant = p.tenant and l.order_id = p.order_id;

-- Erasure finds what was redeemed and what waits by member, however much others have of it.
drop index point_redemptions_member;
create index point_redemptions_member on point_redemptions (tenant, member_id);
create index waiting_events_member on waiting_events (tenant, member_id);
