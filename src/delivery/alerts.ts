import type { Db } from '../postgres/pool.ts';
import { column, defineTable, type Row } from '../postgres/table.ts';

/** @public for the comparison with the table itself */
export const alerts = defineTable('alerts', {
  id: column.uuid(),
  /** `flow.paused`, `flow.resumed`, `source.down`, `source.up`. */
  type: column.text(),
  at: column.timestamp(),
  data: column.jsonb<Readonly<Record<string, unknown>>>(),
  /** How often it was tried before. */
  tries: column.integer(),
});
/** What somebody must be told. Says nothing about a person. */
export type Alert = Readonly<Row<typeof alerts>>;

/** Takes what is due to be told, and leaves it to whoever asked for a minute. */
export async function takeAlerts(db: Db, limit: number): Promise<Alert[]> {
  const { rows } = await db.query<Alert>({
    name: 'take-alerts',
    text: `
      with due as (select id from alerts where next_at <= now() order by at limit $1 for update skip locked)
      update alerts a set next_at = now() + interval '1 minute', tries = tries + 1 from due where a.id = due.id
      returning a.id, type, at, data, tries - 1 as tries`,
    values: [limit],
  });
  return rows;
}

/** It was told, or given up. */
export async function dropAlert(db: Db, id: string): Promise<void> {
  await db.query('delete from alerts where id = $1', [id]);
}

export async function tellLater(db: Db, id: string, seconds: number): Promise<void> {
  await db.query('update alerts set next_at = now() + make_interval(secs => $2) where id = $1', [
    id,
    seconds,
  ]);
}
