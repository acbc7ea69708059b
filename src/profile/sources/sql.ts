import { Pool, types } from 'pg';
import { z } from 'zod';

import { codeOf } from '../../core/code-of.ts';
import { connectionOptions } from '../../postgres/url.ts';
import { SourceFault } from './fault.ts';
import { pick } from './path.ts';
import { withSecret } from './secrets.ts';
import { defineSource, keyOf, type Source, type Told } from './source.ts';

const Settings = z.object({
  /** A Postgres, as `${SOURCE_NAME}`: its password belongs in the environment. */
  url: z.string().regex(/^\$\{SOURCE_\w+\}$/, 'must name an environment variable: ${SOURCE_…}'),
  /** One row a person; `$1` is the list of keys (text[]): `… where member_id = any($1)`. */
  query: z.string().min(1).max(20_000).regex(/\$1/, 'must use $1, the list of keys'),
  /** Connections at most. */
  connections: z.int().min(1).max(10).default(2),
});

/** A query on another Postgres, in a transaction that can't write, for several people at once. */
export const sql = defineSource({
  kind: 'sql',
  settings: Settings,
  open: (settings, common, { secret, batch }): Source => {
    const { by, identity, timeoutMs } = common;
    const pool = openReadOnly(
      withSecret(settings.url, secret, 'url'),
      settings.connections,
      timeoutMs,
    );
    const load = async (keys: readonly string[]): Promise<(Told | SourceFault)[]> => {
      const rows = await query(pool, settings.query, keys, timeoutMs);
      return keys.map((key) => {
        const hers = rows.filter((row) => keyOf(by, pick(row, identity)) === key);
        if (hers.length > 1) return new SourceFault('garbage', 'tells of the member twice');
        return hers.length === 1 ? { record: hers[0] } : null;
      });
    };
    const ask = batch(load, { max: 100, inFlight: settings.connections });
    return {
      ask: async (key) => {
        const found = await ask(key);
        if (found instanceof SourceFault) throw found;
        return found;
      },
      check: async () => {
        await query(pool, settings.query, [], timeoutMs);
        return 'its query runs';
      },
      close: () => pool.end(),
    };
  },
});

const utc = (text: string) => new Date(`${text.replace(' ', 'T')}Z`);
const same = (text: string) => text;
/** Numbers that may not fit and days, which have no time zone, stay the text they are: int8, date, numeric. */
const parsers = new Map<number, (text: string) => unknown>([
  [20, same],
  [1082, same],
  [1700, same],
  [1114, utc],
]);
const getTypeParser: typeof types.getTypeParser = (type, format) =>
  (format !== 'binary' && parsers.get(type)) || types.getTypeParser(type, format);

function openReadOnly(url: string, max: number, timeoutMs: number): Pool {
  const pool = new Pool({
    ...connectionOptions(url, '-c default_transaction_read_only=on -c timezone=UTC'),
    max,
    connectionTimeoutMillis: timeoutMs,
    idleTimeoutMillis: 30_000,
    fallback_application_name: 'laurel-source',
    keepAlive: true,
    types: { getTypeParser },
  });
  // What broke while nobody used it is replaced; whoever uses one hears of it from the query.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

async function query(
  pool: Pool,
  text: string,
  keys: readonly string[],
  timeoutMs: number,
): Promise<Record<string, unknown>[]> {
  const client = await pool.connect().catch((error: unknown) => {
    throw faultOf(error);
  });
  let given = false;
  const giveBack = (broken: boolean) => {
    if (!given) client.release(broken);
    given = true;
  };
  // A server that has gone silent is not waited for, nor its connection used again.
  const timer = setTimeout(() => giveBack(true), timeoutMs * 2);
  try {
    await client.query(`begin transaction read only; set local statement_timeout = ${timeoutMs}`);
    // As a part of another query it can only be one that reads, and it can't give more rows than people.
    const { rows } = await client.query<Record<string, unknown>>(
      `select * from (${text.replace(/[;\s]+$/, '')}) as told limit ${keys.length * 2 + 1}`,
      [[...keys]],
    );
    await client.query('rollback');
    giveBack(false);
    return rows;
  } catch (error) {
    throw faultOf(error);
  } finally {
    clearTimeout(timer);
    giveBack(true);
  }
}

function faultOf(error: unknown): SourceFault {
  const code = codeOf(error);
  if (code === '57014') return new SourceFault('down', 'does not answer in time');
  if (code === '25006') return new SourceFault('down', 'its query writes, which is refused');
  if (/^(42|22|0A)/.test(code)) return new SourceFault('down', `refuses the query (${code})`);
  return new SourceFault('down', `cannot be reached (${code || 'no connection'})`, true);
}
