import type pg from 'pg';

import { codeOf } from '../core/code-of.ts';
import { TemporaryError } from '../core/errors.ts';
import { wakeWaiting } from '../message/rows/waiting.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { retry } from '../postgres/retry.ts';
import type { BrandOf, EventResult } from './batch.ts';
import { loadKnown } from './context.ts';
import type { LedgerEvent } from './events.ts';
import { countFrozenFiguresAgain } from './figures/frozen-figures.ts';
import { rootOf } from './identity/accounts.ts';
import { eraseAccount } from './identity/erase.ts';
import { parseEvent, plan } from './plan.ts';
import { project } from './project.ts';
import { noteForTriggers } from './trigger-inbox.ts';
import { write } from './write.ts';

/** Another batch was first: with what it left behind, the same events are planned again. */
const raced = new Set(['23505', '40001', '40P01']);
const attempts = 12;
/** Milliseconds before the next attempt, times a random number up to 1: doubled each time, up to the longest. */
const pauses = { first: 5, longest: 500 } as const;

/**
 * Applies events in their order, in one transaction: what they tell is stored, and the profiles of their members are
 * projected anew, or nothing is. One result an event, in the same order. An event seen before, by `(source, id)`, changes
 * nothing; one that is wrong is refused by field, stores nothing, and doesn't keep the others from being applied.
 * Cancelled orders and subjects are entered in `cancelled_subjects` in the same transaction.
 * @param now what is said to happen more than a day after it is refused: taken for true, it would make her profile that of
 * a time that hasn't come. Left out: anything goes.
 * @param lockMs milliseconds it may wait for rows that somebody else has locked, else Postgres' 55P03; as long as it takes when
 * left out
 * @throws TemporaryError `ledger-busy` when other batches kept changing the same members; database errors as they are.
 */
export async function applyEvents(
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  events: readonly unknown[],
  now?: Date,
  lockMs: number | null = null,
): Promise<EventResult[]> {
  const parsed = events.map((event) => parseEvent(event, now));
  const good = parsed.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
  const results = good.length > 0 ? await applyParsed(pool, tenant, brandOf, good, lockMs) : [];
  let next = 0;
  return parsed.map((one) => {
    const result = one.kind === 'event' ? results[next++] : one.result;
    if (!result) throw new RangeError('an event without a result');
    return result;
  });
}

/** Applies events that were checked already. */
export const applyParsed = (
  pool: pg.Pool,
  tenant: string,
  brandOf: BrandOf,
  events: readonly LedgerEvent[],
  lockMs: number | null = null,
): Promise<EventResult[]> =>
  retried(() =>
    transaction(pool, async (db) => {
      if (lockMs !== null) await db.query(`set local lock_timeout = ${Math.ceil(lockMs)}`);
      return applyIn(db, tenant, brandOf, events);
    }),
  );

const hasRaced = (error: unknown) => raced.has(codeOf(error));

/**
 * Does work on the ledger again that lost against other work on the same members.
 * @throws TemporaryError `ledger-busy` when it kept losing; other errors as they are.
 */
export async function retried<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await retry(
      work,
      hasRaced,
      attempts,
      (attempt) => Math.random() * Math.min(pauses.first * 2 ** attempt, pauses.longest),
    );
  } catch (cause) {
    if (!hasRaced(cause)) throw cause;
    const message = 'other events of the same members kept coming first';
    throw new TemporaryError('ledger-busy', message, { cause });
  }
}

/** Applies one event within a transaction of the caller's. */
export async function applyWithin(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  event: unknown,
): Promise<EventResult> {
  const parsed = parseEvent(event);
  if (parsed.kind === 'refused') return parsed.result;
  const [result] = await applyIn(db, tenant, brandOf, [parsed.event]);
  if (!result) throw new RangeError('an event without a result');
  return result;
}

/** The same within a transaction of the caller's. */
export async function applyIn(
  db: Db,
  tenant: string,
  brandOf: BrandOf,
  events: readonly LedgerEvent[],
): Promise<EventResult[]> {
  const known = await loadKnown(db, tenant, events, brandOf);
  const { results, writes } = plan(events, known, brandOf);
  await write(db, tenant, known, writes);
  for (const memberId of writes.erased) {
    const brand = brandOf(known.members.get(memberId)?.brand ?? '');
    await eraseAccount(db, tenant, memberId, brand?.timeZone ?? 'UTC');
  }
  const accounts = [...writes.members].map((id) => [id, rootOf(known, id).memberId] as const);
  await project(db, tenant, new Map(accounts), brandOf);
  if (writes.spans.length > 0)
    await countFrozenFiguresAgain(db, tenant, new Map(accounts), brandOf);
  await noteForTriggers(db, tenant, writes.events, { known, brandOf });
  await wakeWaiting(db, tenant, writes.events);
  return results;
}

/** Which of these events were applied: what a message waits for that must show its own purchase's points. */
export async function appliedEvents(
  db: Db,
  keys: readonly { readonly tenant: string; readonly source: string; readonly id: string }[],
): Promise<boolean[]> {
  const { rows } = await db.query<{ applied: boolean }>({
    name: 'applied-events',
    text: `select e.id is not null as applied
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as k (tenant, source, id, n)
       left join laurel.events e on e.tenant = k.tenant and e.source = k.source and e.id = k.id order by n`,
    values: [
      keys.map(({ tenant }) => tenant),
      keys.map(({ source }) => source),
      keys.map(({ id }) => id),
    ],
  });
  return rows.map(({ applied }) => applied);
}
