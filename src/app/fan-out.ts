import type pg from 'pg';
import type { Logger } from 'pino';

import { takeBackCancelled } from '../campaign/campaigns.ts';
import { fanOutOnce } from '../campaign/fan-out.ts';
import { decideGates } from '../campaign/pilot.ts';
import { pause } from '../core/on-abort.ts';
import { isConnectionFault, transaction } from '../postgres/pool.ts';
import type { TemplateSet } from '../render/load.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';

const fanOutIdleMs = 2_000;

/** How long a campaign is left alone that could not be turned into messages. */
const failingMs = 60_000;

/** Turns running campaigns into messages, chunk by chunk, and takes back those of cancelled ones. Returns what stops it. */
export function startFanOut({
  pool,
  log,
  brands,
  templates,
  now,
}: {
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly templates: Pick<TemplateSet, 'definition'>;
  readonly now: () => Date;
}): () => Promise<void> {
  const stop = new AbortController();
  const failing = new Set<string>();
  let clearedAt = performance.now();
  const work = async () => {
    if (performance.now() - clearedAt > failingMs) {
      failing.clear();
      clearedAt = performance.now();
    }
    const made = await fanOutOnce(
      (inTransaction) => transaction(pool, inTransaction),
      { brandOf: (id) => brands.get(id)?.brand, templateOf: templates.definition, now },
      failing,
    );
    const decided = await transaction(pool, (db) => decideGates(db, now()));
    return made + decided + (await takeBackCancelled(pool));
  };
  const running = (async () => {
    while (!stop.signal.aborted) {
      const moved = await work().catch((err: unknown) => {
        if (isConnectionFault(err)) failing.clear();
        log.warn(
          { err, campaigns: [...failing] },
          'making campaign messages failed; trying again in a while',
        );
        return 0;
      });
      if (moved === 0) await pause(fanOutIdleMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
