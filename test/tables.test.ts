import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { column, columnName, defineTable, type Table } from '../src/postgres/table.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';

/** What the migrations made, by `information_schema`'s neighbour: pg_attribute names array types as we do. */
type Made = Map<string, Map<string, { type: string; required: boolean; filled: boolean }>>;

let database: FreshDatabase;
let made: Made;
let described: readonly Table[];
let definitions: number;

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && 'table' in value && 'columns' in value;

beforeAll(async () => {
  database = await freshDatabase();
  const { rows } = await database.pool.query<{
    table: string;
    name: string;
    type: string;
    required: boolean;
    filled: boolean;
  }>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
            a.atthasdef or a.attidentity <> '' as filled
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'laurel'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped`,
  );
  made = new Map();
  for (const { table, name, ...rest } of rows)
    made.set(table, (made.get(table) ?? new Map()).set(name, rest));
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join('src', file))
    .map((file) => ({ file, uses: readFileSync(file, 'utf8').match(/= defineTable\(/g)?.length }))
    .filter(({ uses }) => uses !== undefined);
  definitions = files.reduce((sum, { uses = 0 }) => sum + uses, 0);
  const modules = await Promise.all(
    files.map(({ file }): Promise<object> => import(pathToFileURL(resolve(file)).href)),
  );
  described = modules.flatMap((one) => Object.values(one).filter(isTable));
});
afterAll(() => database.close());

/** In what a description differs from the table. */
function differences({ table, columns }: Table): string[] {
  const real = made.get(table);
  if (!real) return [`there is no table laurel.${table}`];
  const known = new Set(['tenant', ...Object.keys(columns).map(columnName)]);
  return [
    ...Object.entries(columns).flatMap(([name, { type, nullable }]) => {
      const one = real.get(columnName(name));
      if (!one) return [`laurel.${table} has no column ${columnName(name)}`];
      return [
        ...(one.type === type ? [] : [`${table}.${name} is ${one.type}, not ${type}`]),
        ...(one.required !== nullable
          ? []
          : [`${table}.${name} may${nullable ? ' not' : ''} be null`]),
      ];
    }),
    ...[...real]
      .filter(([name, { required, filled }]) => required && !filled && !known.has(name))
      .map(([name]) => `${table} needs ${name}, which isn't described`),
  ];
}

it('every description is of the table that the migrations make', () => {
  expect(described).toHaveLength(definitions);
  expect(described.length).toBeGreaterThanOrEqual(38);
  expect(described.flatMap(differences)).toEqual([]);
});

/** Each is known to one place of the code, whole: keys of others, counters, how far something came. */
const undescribed =
  'campaign_audience campaign_counts campaign_exclusions campaign_group_members campaign_moves catalogue_versions mail_stat_hours message_weeks migration_steps migrations offers pool_alerts pool_code_messages products profiles retention_progress send_rates send_turns source_outages spend_quantiles template_files template_versions trigger_pauses trigger_scans';

it('every table is described, but for some small ones', () => {
  const named = new Set(described.map(({ table }) => table));
  const others = [...made.keys()].filter((name) => !named.has(name));
  expect(others.toSorted().join(' ')).toBe(undescribed);
});

it('finds a wrong table, column, type, null and a column that is left out', () => {
  const wrong = [
    defineTable('purchasez', { orderId: column.text() }),
    defineTable('coupons', { memberId: column.text(), code: column.text(), ofer: column.text() }),
    defineTable('bonuses', {
      memberId: column.text(),
      bonusId: column.text(),
      points: column.text(),
    }),
    defineTable('reward_claims', { memberId: column.text() }),
  ];
  expect(wrong.flatMap(differences)).toEqual([
    'there is no table laurel.purchasez',
    'laurel.coupons has no column ofer',
    'bonuses.points is bigint, not text',
    'bonuses.points may be null',
    `reward_claims needs reward_id, which isn't described`,
    `reward_claims needs claimed_at, which isn't described`,
  ]);
});
