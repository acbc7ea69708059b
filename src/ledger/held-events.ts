import { z } from 'zod';

import type { Problem } from '../core/errors.ts';
import type { Db } from '../postgres/pool.ts';
import {
  allBut,
  column,
  defineTable,
  nullable,
  quoted,
  recordOf,
  selected,
  stored,
} from '../postgres/table.ts';

/** An event that waits for its order, or that the ledger refused: neither applied nor lost. */
export type HeldEvent = {
  readonly source: string;
  readonly id: string;
  readonly connection: string;
  readonly orderId: string | null;
  readonly problems: readonly Problem[];
  /** Whom it names by an identity, in the form under which identities are known. */
  readonly canonical: string | null;
  /** Addresses in what nobody understood and names no member: whoever has one of them may be whom it is about. */
  readonly mentions?: readonly string[] | undefined;
  /** As the ledger takes it. */
  readonly event: Readonly<Record<string, unknown>>;
};

/** What is held of the accounts `$2` of the tenant `$1`: of their ids, their identities and addresses, their orders. */
export const heldOfAccounts = `
  select source, id from laurel.held_events where tenant = $1 and document ->> 'memberId' = any($2)
  union
  select w.source, w.id from laurel.identities i
    join laurel.held_events w on w.tenant = i.tenant and w.canonical = i.canonical
   where i.tenant = $1 and i.member_id = any($2)
  union
  select w.source, w.id from laurel.identities i
    join laurel.held_events w on w.tenant = i.tenant and w.mentions @> array[i.canonical]
   where i.tenant = $1 and i.member_id = any($2) and i.kind = 'email'
  union
  select w.source, w.id from laurel.purchases p
    join laurel.held_events w on w.tenant = p.tenant and w.order_id = p.order_id
   where p.tenant = $1 and p.member_id = any($2)`;

/** @public for the comparison with the table itself */
export const heldEvents = defineTable('held_events', {
  source: column.text(),
  id: column.text(),
  connection: column.text(),
  orderId: nullable(column.text()),
  problems: column.jsonb<readonly Problem[]>(),
  canonical: nullable(column.text()),
  document: column.jsonb<HeldEvent['event']>(),
  mentions: nullable(column.textArray()),
});
const Held = z.object({
  source: z.string(),
  id: z.string(),
  connection: z.string(),
  orderId: z.string().nullable(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  canonical: z.string().nullable(),
  event: z.record(z.string(), z.unknown()),
});
const columns = `${selected(allBut(heldEvents, 'document, mentions'))}, document as event`;

/**
 * Keeps events; one that is held already gets its newest problems. Of whom was erased nothing is kept: it would be ignored.
 * Those whose order never came are given up after 60 days.
 */
export async function holdEvents(
  db: Db,
  tenant: string,
  events: readonly HeldEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const unique = [...new Map(events.map((one) => [`${one.source}\n${one.id}`, one])).values()];
  await db.query(
    `with gone as (
       delete from laurel.held_events
        where tenant = $1 and order_id is not null and problems = '[]' and held_at < now() - interval '60 days')
     insert into laurel.held_events as h (tenant, ${stored(heldEvents)})
     select $1, ${quoted(heldEvents)} from jsonb_to_recordset($2::jsonb) as told (${recordOf(heldEvents)})
      where not exists (select from laurel.members where tenant = $1 and status = 'erased' and member_id = document ->> 'memberId')
        and not exists (select from laurel.suppressions where tenant = $1 and reason = 'erased'
                           and address_hash in (
                             select encode(sha256(convert_to(named, 'UTF8')), 'hex') from (
                               select told.canonical as named
                               union all select unnest(told.mentions)) as all_named))
     on conflict (tenant, source, id) do update set problems = excluded.problems, document = excluded.document,
       canonical = excluded.canonical, mentions = coalesce(excluded.mentions, h.mentions)`,
    [tenant, JSON.stringify(unique.map(({ event, ...one }) => ({ ...one, document: event })))],
  );
}

/** What is held for these orders, the oldest first. */
export async function heldForOrders(
  db: Db,
  tenant: string,
  orderIds: readonly string[],
): Promise<HeldEvent[]> {
  if (orderIds.length === 0) return [];
  const { rows } = await db.query(
    `select ${columns} from laurel.held_events where tenant = $1 and order_id = any($2) order by held_at, id`,
    [tenant, orderIds],
  );
  return z.array(Held).parse(rows);
}

/** All that is held, the oldest first. */
export async function listHeld(db: Db, tenant: string, limit: number): Promise<HeldEvent[]> {
  const { rows } = await db.query(
    `select ${columns} from laurel.held_events where tenant = $1 order by held_at, id limit $2`,
    [tenant, limit],
  );
  return z.array(Held).parse(rows);
}

/** Forgets events that were applied, or that nobody wants. @returns how many were held */
export async function releaseHeld(
  db: Db,
  tenant: string,
  events: readonly Pick<HeldEvent, 'source' | 'id'>[],
): Promise<number> {
  if (events.length === 0) return 0;
  const { rowCount } = await db.query(
    `delete from laurel.held_events h using unnest($2::text[], $3::text[]) as done (source, id)
      where h.tenant = $1 and h.source = done.source and h.id = done.id`,
    [tenant, events.map(({ source }) => source), events.map(({ id }) => id)],
  );
  return rowCount ?? 0;
}
