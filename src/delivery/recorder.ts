import type pg from 'pg';
import type { Logger } from 'pino';

import { codeOf } from '../core/code-of.ts';
import { batch, inBulk } from '../core/micro-batch.ts';
import { openPacker, type Packer } from '../message/packing/packer.ts';
import type { Metrics } from '../metrics.ts';
import { type Ending, finishClaims } from './claims.ts';
import { writeJournal } from './journal.ts';
import { recordEnding } from './record.ts';

/** Opens what records endings, put together across concurrent jobs; see `recordEnding` for what happens when that fails. */
export function recorder(
  {
    pool,
    metrics,
    log,
    folder,
  }: {
    readonly pool: pg.Pool;
    readonly metrics: Metrics;
    readonly log: Logger;
    /** Where the journal of last resort lies. */
    readonly folder: string;
  },
  stop: AbortSignal,
): (ending: Ending) => Promise<void> {
  const packer = openPacker(pool);
  const write = batch((endings: readonly Ending[]) => finishEach(pool, endings, packer), inBulk);
  const deps = {
    write: async (ending: Ending) => {
      const recorded = await write(ending);
      if (recorded instanceof Error) throw recorded;
      return recorded;
    },
    isRefused: isBadData,
    journal: (ending: Ending) => writeJournal(folder, ending),
    onLost: ({ id }: Ending) => {
      metrics.lostClaims.inc();
      log.warn({ messageId: id }, 'the claim had run out before its ending was recorded');
    },
    onRetry: (err: unknown) => log.warn({ err }, 'could not record an ending; trying again'),
  };
  return (ending) => {
    metrics.unknownOutcomes.inc(ending.unknownOutcomes);
    return recordEnding(ending, deps, stop);
  };
}

/** Postgres will never take these values (classes 22 and 23), however often it is asked. */
const isBadData = (error: unknown): boolean => /^2[23]/.test(codeOf(error));

/** Records endings together; where one of them is refused, each by itself, so that the others don't pay for it. */
async function finishEach(
  pool: pg.Pool,
  endings: readonly Ending[],
  packer: Packer,
): Promise<readonly (boolean | Error)[]> {
  try {
    return await finishClaims(pool, endings, packer);
  } catch (error) {
    if (!isBadData(error)) throw error;
    return Promise.all(
      endings.map((ending) =>
        finishClaims(pool, [ending], packer).then(
          ([recorded]) => recorded ?? false,
          (alone: unknown) => (alone instanceof Error ? alone : new Error(String(alone))),
        ),
      ),
    );
  }
}
