import { setTimeout as sleep } from 'node:timers/promises';

import type pg from 'pg';
import type { Logger } from 'pino';

import { PermanentError } from '../core/errors.ts';
import { startEmbedded } from '../postgres/embedded.ts';
import { migrate } from '../postgres/migrate.ts';
import { isConnectionFault, openPool } from '../postgres/pool.ts';

export type Database = {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly embedded: boolean;
  readonly close: () => Promise<void>;
};

const retryMs = 1_000;
const maxClockSkewMs = 2_000;

/**
 * Opens Postgres, the given one or an embedded one, waits until it answers, and brings its schema up to date.
 * A server that isn't up yet is waited for: a worker may be started before its database.
 */
export async function openDatabase({
  databaseUrl,
  folder,
  log,
  signal,
  statementMs,
}: {
  /** Milliseconds a statement may take, but for migrations. As long as it likes when left out: for people who wait for it. */
  readonly statementMs?: number;
  readonly databaseUrl: string | undefined;
  readonly folder: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}): Promise<Database> {
  const embedded =
    databaseUrl === undefined
      ? await startEmbedded({ folder, log: (line) => log.info(line) })
      : { url: databaseUrl, close: async () => {} };
  const pool = openPool(embedded.url, {
    max: 8,
    statementMs,
    onIdleError: (err) =>
      log.warn({ err }, 'an idle connection to Postgres broke; it will be replaced'),
  });
  const close = async () => {
    await pool.end();
    await embedded.close();
  };
  try {
    await untilReady(pool, log, signal);
    await migrated(embedded.url, log);
    await checkClock(pool);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: embedded.url, pool, embedded: databaseUrl === undefined, close };
}

/** On a connection of its own: building an index over a large table takes its time. */
async function migrated(url: string, log: Logger): Promise<void> {
  const pool = openPool(url, { max: 1 });
  try {
    await migrate(pool, undefined, (line) => log.info(line));
  } finally {
    await pool.end();
  }
}

async function untilReady(pool: pg.Pool, log: Logger, signal?: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      if (!isConnectionFault(error) || signal?.aborted) throw error;
      if (tries % 10 === 0)
        log.warn({ err: error }, 'Postgres does not answer yet; waiting for it');
    }
    await sleep(retryMs);
  }
}

/** Leases and due times compare clocks of several machines. */
async function checkClock(pool: pg.Pool): Promise<void> {
  const before = Date.now();
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  const after = Date.now();
  const theirs = rows[0]?.now.getTime() ?? before;
  const skew = Math.max(before - theirs, theirs - after);
  if (skew > maxClockSkewMs) {
    throw new PermanentError(
      'clock-skew',
      `this machine's clock and Postgres' differ by ${Math.round(skew)} ms; set both by NTP before starting`,
    );
  }
}
