import { createHash } from 'node:crypto';

import { z } from 'zod';

import { type Catalogue, Offer, Product } from '../../brand/catalogue.ts';
import { InvalidInput, PermanentError } from '../../core/errors.ts';
import { problemsOf } from '../../core/problems.ts';
import type { Db } from '../../postgres/pool.ts';

const CatalogueFile = z.strictObject({ products: z.array(Product), offers: z.array(Offer) });
export type CatalogueFile = z.input<typeof CatalogueFile>;

/**
 * Replaces a brand's products and offers, all or nothing, and returns the new version. Redemptions counted so far stay;
 * a file's `usedCount` counts only for an offer that is new. Saving the same again changes nothing. What it changes of a
 * product counts for what is bought from `now` on (the database's clock when left out).
 * @throws InvalidInput naming the entry and field that is wrong.
 */
export async function saveCatalogue(
  db: Db,
  tenant: string,
  brand: string,
  input: CatalogueFile,
  now?: Date,
): Promise<string> {
  const { products, offers } = parse(brand, input);
  const documents = offers.map(({ usedCount: _uses, ...document }) => document);
  const hash = createHash('sha256')
    .update(JSON.stringify([products, documents]))
    .digest('hex');
  await db.query(
    `with gone_products as (
       delete from laurel.products where tenant = $1 and brand = $2 and not product_id = any($3)),
     kept_products as (
       insert into laurel.products (tenant, brand, product_id, document)
       select $1, $2, * from unnest($3::text[], $4::jsonb[])
       on conflict (tenant, brand, product_id) do update set document = excluded.document),
     in_force as (
       select distinct on (product_id) product_id, document from laurel.product_versions
        where tenant = $1 and brand = $2 and product_id = any($3)
        order by product_id, effective_at desc),
     new_versions as (
       insert into laurel.product_versions (tenant, brand, product_id, effective_at, document)
       select $1, $2, product_id,
              case when before.document is null then '-infinity' else coalesce($9::timestamptz, now()) end, said.document
         from unnest($3::text[], $4::jsonb[]) as said (product_id, document)
         left join in_force as before using (product_id)
        where before.document is distinct from said.document
       on conflict (tenant, brand, product_id, effective_at) do update set document = excluded.document),
     gone_offers as (
       delete from laurel.offers where tenant = $1 and brand = $2 and not offer_id = any($5)),
     kept_offers as (
       insert into laurel.offers (tenant, brand, offer_id, document, used_count)
       select $1, $2, * from unnest($5::text[], $6::jsonb[], $7::bigint[])
       on conflict (tenant, brand, offer_id) do update set document = excluded.document)
     insert into laurel.catalogue_versions as v (tenant, brand, version) values ($1, $2, $8)
     on conflict (tenant, brand) do update set version = excluded.version where v.version <> excluded.version`,
    [
      tenant,
      brand,
      products.map(({ productId }) => productId),
      products.map((product) => JSON.stringify(product)),
      offers.map(({ offerId }) => offerId),
      documents.map((offer) => JSON.stringify(offer)),
      offers.map(({ usedCount }) => usedCount),
      hash.slice(0, 16),
      now ?? null,
    ],
  );
  return (await catalogueVersion(db, tenant, brand)) ?? '';
}

/** Changes whenever `loadCatalogue` would return something else that matters; null where there is no catalogue. One key look-up. */
export async function catalogueVersion(
  db: Db,
  tenant: string,
  brand: string,
): Promise<string | null> {
  const { rows } = await db.query<{ version: string }>({
    name: 'catalogue-version',
    text: `select version || '.' || uses as version from laurel.catalogue_versions where tenant = $1 and brand = $2`,
    values: [tenant, brand],
  });
  return rows[0]?.version ?? null;
}

/**
 * A brand's offers and products in one consistent reading, offers by id. Empty, of version `none`, where nothing was saved.
 * @throws PermanentError `bad-catalogue` when what is stored isn't a catalogue.
 */
export async function loadCatalogue(db: Db, tenant: string, brand: string): Promise<Catalogue> {
  const { rows } = await db.query<{ version: string; products: unknown; offers: unknown }>(
    `select version || '.' || uses as version,
            (select coalesce(jsonb_agg(document order by product_id), '[]') from laurel.products
              where tenant = $1 and brand = $2) as products,
            (select coalesce(jsonb_agg(document || jsonb_build_object('usedCount', used_count) order by offer_id), '[]')
               from laurel.offers where tenant = $1 and brand = $2) as offers
       from laurel.catalogue_versions where tenant = $1 and brand = $2`,
    [tenant, brand],
  );
  const [stored] = rows;
  if (!stored) return { version: 'none', products: new Map(), offers: [] };
  const parsed = CatalogueFile.safeParse({ products: stored.products, offers: stored.offers });
  if (!parsed.success)
    throw new PermanentError(
      'bad-catalogue',
      `the stored catalogue of ${brand} is broken: ${z.prettifyError(parsed.error)}`,
    );
  return {
    version: stored.version,
    products: new Map(parsed.data.products.map((product) => [product.productId, product])),
    offers: parsed.data.offers,
  };
}

function parse(brand: string, input: CatalogueFile) {
  const parsed = CatalogueFile.safeParse(input);
  const problems = parsed.success
    ? [
        ...repeated(
          parsed.data.products.map(({ productId }) => productId),
          'products',
          'productId',
        ),
        ...repeated(
          parsed.data.offers.map(({ offerId }) => offerId),
          'offers',
          'offerId',
        ),
        ...parsed.data.offers.flatMap((offer, index) =>
          offer.brand === brand
            ? []
            : [{ path: `offers[${index}].brand`, message: `must be ${brand}` }],
        ),
      ]
    : problemsOf(parsed.error);
  if (!parsed.success || problems.length > 0) throw new InvalidInput(problems);
  return parsed.data;
}

const repeated = (ids: readonly string[], list: string, field: string) =>
  ids.flatMap((id, index) =>
    ids.indexOf(id) === index
      ? []
      : [{ path: `${list}[${index}].${field}`, message: `"${id}" is there twice` }],
  );
