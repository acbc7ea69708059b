import type pg from 'pg';
import type { Logger } from 'pino';

import { pause } from '../core/on-abort.ts';
import { brandsOf } from '../ledger/batch.ts';
import { refreshPercentiles } from '../ledger/figures/percentiles.ts';
import { expireRedemptions } from '../ledger/redemption/redemption.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';

const everyMs = 5_000;
/** Looking whether the percentiles are a day old takes as long as reading one row. */
const percentilesEvery = 720;

/** What the ledger needs to be done as time passes: redemptions that nobody settled end, and percentiles are kept fresh. */
export function startLedgerUpkeep(parts: {
  readonly pool: pg.Pool;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly log: Logger;
  readonly now: () => Date;
}): () => Promise<void> {
  const { pool, brands, log, now } = parts;
  const stop = new AbortController();
  const running = (async () => {
    for (let round = 0; !stop.signal.aborted; round += 1) {
      try {
        await expireRedemptions(pool, brandsOf(brands), now());
        if (round % percentilesEvery === 0)
          await refreshPercentiles(
            pool,
            [...brands.values()].map(({ brand }) => brand),
            now(),
          );
      } catch (err) {
        log.warn({ err }, 'upkeep of the ledger failed; trying again');
      }
      await pause(everyMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
