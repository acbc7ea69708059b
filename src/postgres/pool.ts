import { Pool, type PoolClient, type QueryResult, type QueryResultRow, types } from 'pg';

import { codeOf } from '../core/code-of.ts';
import { connectionOptions } from './url.ts';

/** A row as Postgres returns it, before its caller says what it holds. */
type Row = Record<string, unknown>;

/**
 * What a store needs of Postgres: a pool, or the one client of an open transaction.
 * Values come back as: int8 → number, numeric → string, timestamptz → Date, date → 'YYYY-MM-DD'.
 */
export type Db = {
  query<R extends QueryResultRow = Row>(
    /** `query_timeout`: milliseconds it may take, where that is more than its pool grants. */
    query: string | { name?: string; text: string; values?: unknown[]; query_timeout?: number },
    values?: unknown[],
  ): Promise<QueryResult<R>>;
};

export type PoolOptions = {
  /** Connections at most; 10 when left out. */
  readonly max?: number;
  /** Milliseconds a statement may take; Postgres ends it then, also where it waits for a lock. As long as it likes when left out. */
  readonly statementMs?: number | undefined;
  /** How this process appears in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Told about connections that broke while nobody was using them, for the log. */
  readonly onIdleError?: (error: Error) => void;
};

/** How much longer Postgres may take to say that it ended a statement. */
const graceMs = 2_000;

/**
 * Opens a pool on `url` with `search_path` set to the schema `laurel`. Connects on first use, so it can be
 * opened before the server is up. Waits at most 10 s for a connection. Close it with `pool.end()`.
 */
export function openPool(url: string, options: PoolOptions = {}): Pool {
  const { statementMs } = options;
  const limit = statementMs === undefined ? '' : ` -c statement_timeout=${statementMs}`;
  const pool = new Pool({
    ...connectionOptions(url, `-c search_path=laurel,public -c timezone=UTC${limit}`),
    // A server that hangs, or a network that swallows everything, can't end a statement: then we give up the connection.
    ...(statementMs !== undefined && { query_timeout: statementMs + graceMs }),
    max: options.max ?? 10,
    fallback_application_name: options.applicationName ?? 'laurel',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser },
  });
  // The pool has already dropped the broken client and opens another on demand; without a listener
  // the event would end the process.
  pool.on('error', (error) => {
    // While the pool is closing, the server may be quicker to end a connection.
    if (!pool.ending) options.onIdleError?.(error);
  });
  // A client in use reports a break to whoever awaits its query; the event itself adds nothing, but
  // between two queries of a transaction nobody else listens.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * Runs `work` in one transaction on one connection: commits when it resolves, rolls back and rethrows when
 * it throws. A connection that broke is destroyed rather than returned to the pool.
 */
export async function transaction<T>(pool: Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    const { command } = await client.query('commit');
    // Postgres answers COMMIT of a failed transaction with ROLLBACK and no error: somebody swallowed it.
    if (command !== 'COMMIT') throw new Error('transaction was rolled back: a query in it failed');
    return result;
  } catch (error) {
    broken = isConnectionFault(error) || !(await rolledBack(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

const rolledBack = (client: PoolClient): Promise<boolean> =>
  client.query('rollback').then(
    () => true,
    () => false,
  );

const faultCodes = new Set([
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now: starting up or shutting down
  '53300', // too many connections
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const faultMessages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed and is not queryable)/;

/** Whether the error is about the way to Postgres, not about the query: waiting and trying again may help. */
export function isConnectionFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isConnectionFault)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return faultCodes.has(code) || /^08...$/.test(code) || faultMessages.test(error.message);
}

/** Whether Postgres ended a statement because it took too long, a lock held by another session included. */
export const isOverdue = (error: unknown): boolean => ['57014', '55P03'].includes(codeOf(error));

const safeInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
};
const listOf = <T>(text: string, parse: (item: string) => T): (T | null)[] =>
  text
    .slice(1, -1)
    .split(',')
    .filter(Boolean)
    .map((item) => (item === 'NULL' ? null : parse(item)));
/** By type: int8, int8[], date, date[], timestamp. The rest is parsed as `pg` does. */
const parsers = new Map<number, (text: string) => unknown>([
  [20, safeInteger],
  [1016, (text) => listOf(text, safeInteger)],
  // A calendar day has no time zone: the default parser would make it midnight of this machine's.
  [1082, (text) => text],
  [1182, (text) => listOf(text, (day) => day)],
  [1114, (text) => new Date(`${text.replace(' ', 'T')}Z`)],
]);

const getTypeParser: typeof types.getTypeParser = (type, format) =>
  (format !== 'binary' && parsers.get(type)) || types.getTypeParser(type, format);
