import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { pause } from '../core/sleep.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { forgetSignals } from '../ledger/figures/signals.ts';
import { batch, emptiedAmong, isFull, retainOnce } from '../message/retention.ts';
import { transaction } from '../postgres/pool.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';

const everyMs = 600_000;
const dayMs = 86_400_000;

type Parts = {
  readonly pool: pg.Pool;
  readonly config: Pick<Config, 'retention' | 'outboxFolder'>;
  readonly brandOf: BrandOf;
};

/** Removes everything that is too old or was erased. Returns how much of what. */
export async function retain(
  { pool, config, brandOf }: Parts,
  now: Date,
  stop: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const all = new Map<string, number>();
  let more = true;
  while (more && !stop.aborted) {
    const removed = new Map([
      ...(await retainOnce((work) => transaction(pool, work), config.retention, now)),
      ['signals', await forgetOldSignals({ pool, config, brandOf }, now)],
    ]);
    for (const [name, count] of removed) all.set(name, (all.get(name) ?? 0) + count);
    more = isFull(removed);
  }
  const before = daysBefore(now, config.retention.bodyDays);
  all.set(
    'mails in the outbox',
    await sweepOutbox(config.outboxFolder, before, (ids) => emptiedAmong(pool, ids)),
  );
  return all;
}

async function forgetOldSignals({ pool, config, brandOf }: Parts, now: Date): Promise<number> {
  const before = daysBefore(now, config.retention.signalDays);
  return before ? transaction(pool, (db) => forgetSignals(db, brandOf, before, batch)) : 0;
}

/** Null where it is kept for ever. */
const daysBefore = (now: Date, days: number) =>
  days === 0 ? null : new Date(now.getTime() - days * dayMs);

/** Does so now and every ten minutes. Returns what stops it. */
export function startRetention(parts: Parts & { readonly log: Logger }): () => Promise<void> {
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        const removed = await retain(parts, new Date(), stop.signal);
        const some = [...removed].filter(([, count]) => count > 0);
        if (some.length > 0) parts.log.info({ removed: Object.fromEntries(some) }, 'retention');
      } catch (err) {
        parts.log.warn({ err }, 'retention failed; trying again later');
      }
      await pause(everyMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
