import { keptValues } from '../../core/memo.ts';
import type { Db } from '../../postgres/pool.ts';
import { column, defineTable, insertRow, readRows } from '../../postgres/table.ts';
import { type Dictionary, dictionaryOf, packedBy, unpack } from './pack.ts';

/**
 * Kept for ever: what was packed by one can't be read without it.
 * @public for the comparison with the table itself
 */
export const packDictionaries = defineTable('pack_dictionaries', {
  id: column.text(),
  kind: column.text(),
  text: column.text(),
});

export async function keepDictionary(db: Db, kind: string, { id, bytes }: Dictionary) {
  const row = { id, kind, text: bytes.toString() };
  await insertRow(db, packDictionaries, row, 'on conflict do nothing');
}

/** The one that was made last for this kind; null where none was. */
export async function latestDictionary(db: Db, kind: string): Promise<Dictionary | null> {
  const [row] = await readRows(
    db,
    packDictionaries,
    'where kind = $1 order by made_at desc limit 1',
    [kind],
  );
  return row ? dictionaryOf(row.text) : null;
}

/** Those of these that aren't there. */
export async function missingDictionaries(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const there = await readRows(db, packDictionaries, 'where id = any($1)', [ids]);
  const missing = new Set(ids);
  for (const { id } of there) missing.delete(id);
  return missing;
}

/** By their ids, which say what is in them, wherever they lie. */
const known = keptValues<Dictionary>(500);

/** A packed text as it was. */
export async function unpacked(db: Db, packed: Buffer): Promise<string> {
  const id = packedBy(packed);
  return unpack(packed, id === null ? null : await known.get(id, () => dictionary(db, id)));
}

async function dictionary(db: Db, id: string): Promise<Dictionary> {
  const [row] = await readRows(db, packDictionaries, 'where id = $1', [id]);
  if (!row) throw new Error(`the dictionary ${id} is missing, by which a message was packed`);
  return dictionaryOf(row.text);
}
