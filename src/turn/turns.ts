import { cappedBy, type Caps } from '../decision/frequency.ts';
import type { Db } from '../postgres/pool.ts';
import { readRecent, type RecentKey } from './recent.ts';

/** A pace that a message keeps: its campaign's, its recipient's domain's. */
export type Pace = { readonly name: string; readonly intervalMs: number };

/** A message that was decided to be sent, and asks whether it is its turn. */
export type Ask = RecentKey & {
  readonly template: string;
  readonly paces: readonly Pace[];
  /** Null where neither its brand nor the member has any. */
  readonly caps: Caps | null;
  readonly now: Date;
};

/** When it goes; `capped` where another mail was faster, and it must be decided anew. */
export type Turn = Date | 'capped';

/** A turn that was not taken for so long is given anew: after a pause not all of them go at once. */
const missedMs = 60_000;

/**
 * Gives messages their turns, in one transaction: of two for the same member that would together be one too many, one gets it.
 * A message that has a turn keeps it.
 * @param db a transaction
 * @param templates the commercial ones
 */
export async function takeTurns(
  db: Db,
  asks: readonly Ask[],
  templates: readonly string[],
): Promise<Turn[]> {
  await lockMembers(db, asks);
  const known = await readTurns(db, asks);
  const isCapped = await openCaps(db, asks, templates);
  const turns = new Map<string, Turn>();
  const paced: Ask[] = [];
  for (const ask of asks) {
    const at = known.get(ask.messageId);
    if (at && at.getTime() > ask.now.getTime() - missedMs) turns.set(ask.messageId, at);
    else if (!at && isCapped(ask)) turns.set(ask.messageId, 'capped');
    else paced.push(ask);
  }
  for (const [id, at] of await keepPace(db, paced)) turns.set(id, at);
  await writeTurns(db, paced, turns);
  return asks.map(({ messageId }) => turns.get(messageId) ?? 'capped');
}

/** In one order, so that two transactions wait for each other instead of blocking each other. */
async function lockMembers(db: Db, asks: readonly Ask[]): Promise<void> {
  const members = asks
    .filter(({ caps }) => caps !== null)
    .map(({ tenant, memberId }) => `${tenant}\n${memberId}`);
  if (members.length === 0) return;
  await db.query({
    name: 'lock-members-turns',
    text: `select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(member, 170) as key from unnest($1::text[]) as member order by 1) as keys`,
    values: [members],
  });
}

async function readTurns(db: Db, asks: readonly Ask[]): Promise<Map<string, Date>> {
  const { rows } = await db.query<{ id: string; at: Date }>({
    name: 'read-turns',
    text: 'select message_id as id, at from send_turns where message_id = any($1::uuid[])',
    values: [asks.map(({ messageId }) => messageId)],
  });
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** Whether a cap keeps a message, with those of this batch that got their turn before it. */
async function openCaps(db: Db, asks: readonly Ask[], templates: readonly string[]) {
  const capped = asks.filter(({ caps }) => caps !== null);
  const recent = capped.length === 0 ? [] : await readRecent(db, capped, templates);
  const byMessage = new Map(capped.map(({ messageId }, n) => [messageId, recent[n] ?? []]));
  const given: Ask[] = [];
  return (ask: Ask): boolean => {
    if (ask.caps === null) return false;
    const others = given
      .filter((one) => one.tenant === ask.tenant && one.memberId === ask.memberId)
      .map(({ messageId, template }) => ({ messageId, template, at: null, hasTurn: true }));
    const ids = new Set(others.map(({ messageId }) => messageId));
    const all = [
      ...(byMessage.get(ask.messageId) ?? []).filter(({ messageId }) => !ids.has(messageId)),
      ...others,
    ];
    if (cappedBy(ask.caps, ask.template, all, ask.now)) return true;
    given.push(ask);
    return false;
  };
}

const keyOf = (tenant: string, { name }: Pace) => `${tenant}\n${name}`;

/** One after the other at each pace, and at the slower of two. */
async function keepPace(db: Db, asks: readonly Ask[]): Promise<Map<string, Date>> {
  const steps = new Map<string, { tenant: string; rate: string; step: number; count: number }>();
  for (const { tenant, paces } of asks)
    for (const pace of paces) {
      const step = steps.get(keyOf(tenant, pace));
      if (step) step.count += 1;
      else
        steps.set(keyOf(tenant, pace), {
          tenant,
          rate: pace.name,
          step: pace.intervalMs,
          count: 1,
        });
    }
  const [first] = asks;
  if (!first || steps.size === 0)
    return new Map(asks.map(({ messageId, now }) => [messageId, now]));
  const { rows } = await db.query<{ tenant: string; rate: string; from: Date }>({
    name: 'keep-pace',
    text: `
      insert into send_rates as r (tenant, rate, next_at)
      select tenant, rate, $2::timestamptz + step * count * interval '1 millisecond'
        from jsonb_to_recordset($1) as s(tenant text, rate text, step float8, count int) order by tenant, rate
      on conflict (tenant, rate) do update
        set next_at = greatest(r.next_at, $2) + (excluded.next_at - $2::timestamptz)
      returning tenant, rate, next_at - (
        select step * count * interval '1 millisecond' from jsonb_to_recordset($1) as s(tenant text, rate text, step float8, count int)
         where s.tenant = r.tenant and s.rate = r.rate) as from`,
    values: [JSON.stringify([...steps.values()]), first.now],
  });
  const next = new Map(
    rows.map(({ tenant, rate, from }) => [`${tenant}\n${rate}`, from.getTime()]),
  );
  return new Map(
    asks.map(({ messageId, tenant, paces, now }) => {
      const times = paces.map((pace) => {
        const at = next.get(keyOf(tenant, pace)) ?? now.getTime();
        next.set(keyOf(tenant, pace), at + pace.intervalMs);
        return at;
      });
      return [messageId, new Date(Math.max(now.getTime(), ...times))];
    }),
  );
}

async function writeTurns(
  db: Db,
  asks: readonly Ask[],
  turns: ReadonlyMap<string, Turn>,
): Promise<void> {
  const ids = asks.map(({ messageId }) => messageId);
  if (ids.length === 0) return;
  await db.query({
    name: 'write-turns',
    text: `insert into send_turns (message_id, at) select * from unnest($1::uuid[], $2::timestamptz[])
      on conflict (message_id) do update set at = excluded.at`,
    values: [ids, ids.map((id) => turns.get(id))],
  });
}

/** Turns of messages that have ended are of no use. Returns how many were removed. */
export async function forgetTurns(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    `delete from send_turns t where not exists (
       select from messages_open m where m.id = t.message_id and m.state in ('queued', 'held', 'sending'))`,
  );
  return rowCount ?? 0;
}
