import { bulkhead, BulkheadRejectedError } from 'cockatiel';

import { TemporaryError } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';

/*
 * The few connections to Postgres are everybody's: whoever waits for a lock on one keeps it from all others. So what may wait
 * has a share of its own, and waits for its turn before it takes a connection. What is left, accepting, sending and looking
 * whether all is well, never finds them all taken.
 */

/** Of the connections of `openDatabase`, so many at once. */
const [ofEvents, ofReads] = [3, 3];
/** So much may wait; beyond, it is better told to come again. */
const mayWait = 2_000;

type Work<Result> = () => Promise<Result>;

export type Shares = {
  /**
   * Work on the ledger of those whom events are about: for each of them one after the other, as they came.
   * @throws TemporaryError `ledger-busy` when too much waits
   */
  readonly ledger: <Result>(
    tenant: string,
    about: readonly unknown[],
    work: Work<Result>,
  ) => Promise<Result>;
  /** Whatever is looked up for somebody, or changed by hand. @throws TemporaryError `ledger-busy` */
  readonly reads: <Result>(work: Work<Result>) => Promise<Result>;
};

export function openShares(): Shares {
  const events = openShare(ofEvents);
  const turns = openTurns();
  return {
    ledger: (tenant, about, work) =>
      turns(
        about.flatMap((one) => whoIn(one).map((who) => `${tenant}\n${who}`)),
        () => events(work),
      ),
    reads: openShare(ofReads),
  };
}

function openShare(max: number): <Result>(work: Work<Result>) => Promise<Result> {
  const share = bulkhead(max, mayWait);
  return async (work) => {
    try {
      return await share.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw tooMuch(error);
      throw error;
    }
  };
}

/** Work waits for all that came before it and shares a name with it; none waits for what came later, so none for ever. */
function openTurns(): <Result>(names: readonly string[], work: Work<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return async (names, work) => {
    if (waiting >= mayWait) throw tooMuch();
    waiting += 1;
    const own = new Set(names);
    const before = [...own].flatMap((name) => last.get(name) ?? []);
    const result = Promise.all(before).then(work);
    const done = result.then(
      () => {},
      () => {},
    );
    for (const name of own) last.set(name, done);
    try {
      return await result;
    } finally {
      waiting -= 1;
      for (const name of own) if (last.get(name) === done) last.delete(name);
    }
  };
}

const tooMuch = (cause?: Error) =>
  new TemporaryError('ledger-busy', 'more is asked than can be done; try again later', { cause });

/** Whom an event is about, as far as it says so: one that leads to the same member by another way waits for its rows instead. */
function whoIn(event: unknown): string[] {
  if (!isRecord(event)) return [];
  const { memberId, identity } = event;
  if (typeof memberId === 'string') return [memberId];
  return identity === undefined ? [] : [JSON.stringify(identity)];
}
