import { maskAddress } from '../members/mask.ts';
import type { Db } from '../postgres/pool.ts';
import {
  column,
  defineTable,
  nullable,
  only,
  readRows,
  type Row,
  selected,
} from '../postgres/table.ts';
import type { Endpoint } from './endpoints.ts';

/*
 * What an endpoint is to be told:
 *
 *   waiting ──claimed, posted──▶ delivered
 *      ▲  │ no 2xx: later, and later still, for about three days
 *      │  ▼
 *      └─ dead ──sent again by hand──▶ waiting
 *
 * Of one subject only the first that waits is claimed, so that none overtakes another. A dead one holds nobody up. A process
 * that dies after posting and before writing that down leaves its claim to run out: the same webhook-id is posted again.
 */

export const deliveryStates = ['waiting', 'delivered', 'dead'] as const;

/** @public for the comparison with the table itself */
export const deliveries = defineTable('webhook_deliveries', {
  id: column.bigint(),
  webhookId: column.text(),
  endpoint: column.text(),
  type: column.text(),
  subject: column.text(),
  memberId: nullable(column.text()),
  data: column.jsonb<Readonly<Record<string, unknown>>>(),
  at: column.timestamp(),
  state: column.text<(typeof deliveryStates)[number]>(),
  tries: column.integer(),
  nextAt: column.timestamp(),
  problem: nullable(column.text()),
  endedAt: nullable(column.timestamp()),
});
type Delivery = Row<typeof deliveries>;

const claimed = only(deliveries, 'id, webhookId, type, memberId, data, at, tries');
/** One to be posted now; the address it is about, where there is one and it is still known. */
export type Claimed = Row<typeof claimed> & { readonly address: string | null };

/** Claims what an endpoint is due to be told, the first of each subject. */
export async function claimDeliveries(
  db: Db,
  { tenant, name }: Pick<Endpoint, 'tenant' | 'name'>,
  { limit, leaseSeconds }: { readonly limit: number; readonly leaseSeconds: number },
): Promise<Claimed[]> {
  const { rows } = await db.query<Claimed>({
    name: 'claim-webhook-deliveries',
    text: `
      with due as (
        select id from laurel.webhook_deliveries d
         where tenant = $1 and endpoint = $2 and state = 'waiting' and next_at <= now()
           and (claimed_until is null or claimed_until < now())
           and not exists (
             select from laurel.webhook_deliveries e
              where e.tenant = d.tenant and e.endpoint = d.endpoint and e.state = 'waiting' and e.subject = d.subject and e.id < d.id)
         order by next_at, id limit $3 for update skip locked
      ), claimed as (
        update laurel.webhook_deliveries d set claimed_until = now() + make_interval(secs => $4), tries = tries + 1
          from due where d.id = due.id
        returning d.*)
      select ${selected(claimed)},
        case split_part(type, '.', 1)
          when 'message' then (select coalesce(m.sent_to, m.email) from laurel.messages m where m.id = (c.data ->> 'messageId')::uuid)
          when 'suppression' then (select max(s.address) from laurel.suppressions s
            where s.tenant = c.tenant and s.address_hash = c.data ->> 'addressHash') end as address
        from claimed c order by id`,
    values: [tenant, name, limit, leaseSeconds],
  });
  return rows;
}

/** What is posted: ids, and the address masked unless the endpoint is to have it. The same at every attempt, but for what was erased meanwhile. */
export function bodyOf(
  { type, at, data, memberId, address }: Claimed,
  { personalData }: Pick<Endpoint, 'personalData'>,
): string {
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: {
      ...data,
      ...(memberId !== null && { memberId }),
      ...(address !== null && { address: personalData ? address : maskAddress(address) }),
    },
  });
}

export type Posted =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'later'; readonly seconds: number; readonly problem: string }
  | { readonly kind: 'dead'; readonly problem: string };

/** Writes down what became of attempts, in one statement. */
export async function recordPosted(
  db: Db,
  posted: readonly (Pick<Claimed, 'id'> & { readonly outcome: Posted })[],
): Promise<void> {
  if (posted.length === 0) return;
  await db.query({
    name: 'record-webhook-deliveries',
    text: `
      update laurel.webhook_deliveries d
         set state = case r.kind when 'later' then 'waiting' else r.kind end, claimed_until = null, problem = r.problem,
             next_at = case r.kind when 'later' then now() + make_interval(secs => r.seconds) else d.next_at end,
             ended_at = case when r.kind <> 'later' then now() end
        from jsonb_to_recordset($1) as r(id bigint, kind text, seconds float8, problem text)
       where d.id = r.id and d.state = 'waiting'`,
    values: [JSON.stringify(posted.map(({ id, outcome }) => ({ id, ...outcome })))],
  });
}

/** What the receivers were told, or are yet to be; the latest first. */
export async function listDeliveries(
  db: Db,
  tenant: string,
  {
    state,
    endpoint,
    limit,
  }: {
    readonly state?: Delivery['state'] | undefined;
    readonly endpoint?: string | undefined;
    readonly limit: number;
  },
): Promise<Delivery[]> {
  return readRows(
    db,
    deliveries,
    `where tenant = $1 and ($2::text is null or state = $2) and ($3::text is null or endpoint = $3)
      order by id desc limit $4`,
    [tenant, state ?? null, endpoint ?? null, limit],
  );
}

/** Makes dead ones wait again, as if never tried: those with these webhook ids, or all. Returns how many. */
export async function resendDead(
  db: Db,
  tenant: string,
  ids: readonly string[] | 'all',
): Promise<number> {
  const { rowCount } = await db.query(
    `update laurel.webhook_deliveries set state = 'waiting', tries = 0, next_at = now(), ended_at = null, claimed_until = null
      where tenant = $1 and state = 'dead' and ($2::text[] is null or webhook_id = any($2))`,
    [tenant, ids === 'all' ? null : ids],
  );
  return rowCount ?? 0;
}

const keptDays = { delivered: 7, dead: 60 } as const;

/** Removes what was delivered or given up long ago, in small batches. Returns how many. */
export async function forgetDeliveries(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    `delete from laurel.webhook_deliveries where id in (
       select id from laurel.webhook_deliveries d
        where (state = 'delivered' and ended_at < now() - make_interval(days => $1))
           or (state = 'dead' and ended_at < now() - make_interval(days => $2))
           -- For whom the file doesn't name any more.
           or (state = 'waiting' and at < now() - make_interval(days => $2) and not exists (
             select from laurel.webhook_endpoints e where e.tenant = d.tenant and e.name = d.endpoint)) limit 5000)`,
    [keptDays.delivered, keptDays.dead],
  );
  return rowCount ?? 0;
}
