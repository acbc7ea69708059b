import { messageStates } from '../contract/message.ts';
import { filedAfter } from '../message/rows/filed-since.ts';
import type { Db } from '../postgres/pool.ts';
import { countColumns, countedOf } from './tables.ts';

/*
 * Hours, in their order:
 *
 *   seen ──counted, some of its messages still wait──▶ due again, later and later ──all have ended──▶ kept (due_at is null)
 *     ▲──────────────────── a message of it is put back in line (a trigger of the table) ─────────────────┘
 */

/** Counted again after this part of its age, but not before a minute has passed. */
const againAfter = 1 / 8;
/** An hour in which something came to an end within so many minutes is looked at once more: it may yet be taken back. */
const settledMinutes = 15;

/** Notes hours in which messages were accepted since the last one known, of every tenant. */
async function seeHours(db: Db): Promise<void> {
  await db.query({
    name: 'see-stat-hours',
    text: `
      with recursive tenants as (
        (select tenant from messages order by tenant limit 1)
        union all
        select n.tenant from tenants t cross join lateral (
          select m.tenant from messages m where m.tenant > t.tenant order by m.tenant limit 1) n
      ), hours as (
        select t.tenant, f.hour from tenants t cross join lateral (
          select date_trunc('hour', m.accepted_at, 'UTC') as hour from messages m
           where m.tenant = t.tenant and m.accepted_at >= coalesce(
             (select max(k.hour) + interval '1 hour' from mail_stat_hours k where k.tenant = t.tenant), '-infinity')
           order by m.accepted_at limit 1) f
        union all
        select h.tenant, n.hour from hours h cross join lateral (
          select date_trunc('hour', m.accepted_at, 'UTC') as hour from messages m
           where m.tenant = h.tenant and m.accepted_at >= h.hour + interval '1 hour' order by m.accepted_at limit 1) n)
      insert into mail_stat_hours (tenant, hour, due_at) select tenant, hour, hour from hours on conflict do nothing`,
  });
}

/**
 * Counts the next hour that is due, and says whether there was one.
 * @param db a transaction
 */
async function countHour(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ tenant: string; hour: string }>({
    name: 'take-stat-hour',
    text: `select tenant, hour::text from mail_stat_hours where due_at <= now() order by due_at limit 1 for update skip locked`,
  });
  const [next] = rows;
  if (!next) return false;
  const { tenant, hour } = next;
  await db.query({
    name: 'forget-stat-hour',
    text: `delete from mail_stats where tenant = $1 and hour = $2 and what = any($3)`,
    values: [tenant, hour, messageStates],
  });
  await db.query({
    name: 'count-stat-hour',
    text: `
      with hour as (select $1::text as tenant, $2::timestamptz as hour, $2::timestamptz + interval '1 hour' as until),
      counted as (${countedOf('hour')}),
      kept as (
        insert into mail_stats (${countColumns}) select * from counted),
      latest as (
        select max(m.finished_at) as at from messages m, hour h
         where m.tenant = h.tenant and m.accepted_at >= h.hour and m.accepted_at < h.until and ${filedAfter('h.hour')})
      update mail_stat_hours set messages = coalesce((select sum(n) from counted), 0),
        due_at = case
          when exists (select from counted where what in ('queued', 'held', 'sending'))
            or now() < hour + interval '1 hour' + make_interval(mins => $3)
            or (select at from latest) > now() - make_interval(mins => $3)
          then now() + greatest(interval '1 minute', (now() - hour) * $4::float8) end
      where tenant = $1 and hour = $2`,
    values: [tenant, hour, settledMinutes, againAfter],
  });
  return true;
}

/**
 * Counts every hour that is due. Several processes may be at it.
 * @param transaction one for each hour
 * @returns how many were counted
 */
export async function countHours(
  transaction: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
  stop: AbortSignal,
): Promise<number> {
  await transaction(seeHours);
  let counted = 0;
  while (!stop.aborted && (await transaction(countHour))) counted += 1;
  return counted;
}
