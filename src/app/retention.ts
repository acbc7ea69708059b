import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { pause } from '../core/on-abort.ts';
import type { BrandOf } from '../ledger/batch.ts';
import { forgetSignals } from '../ledger/figures/signals.ts';
import { batch, cutoff, emptiedAmong, isFull, retainOnce } from '../message/retention.ts';
import { fileFinished, keepWeeks, retainWeeks } from '../message/weeks.ts';
import { type Db, transaction } from '../postgres/pool.ts';
import { sweepOutbox } from '../transports/outbox-sweep.ts';

const everyMs = 600_000;

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
  const inTransaction = <T>(work: (db: Db) => Promise<T>) => transaction(pool, work);
  await keepWeeks(inTransaction);
  const all = new Map<string, number>();
  let more = true;
  while (more && !stop.aborted) {
    const removed = new Map([
      ...(await retainOnce(inTransaction, config.retention, now)),
      ['signals', await forgetOldSignals({ pool, config, brandOf }, now)],
    ]);
    for (const [name, count] of removed) all.set(name, (all.get(name) ?? 0) + count);
    more = isFull(removed);
  }
  if (!stop.aborted) {
    all.set('messages filed', await fileFinished(inTransaction, config.retention, now, stop));
    for (const [name, count] of await retainWeeks(inTransaction, config.retention, now))
      all.set(name, count);
  }
  const before = cutoff(now, config.retention.bodyDays);
  all.set(
    'mails in the outbox',
    await sweepOutbox(config.outboxFolder, before, (ids) => emptiedAmong(pool, ids)),
  );
  return all;
}

async function forgetOldSignals({ pool, config, brandOf }: Parts, now: Date): Promise<number> {
  const before = cutoff(now, config.retention.signalDays);
  return before ? transaction(pool, (db) => forgetSignals(db, brandOf, before, batch)) : 0;
}

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
