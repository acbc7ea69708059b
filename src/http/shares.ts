import { bulkhead, BulkheadRejectedError } from 'cockatiel';

import type { Context } from '../context.ts';
import { TemporaryError } from '../core/errors.ts';
import { applyEvents } from '../ledger/apply.ts';
import { brandsOf, type EventResult } from '../ledger/batch.ts';
import { type LedgerTurns, openLedgerTurns } from './ledger-turns.ts';

/*
 * The few connections to Postgres are everybody's: whoever waits for a lock on one keeps it from all others. So what may wait
 * has a share of its own, and waits for its turn before it takes a connection. What is left, accepting, sending and looking
 * whether all is well, never finds them all taken.
 */

/** Of the connections of `openDatabase`, so many at once. */
const [ofEvents, ofReads] = [3, 3];
/** So much may wait; beyond, it is better told to come again. */
const mayWait = 2_000;
/** Events in a transaction that came one by one. */
const together = 200;
/** How long a transaction of several members' events may wait for a lock. */
const hurryMs = 250;

export type Shares = {
  readonly ledger: LedgerTurns<EventResult>;
  /** Whatever is looked up for somebody, or changed by hand. @throws TemporaryError `ledger-busy` */
  readonly reads: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

export function openShares({
  pool,
  brands,
  now,
}: Pick<Context, 'pool' | 'brands' | 'now'>): Shares {
  const reads = bulkhead(ofReads, mayWait);
  return {
    ledger: openLedgerTurns(
      (tenant, events, hurried) =>
        applyEvents(pool, tenant, brandsOf(brands), events, now(), hurried ? hurryMs : null),
      { atOnce: ofEvents, waiting: mayWait, together },
    ),
    reads: async (work) => {
      try {
        return await reads.execute(work);
      } catch (cause) {
        if (!(cause instanceof BulkheadRejectedError)) throw cause;
        throw new TemporaryError('ledger-busy', 'more is asked than can be read; try later', {
          cause,
        });
      }
    },
  };
}
