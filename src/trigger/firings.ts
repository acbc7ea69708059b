import type { Db } from '../postgres/pool.ts';
import {
  column,
  defineTable,
  nullable,
  only,
  quoted,
  recordOf,
  type Row,
  selected,
  stored,
} from '../postgres/table.ts';
import type { Facts } from './facts.ts';

/** @public for the comparison with the table itself */
export const triggerFirings = defineTable('trigger_firings', {
  tenant: column.text(),
  brand: column.text(),
  trigger: column.text(),
  /** The same for the same cause, however often it is seen. */
  cause: column.text(),
  /** Null: erased since. */
  memberId: nullable(column.text()),
  at: column.timestamp(),
  dueAt: column.timestamp(),
  state: column.text<'waiting' | 'fired' | 'skipped'>(),
  reason: nullable(column.text()),
  detail: nullable(column.text()),
  facts: nullable(column.jsonb<Facts>()),
  messageId: nullable(column.uuid()),
});
const noted = only(triggerFirings, 'tenant, brand, trigger, cause, memberId, at, dueAt, facts');
/** A cause of a trigger, before anything came of it. */
export type Cause = Readonly<Row<typeof noted>> & {
  readonly memberId: string;
  readonly facts: Facts;
};

/** Notes causes, each once. Returns how many were new. */
export async function noteCauses(db: Db, causes: readonly Cause[]): Promise<number> {
  if (causes.length === 0) return 0;
  const { rowCount } = await db.query({
    name: 'note-causes',
    text: `insert into trigger_firings (${stored(noted)}, state)
      select ${quoted(noted)}, 'waiting' from jsonb_to_recordset($1) as r(${recordOf(noted)})
      order by tenant, brand, trigger, cause
      on conflict do nothing`,
    values: [JSON.stringify(causes)],
  });
  return rowCount ?? 0;
}

/** Those whose turn it is and that nobody else works on, but for paused triggers', locked for the transaction. */
export async function takeDueCauses(db: Db, now: Date, most: number): Promise<Cause[]> {
  const { rows } = await db.query<Cause>({
    name: 'take-due-causes',
    text: `
      select ${selected(noted)} from trigger_firings f
      where state = 'waiting' and due_at <= $1 and member_id is not null
        and not exists (
          select from trigger_pauses p where (p.tenant, p.brand, p.trigger) = (f.tenant, f.brand, f.trigger))
      order by due_at limit $2 for update skip locked`,
    values: [now, most],
  });
  return rows;
}

/** What became of a cause. */
export type Ending =
  | { readonly state: 'fired'; readonly messageId: string }
  | { readonly state: 'skipped'; readonly reason: string; readonly detail?: string };

export async function endCause(db: Db, cause: Cause, ending: Ending): Promise<void> {
  await db.query({
    name: 'end-cause',
    text: `update trigger_firings set state = $5, reason = $6, detail = $7, message_id = $8, facts = null
      where tenant = $1 and brand = $2 and trigger = $3 and cause = $4`,
    values: [
      cause.tenant,
      cause.brand,
      cause.trigger,
      cause.cause,
      ending.state,
      ending.state === 'skipped' ? ending.reason : null,
      ending.state === 'skipped' ? (ending.detail ?? null) : null,
      ending.state === 'fired' ? ending.messageId : null,
    ],
  });
}

export type TriggerCounts = {
  readonly brand: string;
  readonly trigger: string;
  readonly waiting: number;
  readonly fired: number;
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly pausedAt: Date | null;
};

/** What became of the causes of each trigger of a tenant since an instant, and which are paused. */
export async function triggerCounts(db: Db, tenant: string, since: Date): Promise<TriggerCounts[]> {
  const { rows } = await db.query<TriggerCounts>(
    `with counted as (
       select brand, trigger, state, reason, count(*)::int as n from trigger_firings
        where tenant = $1 and noted_at >= $2 group by 1, 2, 3, 4
     ), named as (
       select brand, trigger from counted union select brand, trigger from trigger_pauses where tenant = $1)
     select brand, trigger,
       coalesce((select sum(n) from counted c where (c.brand, c.trigger) = (n.brand, n.trigger) and state = 'waiting'), 0)::int as waiting,
       coalesce((select sum(n) from counted c where (c.brand, c.trigger) = (n.brand, n.trigger) and state = 'fired'), 0)::int as fired,
       coalesce((select jsonb_object_agg(reason, n) from counted c
         where (c.brand, c.trigger) = (n.brand, n.trigger) and state = 'skipped'), '{}') as skipped,
       (select paused_at from trigger_pauses p where (p.tenant, p.brand, p.trigger) = ($1, n.brand, n.trigger)) as "pausedAt"
     from named n order by brand, trigger`,
    [tenant, since],
  );
  return rows;
}

/**
 * Holds back what a trigger would send, while its causes are noted; or lets it go on, and what waits and is too old by then is
 * skipped. Returns false where it was so before.
 */
export async function setTriggerPaused(
  db: Db,
  { tenant, brand, trigger }: Pick<Cause, 'tenant' | 'brand' | 'trigger'>,
  paused: boolean,
): Promise<boolean> {
  const { rowCount } = await db.query(
    paused
      ? 'insert into trigger_pauses (tenant, brand, trigger) values ($1, $2, $3) on conflict do nothing'
      : 'delete from trigger_pauses where tenant = $1 and brand = $2 and trigger = $3',
    [tenant, brand, trigger],
  );
  return rowCount === 1;
}
