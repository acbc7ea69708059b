import { filedAfter } from '../message/rows/filed-since.ts';
import { column, defineTable, selected } from '../postgres/table.ts';

export const mailStats = defineTable('mail_stats', {
  hour: column.timestamp(),
  brand: column.text(),
  template: column.text(),
  campaign: column.text(),
  trigger: column.text(),
  what: column.text(),
  reason: column.text(),
  n: column.bigint(),
});

/** Its columns, the tenant's first: what `countedOf` gives, in its order. */
export const countColumns = `tenant, ${selected(mailStats)}`;

/** Messages counted anew: those of `source`, which has `tenant`, `hour` and the hour's end as `until`. */
export const countedOf = (source: string): string => `
  select h.tenant, h.hour, m.brand, m.template, coalesce(m.campaign_id::text, '') as campaign, coalesce(t.trigger, '') as trigger,
    m.state as what,
    case when m.state in ('suppressed', 'held', 'failed', 'quarantined', 'cancelled') then coalesce(m.reason, '') else '' end as reason,
    count(*) as n
  from ${source} h
  join messages m on m.tenant = h.tenant and m.accepted_at >= h.hour and m.accepted_at < h.until and ${filedAfter('h.hour')}
  left join trigger_firings t on t.message_id = m.id
  group by 1, 2, 3, 4, 5, 6, 7, 8`;
