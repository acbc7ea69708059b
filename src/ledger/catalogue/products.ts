import { createHash } from 'node:crypto';

import type { Product } from '../../brand/catalogue.ts';
import type { Db } from '../../postgres/pool.ts';
import { insertGiven, type NewRow } from '../../postgres/table.ts';
import { type Known, productKey, type ProductVersion, type Writes } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { productVersions } from '../tables.ts';

type OrderLine = Extract<LedgerEvent, { type: 'order.placed' }>['lines'][number];

/**
 * The product's data in force at an instant; what was known first stands for the time before it too. Undefined where
 * nobody knows the product.
 */
function productAt(
  known: Known,
  brand: string,
  productId: string,
  at: number,
): ProductVersion | undefined {
  const versions = known.products.get(productKey(brand, productId));
  return versions?.findLast(({ effectiveAt }) => effectiveAt <= at) ?? versions?.[0];
}

/**
 * The event with its lines' categories and attributes filled in as of its own time. What is applied and stored is this
 * one: it says by itself what it counts, whatever becomes of the product afterwards.
 */
export function withProductData<Event extends LedgerEvent>(
  event: Event,
  brand: string,
  known: Known,
): Event {
  if (event.type === 'signal.observed') {
    if (event.productId === undefined || event.category !== undefined) return event;
    const seen = productAt(known, brand, event.productId, Date.parse(event.at));
    return seen ? { ...event, category: seen.category } : event;
  }
  if (!('lines' in event) || event.type === 'order.refunded' || !event.lines) return event;
  const at = Date.parse(event.at);
  const lines = event.lines.map((line): OrderLine => {
    if (line.kind && line.kind !== 'product') return line;
    const product = productAt(known, brand, line.productId, at);
    return product
      ? {
          ...line,
          category: line.category ?? product.category,
          attributes: line.attributes ?? [...product.attributes],
        }
      : line;
  });
  return { ...event, lines };
}

/** Notes a product as of the event's time, for later events of the batch too. */
export function upsertProduct(
  event: Extract<LedgerEvent, { type: 'product.upserted' }>,
  known: Known,
  writes: Writes,
): void {
  const { brand, product } = event;
  const key = productKey(brand, product.productId);
  const before = known.products.get(key) ?? [];
  const effectiveAt = Date.parse(event.at);
  const version = { category: product.category, attributes: product.attributes, effectiveAt };
  known.products.set(
    key,
    [...before.filter((one) => one.effectiveAt !== effectiveAt), version].toSorted(
      (one, other) => one.effectiveAt - other.effectiveAt,
    ),
  );
  writes.products.set(`${key}\n${effectiveAt}`, { brand, product, at: event.at });
}

/** The versions of these products, of whatever brand, by `productKey`, in order of time. */
export async function loadProducts(
  db: Db,
  tenant: string,
  productIds: readonly string[],
): Promise<Known['products']> {
  const versions: Known['products'] = new Map();
  if (productIds.length === 0) return versions;
  const { rows } = await db.query<{
    brand: string;
    productId: string;
    effectiveAt: number | null;
    category: string;
    attributes: string[];
  }>(
    `select brand, product_id as "productId", document ->> 'category' as category,
            coalesce(document -> 'attributes', '[]') as attributes,
            case when isfinite(effective_at) then (extract(epoch from effective_at) * 1000)::bigint end as "effectiveAt"
       from laurel.product_versions where tenant = $1 and product_id = any($2) order by effective_at`,
    [tenant, [...new Set(productIds)]],
  );
  for (const { brand, productId, effectiveAt, ...data } of rows) {
    const key = productKey(brand, productId);
    versions.set(key, [
      ...(versions.get(key) ?? []),
      { ...data, effectiveAt: effectiveAt ?? -Infinity },
    ]);
  }
  return versions;
}

const keyOf = (row: NewRow<typeof productVersions>) =>
  JSON.stringify([row.brand, row.productId, row.effectiveAt]);

/**
 * Stores versions that events told, and makes the newest the catalogue's own, so that offers see it. The catalogue's
 * version changes with what it says.
 */
export async function writeProducts(
  db: Db,
  tenant: string,
  products: readonly { readonly brand: string; readonly product: Product; readonly at: string }[],
): Promise<void> {
  if (products.length === 0) return;
  // In one order, or two batches wait for each other.
  const rows = products
    .map(({ brand, product, at }) => ({
      brand,
      productId: product.productId,
      effectiveAt: at,
      document: product,
    }))
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  await db.query(
    `${insertGiven(productVersions)}
     on conflict (tenant, brand, product_id, effective_at) do update set document = excluded.document`,
    [tenant, JSON.stringify(rows)],
  );
  const { rows: changed } = await db.query<{ brand: string }>(
    `insert into laurel.products as p (tenant, brand, product_id, document)
     select distinct on (brand, product_id) v.tenant, v.brand, v.product_id, v.document
       from laurel.product_versions v
      where v.tenant = $1 and (v.brand, v.product_id) in (select * from unnest($2::text[], $3::text[]))
      order by brand, product_id, effective_at desc
     on conflict (tenant, brand, product_id) do update set document = excluded.document
      where p.document <> excluded.document
     returning brand`,
    [tenant, rows.map(({ brand }) => brand), rows.map(({ productId }) => productId)],
  );
  if (changed.length === 0) return;
  const hash = createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
  await db.query(
    `insert into laurel.catalogue_versions as v (tenant, brand, version)
     select distinct $1, brand, $3 from unnest($2::text[]) as brand order by brand
     on conflict (tenant, brand) do update set version = left(md5(v.version || excluded.version), 16)`,
    [tenant, changed.map(({ brand }) => brand), hash],
  );
}
