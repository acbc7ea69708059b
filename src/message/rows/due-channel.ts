import type pg from 'pg';

import { once } from '../../core/once.ts';

/** The channel on which the relay hears that something is due. */
export const dueChannel = 'laurel_due';

/** So often a process tells it at most. */
const everyMs = 30;
/** When a transaction of the caller's is taken to be committed; nobody says. */
const soonMs = [everyMs, 200] as const;

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
  let waiting = false;
  let expecting = false;
  const tell = () => {
    waiting = false;
    toldAt = performance.now();
    if (pool.ending) return;
    const statement = {
      name: 'tell-due',
      text: 'select pg_notify($1, $2)',
      values: [dueChannel, ''],
    };
    pool.query(statement).catch(() => {}); // relays look for themselves
  };
  const soon = () => {
    const waitMs = toldAt + everyMs - performance.now();
    if (waiting) return;
    if (waitMs <= 0) return tell();
    waiting = true;
    setTimeout(tell, waitMs).unref();
  };
  return (committed: boolean) => {
    if (committed) return soon();
    if (expecting) return;
    expecting = true;
    const [first, last] = soonMs;
    setTimeout(soon, first).unref();
    setTimeout(() => {
      expecting = false;
      soon();
    }, last).unref();
  };
});
