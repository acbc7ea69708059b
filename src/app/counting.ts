import type pg from 'pg';
import type { Logger } from 'pino';

import { pause } from '../core/on-abort.ts';
import { transaction } from '../postgres/pool.ts';
import { countHours } from '../stats/count.ts';

const everyMs = 60_000;

/** Keeps the counts that reports are read from. Returns what stops it. */
export function startCounting({
  pool,
  log,
}: {
  readonly pool: pg.Pool;
  readonly log: Logger;
}): () => Promise<void> {
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      await countHours((work) => transaction(pool, work), stop.signal).catch((err: unknown) =>
        log.warn({ err }, 'counting mails failed; trying again in a while'),
      );
      await pause(everyMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
