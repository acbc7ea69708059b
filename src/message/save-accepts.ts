import type { Pool } from 'pg';
import { z } from 'zod';

import type { Brand } from '../brand/brand.ts';
import type { Template } from '../contract/template.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { insertAll, type NewRow } from '../postgres/table.ts';
import { acceptedBrands, acceptedTemplates } from './accepted-templates.ts';
import { subjectPatterns } from './subject-patterns.ts';

/** Writes down what this program accepts, for producers that have no templates; what it doesn't know any more goes. */
export async function saveAccepts(
  pool: Pool,
  templates: readonly Template[],
  brands: Iterable<Pick<Brand, 'id' | 'trades'>>,
): Promise<void> {
  const rows = templates.map((template) => ({
    name: template.name,
    trade: template.trade ?? null,
    schema: z.toJSONSchema(template.schema, { io: 'input', unrepresentable: 'any' }),
    about: subjectPatterns(template),
  }));
  const known = [...brands].map(({ id, trades }) => ({ id, trades }));
  await transaction(pool, async (db) => {
    // Programs that start at the same time write the same, one after the other.
    await db.query("select pg_advisory_xact_lock(hashtext('laurel accepted templates'))");
    await saveTemplates(db, rows);
    await saveBrands(db, known);
  });
}

async function saveTemplates(
  db: Db,
  rows: readonly NewRow<typeof acceptedTemplates>[],
): Promise<void> {
  await db.query(
    `${insertAll(acceptedTemplates)}
     on conflict (name) do update
       set trade = excluded.trade, schema = excluded.schema, about = excluded.about, saved_at = now()`,
    [JSON.stringify(rows)],
  );
  await db.query('delete from accepted_templates where name <> all($1)', [
    rows.map(({ name }) => name),
  ]);
}

async function saveBrands(db: Db, rows: readonly NewRow<typeof acceptedBrands>[]): Promise<void> {
  await db.query(
    `${insertAll(acceptedBrands)}
     on conflict (id) do update set trades = excluded.trades, saved_at = now()`,
    [JSON.stringify(rows)],
  );
  await db.query('delete from accepted_brands where id <> all($1)', [rows.map(({ id }) => id)]);
}
