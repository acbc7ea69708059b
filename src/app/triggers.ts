import type { Logger } from 'pino';

import { pause } from '../core/on-abort.ts';
import { brandsOf } from '../ledger/batch.ts';
import type { AcceptContext } from '../message/accept.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import { noteEventCauses, triggersOf } from '../trigger/causes.ts';
import { fireDue } from '../trigger/fire.ts';
import { scanOnce } from '../trigger/scan.ts';

/** How soon after an event its mail is made. */
const everyMs = 500;
/** How often it is looked whether a new day began. */
const scanEveryMs = 30_000;
const failedMs = 5_000;

type Parts = Omit<AcceptContext, 'brands' | 'config'> & {
  readonly log: Logger;
  readonly config: AcceptContext['config'] & { readonly tenant: string };
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly now: () => Date;
};

/** The installation's own tenant, and those that have a key. */
async function tenantsOf(db: Db, own: string): Promise<string[]> {
  const { rows } = await db.query<{ tenant: string }>(
    'select $1::text as tenant union select tenant from api_keys where revoked_at is null',
    [own],
  );
  return rows.map(({ tenant }) => tenant);
}

/** Turns events and states into messages, as the brands' triggers say. Returns what stops it. */
export function startTriggers(parts: Parts): () => Promise<void> {
  const { pool, log, brands, config, now } = parts;
  const all = [...brands.values()].map(({ brand }) => brand);
  if (all.every((brand) => triggersOf(brand).length === 0)) return async () => {};
  const stop = new AbortController();
  const brandOf = brandsOf(brands);
  const inTransaction = (work: (db: Db) => Promise<number>) => transaction(pool, work);
  let scannedAt = -Infinity;
  const scan = async () => {
    if (performance.now() - scannedAt < scanEveryMs) return 0;
    let looked = 0;
    for (const tenant of await tenantsOf(pool, config.tenant))
      for (const brand of all)
        looked += await inTransaction((db) => scanOnce(db, tenant, brand, brandOf, now()));
    if (looked === 0) scannedAt = performance.now();
    return looked;
  };
  const work = async () =>
    (await inTransaction((db) => noteEventCauses(db, brandOf, now()))) +
    (await scan()) +
    (await inTransaction((db) => fireDue(db, parts, (id) => brands.get(id)?.brand, now())));
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        if ((await work()) === 0) await pause(everyMs, stop.signal);
      } catch (err) {
        log.warn({ err }, 'triggers failed; trying again in a while');
        await pause(failedMs, stop.signal);
      }
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
