import type { Db } from '../postgres/pool.ts';

/** Names a profile source. */
export type SourceKey = { readonly brand: string; readonly source: string };

/** A source keeps failing and is left alone: leaves word for whoever is to be told. False when that was known. */
export async function noteSourceDown(db: Db, { brand, source }: SourceKey): Promise<boolean> {
  const { rowCount } = await db.query(
    `with down as (
       insert into source_outages (brand, source) values ($1, $2) on conflict do nothing returning *)
     insert into alerts (type, data)
     select 'source.down', jsonb_build_object('brand', brand, 'source', source) from down`,
    [brand, source],
  );
  return rowCount === 1;
}

/** A source answers: leaves word where it was down. False when it wasn't. */
export async function noteSourceUp(db: Db, { brand, source }: SourceKey): Promise<boolean> {
  const { rowCount } = await db.query(
    `with up as (delete from source_outages where brand = $1 and source = $2 returning *)
     insert into alerts (type, data)
     select 'source.up', jsonb_build_object('brand', brand, 'source', source, 'downAt', since) from up`,
    [brand, source],
  );
  return rowCount === 1;
}
