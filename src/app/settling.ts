import type pg from 'pg';
import type { Logger } from 'pino';

import { foldCampaignMoves } from '../campaign/counts.ts';
import { pause } from '../core/on-abort.ts';
import { type Reserved, settleCoupons, tellLowPools } from '../coupon/settle.ts';
import { transaction } from '../postgres/pool.ts';
import { forgetTurns } from '../turn/turns.ts';

const everyMs = 5_000;
/** What takes longer is done only in every twelfth round. */
const roundsAWhile = 12;

type Parts = { readonly pool: pg.Pool; readonly log: Logger };

/** Settles every reserved code there is now, and tells of pools that ran low. */
async function settleAll(pool: pg.Pool): Promise<void> {
  const settleFrom = (from: Reserved | null): Promise<Reserved | null> =>
    transaction(pool, (db) => settleCoupons(db, from));
  let last = await settleFrom(null);
  while (last !== null) last = await settleFrom(last);
}

/** Writes down, as messages end, what became of their codes and turns, and how many of a campaign did. Returns what stops it. */
export function startSettling({ pool, log }: Parts): () => Promise<void> {
  const stop = new AbortController();
  const running = (async () => {
    for (let rounds = 0; !stop.signal.aborted; rounds += 1) {
      try {
        await settleAll(pool);
        if (rounds % roundsAWhile === 0) {
          await tellLowPools(pool);
          await forgetTurns(pool);
        }
        while (await transaction(pool, foldCampaignMoves));
      } catch (err) {
        log.warn({ err }, 'settling what ended failed; trying again in a while');
      }
      await pause(everyMs, stop.signal);
    }
  })();
  return async () => {
    stop.abort();
    await running;
  };
}
