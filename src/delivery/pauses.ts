import type { PauseReason } from '../contract/flow.ts';
import { dueChannel } from '../message/rows/due-channel.ts';
import type { Db } from '../postgres/pool.ts';
import { allBut, column, defineTable, nullable, type Row, selected } from '../postgres/table.ts';

/*
 * A flow is what messages go through: a template, or the transport. Its life:
 *
 *   going ──fails for many──▶ paused ──after a while──▶ one message is let through ──it works──▶ going
 *     │                         ▲                          │
 *     └──by hand──▶ paused      └──it fails: wait longer───┘
 *                     └──by hand──▶ going
 *
 * Messages of a paused flow are held and cost no try. Those whose failures brought the pause about are held, too, once.
 */

/** Whose flow it is where it is everybody's. */
export const everybody = '*';

/** @public for the comparison with the table itself */
export const pauses = defineTable('pauses', {
  /** `*`: everybody's. */
  tenant: column.text(),
  flow: column.text(),
  by: column.text<'failures' | 'hand'>(),
  why: column.text(),
  since: column.timestamp(),
  /** When one message is let through; null when only a person resumes it. */
  probeAt: nullable(column.timestamp()),
  /** The message that is let through. */
  probeId: nullable(column.uuid()),
  /** Messages that failed and are held instead: the transport refused everybody. */
  messagesTakenBack: column.integer(),
  /** Addresses that came on the suppression list by that, and are off it again. */
  suppressionsUndone: column.integer(),
});
export type Pause = Readonly<Row<typeof pauses>>;

/** Names a flow. */
export type FlowKey = Pick<Pause, 'tenant' | 'flow'>;

/** Everything that is paused. */
export async function readPauses(db: Db): Promise<Pause[]> {
  const { rows } = await db.query<Pause>({
    name: 'read-pauses',
    text: `select ${selected(pauses)} from pauses order by since, flow`,
  });
  return rows;
}

export async function findPause(db: Db, { tenant, flow }: FlowKey): Promise<Pause | null> {
  const { rows } = await db.query<Pause>({
    name: 'find-pause',
    text: `select ${selected(pauses)} from pauses where tenant = $1 and flow = $2`,
    values: [tenant, flow],
  });
  return rows[0] ?? null;
}

const shown = allBut(pauses, 'tenant, probeId');
export type PausedFlow = Readonly<Row<typeof shown>> & {
  /** Messages of the tenant that wait for it. */
  readonly held: number;
};

/** What of a tenant's flows is paused, and how many of its messages wait. */
export async function listPausedFlows(db: Db, tenant: string): Promise<PausedFlow[]> {
  const { rows } = await db.query<PausedFlow>(
    `select ${selected(shown)}, (
       select count(*)::int from messages_open m
        where m.state = 'held' and m.tenant = $1 and m.reason = split_part(p.flow, ':', 1) || '-paused'
          and (p.flow like 'transport:%' or p.flow = 'template:' || m.template)) as held
     from pauses p where tenant in ($1, $2) order by since, flow`,
    [tenant, everybody],
  );
  return rows;
}

/**
 * Pauses a flow, and leaves word for whoever is to be told. By hand also what has paused itself, so that it stays so.
 * @param why for people; must say nothing about a person
 * @param probeSeconds when one message is let through; null: never
 * @returns false when it was paused already
 */
export async function pauseFlow(
  db: Db,
  { tenant, flow }: FlowKey,
  { by, why, probeSeconds }: Pick<Pause, 'by' | 'why'> & { readonly probeSeconds: number | null },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with paused as (
       insert into pauses as p (tenant, flow, by, why, probe_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))
       on conflict (tenant, flow) do update set by = excluded.by, why = excluded.why, probe_at = null, probe_id = null
         where excluded.by = 'hand' and p.by <> 'hand'
       returning *)
     insert into alerts (type, data)
     select 'flow.paused', jsonb_build_object('tenant', tenant, 'flow', flow, 'by', by, 'why', why) from paused`,
    [tenant, flow, by, why, probeSeconds],
  );
  return rowCount === 1;
}

/** By hand, or because `probe` went through. Returns false when it isn't paused, or not by that probe's leave. */
export async function resumeFlow(
  db: Db,
  { tenant, flow }: FlowKey,
  probe: string | null = null,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with resumed as (
       delete from pauses where tenant = $1 and flow = $2 and ($3::uuid is null or probe_id = $3) returning *)
     insert into alerts (type, data)
     select 'flow.resumed', jsonb_build_object('tenant', tenant, 'flow', flow,
       'by', case when $3::uuid is null then 'hand' else 'probe' end, 'pausedAt', since)
       || case when flow like 'transport:%' then jsonb_build_object('messagesTakenBack', messages_taken_back,
            'suppressionsUndone', suppressions_undone) else '{}' end from resumed`,
    [tenant, flow, probe],
  );
  return rowCount === 1;
}

