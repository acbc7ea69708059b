import { z } from 'zod';

import { InvalidInput } from '../../core/errors.ts';
import type { Db } from '../../postgres/pool.ts';
import { column, defineTable, readRows, type Row, selected } from '../../postgres/table.ts';
import { type Condition, parseCondition } from './condition.ts';

export const SegmentName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,99}$/,
    'must be lower-case letters, digits and hyphens: gold-lapsing',
  );

/** @public for the comparison with the table itself */
export const segments = defineTable('segments', {
  name: column.text(),
  brand: column.text(),
  conditions: column.jsonb<Condition>(),
  savedAt: column.timestamp(),
});
export type Segment = Readonly<Row<typeof segments>>;

type Key = { readonly tenant: string; readonly brand: string; readonly name: string };

/** Stores a segment under its name, in place of what that was. @throws InvalidInput naming each condition that can't be */
export async function saveSegment(db: Db, key: Key, conditions: unknown): Promise<Segment> {
  const { rows } = await db.query<Segment>(
    `insert into segments (tenant, brand, name, conditions) values ($1, $2, $3, $4)
     on conflict (tenant, brand, name) do update set conditions = excluded.conditions, saved_at = now()
     returning ${selected(segments)}`,
    [key.tenant, key.brand, key.name, JSON.stringify(parseCondition(conditions))],
  );
  const [saved] = rows;
  if (!saved) throw new Error('the segment was not stored');
  return saved;
}

export async function listSegments(db: Db, tenant: string): Promise<Segment[]> {
  return readRows(db, segments, 'where tenant = $1 order by brand, name', [tenant]);
}

export async function findSegment(db: Db, { tenant, brand, name }: Key): Promise<Segment | null> {
  const all = await listSegments(db, tenant);
  const found = all.find((one) => one.brand === brand && one.name === name);
  return found ? { ...found, conditions: parseCondition(found.conditions) } : null;
}

/** @throws InvalidInput naming the segments there are, where there is none of this name */
export async function requireSegment(db: Db, key: Key, path = 'segment'): Promise<Segment> {
  const found = await findSegment(db, key);
  if (found) return found;
  const all = await listSegments(db, key.tenant);
  const known = all.filter(({ brand }) => brand === key.brand).map(({ name }) => name);
  const message = `"${key.brand}" has no "${key.name}"; it has ${known.join(', ') || 'none yet'}`;
  throw new InvalidInput([{ path, message }]);
}

/** Segments as they are now, for a campaign to keep. @throws InvalidInput */
export async function segmentsNamed(
  db: Db,
  of: Omit<Key, 'name'>,
  names: readonly string[] = [],
  path = 'segments',
): Promise<Pick<Segment, 'name' | 'conditions'>[]> {
  const found = [];
  for (const name of names) {
    const { conditions } = await requireSegment(db, { ...of, name }, path);
    found.push({ name, conditions });
  }
  return found;
}

/** False where there was none. Campaigns that were made of it keep its conditions. */
export async function deleteSegment(db: Db, { tenant, brand, name }: Key): Promise<boolean> {
  const { rowCount } = await db.query(
    'delete from segments where tenant = $1 and brand = $2 and name = $3',
    [tenant, brand, name],
  );
  return rowCount === 1;
}
