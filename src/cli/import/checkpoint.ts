import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { z } from 'zod';

import type { Db } from '../../postgres/pool.ts';
import { column, defineTable, insertRow, readRows } from '../../postgres/table.ts';
import { Tally } from './tally.ts';

/** How far an import came. A file that is through has none: importing it again only finds what it knows. */
const Checkpoint = z.object({ records: z.int(), tally: Tally, rejectsBytes: z.int() });
export type Checkpoint = z.output<typeof Checkpoint>;

/** @public for the comparison with the table itself */
export const imports = defineTable('imports', {
  key: column.text(),
  records: column.bigint(),
  tally: column.jsonb<Tally>(),
  rejectsBytes: column.bigint(),
});

/** The same for the same content under the same mapping, whatever the file is called. Undefined for a pipe. */
export async function checkpointKey(file: string, mapping: string): Promise<string | undefined> {
  if (file === '-' || !(await stat(file)).isFile()) return undefined;
  const hash = createHash('sha256').update(`${mapping.length}\n${mapping}`);
  const chunks: AsyncIterable<Buffer> = createReadStream(file);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

export async function loadCheckpoint(
  db: Db,
  tenant: string,
  key: string,
): Promise<Checkpoint | undefined> {
  const [row] = await readRows(db, imports, 'where tenant = $1 and key = $2', [tenant, key]);
  return row && Checkpoint.parse(row);
}

export async function saveCheckpoint(
  db: Db,
  tenant: string,
  key: string,
  checkpoint: Checkpoint,
): Promise<void> {
  await insertRow(
    db,
    imports,
    { tenant, key, ...checkpoint },
    `on conflict (tenant, key) do update set records = excluded.records, tally = excluded.tally,
       rejects_bytes = excluded.rejects_bytes, updated_at = now()`,
  );
}

export async function dropCheckpoint(db: Db, tenant: string, key: string): Promise<void> {
  await db.query(`delete from laurel.imports where tenant = $1 and key = $2`, [tenant, key]);
}