/** The longest wait between two probes. */
const longestProbeSeconds = 600;

/** A message that was let through says nothing good: it failed (then the next one waits longer), or never got that far. */
export async function endProbe(
  db: Db,
  { tenant, flow }: FlowKey,
  probe: string,
  outcome: { readonly failed: boolean; readonly probeSeconds: number },
): Promise<void> {
  await db.query(
    `update pauses set probe_id = null, probes = probes + $4,
       probe_at = now() + make_interval(secs => case when $4 = 1 then least($6, $5 * 2 ^ least(probes + 1, 20)) else 0 end)
     where tenant = $1 and flow = $2 and probe_id = $3 and by = 'failures'`,
    [tenant, flow, probe, outcome.failed ? 1 : 0, outcome.probeSeconds, longestProbeSeconds],
  );
}

/**
 * Lets one waiting message of every paused flow whose time has come through: one that hasn't failed in it yet, where there
 * is one. If nothing comes of it, another follows after `probeSeconds`. Returns how many.
 */
export async function startProbes(db: Db, probeSeconds: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'start-probes',
    text: `
      with due as (
        select tenant, flow from pauses where probe_at <= now() for update skip locked
      ), chosen as (
        select due.tenant, due.flow, m.id from due cross join lateral (
          select id from messages_open
           where state = 'held' and reason = 'template-paused' and tenant = due.tenant and due.flow = 'template:' || template
           order by excused, claims, next_at limit 1) m
        union all
        select due.tenant, due.flow, m.id from due cross join lateral (
          select id from messages_open where state = 'held' and reason = 'transport-paused' and due.flow like 'transport:%'
           order by excused, claims, next_at limit 1) m
      ), let_through as (
        update pauses p set probe_id = chosen.id, probe_at = now() + make_interval(secs => $1)
          from chosen where p.tenant = chosen.tenant and p.flow = chosen.flow returning chosen.id
      ), due_now as (
        update messages_open m set next_at = now(), job_at = null from let_through where m.id = let_through.id and m.state = 'held'
        returning m.id)
      select id, pg_notify($2, '') from due_now`,
    values: [probeSeconds, dueChannel],
  });
  return rowCount ?? 0;
}

/** A worker that has just started may bring what was wrong in order: what paused itself is tried at once. */
export async function probeSoon(db: Db): Promise<void> {
  await db.query(`update pauses set probe_at = now() where probe_at > now() and probe_id is null`);
}

/**
 * Holds messages whose failure is taken to be their template's; `requeueRefused` is the same for the transport. Left out are those that were excused before, unless the flow is
 * known to be paused: then nothing can be said of any of them.
 * @param holdSeconds a safety net: they become due when the flow is resumed
 */
export async function excuse(
  db: Db,
  ids: readonly string[],
  { again, holdSeconds }: { readonly again: boolean; readonly holdSeconds: number },
): Promise<number> {
  const reason: PauseReason = 'template-paused';
  const { rowCount } = await db.query(
    `update messages_open set state = 'held', reason = $2, excused = true, finished_at = null, token = null, job_at = null,
       next_at = now() + make_interval(secs => $3), tries = 0
     where id = any($1::uuid[]) and state = 'quarantined' and (not excused or $4) and emptied_at is null`,
    [ids, reason, holdSeconds, again],
  );
  return rowCount ?? 0;
}

/** Makes messages due whose flow goes again, up to `limit` at a time. Returns how many. */
export async function releaseHeld(db: Db, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'release-held',
    text: `
      with free as (
        select id from messages_open m
         where state = 'held' and reason in ('template-paused', 'transport-paused') and next_at > now()
           and not exists (select from pauses p where case m.reason
             when 'template-paused' then p.tenant = m.tenant and p.flow = 'template:' || m.template
             else p.flow like 'transport:%' end)
         limit $1 for update skip locked
      ), released as (
        update messages_open m set next_at = now(), job_at = null from free where m.id = free.id returning m.id)
      select count(*)::int, case when count(*) > 0 then pg_notify($2, '') end from released having count(*) > 0`,
    values: [limit, dueChannel],
  });
  return rowCount ?? 0;
}
