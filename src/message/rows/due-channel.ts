import type pg from 'pg';

import { once } from '../../core/once.ts';

/** The channel on which the relay hears that something is due. */
export const dueChannel = 'laurel_due';

/** So often a process tells it at most. */
const everyMs = 30;

/**
 * Tells the relays that something is due, after it was committed: Postgres lets transactions that tell something commit one after
 * the other only. Once for all that comes within a moment. Nobody waits for it: what isn't heard, relays find when they look for
 * themselves.
 * @param committed false where a transaction of the caller's is about to be
 */
export function tellDue(pool: pg.Pool, committed = true): void {
  tellerOf(pool)(committed);
}

const tellerOf = once((pool: pg.Pool) => {
  let toldAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    toldAt = performance.now();
    if (!pool.ending)
      pool
        .query({ name: 'tell-due', text: 'select pg_notify($1, $2)', values: [dueChannel, ''] })
        .catch(
          () => {}, // relays look for themselves
        );
  };
  return (committed: boolean) => {
    if (timer) return;
    const waitMs = toldAt + everyMs - performance.now();
    if (committed && waitMs <= 0) tell();
    else timer = setTimeout(tell, Math.max(waitMs, 1, committed ? 0 : everyMs)).unref();
  };
});
