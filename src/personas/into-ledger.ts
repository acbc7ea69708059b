import type pg from 'pg';

import { PermanentError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { saveCatalogue } from '../ledger/catalogue/catalogue.ts';
import type { BrandFixtures } from './fixtures.ts';

/** Large, because each batch projects its members anew. */
const batchSize = 2500;

export type FixtureCounts = {
  readonly products: number;
  readonly offers: number;
  /** Events applied by this call; those loaded before are left as they are. */
  readonly events: number;
};

/**
 * Puts a brand's catalogue and what happened to its people into a database that mails are sent from: demos, and places to
 * try things. Again changes nothing.
 * @throws PermanentError `bad-fixtures` naming file and line of the event that was refused
 */
export async function loadIntoLedger(
  pool: pg.Pool,
  tenant: string,
  brand: string,
  { catalogue, events }: Pick<BrandFixtures, 'catalogue' | 'events'>,
  brandOf: BrandOf,
): Promise<FixtureCounts> {
  const products = [...catalogue.products.values()];
  await saveCatalogue(pool, tenant, brand, { products, offers: [...catalogue.offers] });
  let applied = 0;
  for (let start = 0; start < events.length; start += batchSize) {
    const batch = events.slice(start, start + batchSize);
    const results = await applyEvents(
      pool,
      tenant,
      brandOf,
      batch.map(({ event }) => event),
    );
    for (const [index, result] of results.entries()) {
      if (result.kind === 'applied') applied += 1;
      if (result.kind !== 'refused') continue;
      const what = result.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
      const { file = brand, line = 1 } = batch[index] ?? {};
      throw new PermanentError('bad-fixtures', `${file}:${line}: ${what}`);
    }
  }
  return { products: products.length, offers: catalogue.offers.length, events: applied };
}
