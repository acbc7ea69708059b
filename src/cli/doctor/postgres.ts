import { statfs } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

import type pg from 'pg';

import type { Config } from '../../config.ts';
import { otherDigitsHere } from '../../core/money.ts';
import { startEmbedded } from '../../postgres/embedded.ts';
import { pendingMigrations } from '../../postgres/migrate.ts';
import { openPool } from '../../postgres/pool.ts';
import { reasonOf } from '../failure.ts';
import { about, type Finding } from './finding.ts';

const { ok, warn, fail } = about('Postgres');
const oldest = 15;
const [littleDisk, tooLittleDisk] = [2_000_000_000, 300_000_000];
const [muchSkewMs, tooMuchSkewMs] = [500, 2_000];

/** Whether the database answers, is the right one, and keeps what it is given. Starts the embedded one where none is given. */
export async function checkPostgres(config: Config): Promise<Finding[]> {
  const embedded = config.databaseUrl === undefined;
  try {
    const server = embedded
      ? await startEmbedded({ folder: config.folder, log: () => {} })
      : { url: config.databaseUrl ?? '', close: async () => {} };
    const pool = openPool(server.url, { max: 1 });
    try {
      return [
        ...(await checkServer(pool, embedded)),
        ...(await checkMigrations(pool)),
        ...(await checkCurrencies(pool)),
        ...(await checkClock(pool)),
        ...(embedded ? await checkDisk(config.folder) : []),
      ];
    } finally {
      await pool.end();
      await server.close();
    }
  } catch (error) {
    const fix = embedded
      ? 'see the message; or set DATABASE_URL to a Postgres server'
      : 'start the server, or correct DATABASE_URL; the user needs to create schemas in the database';
    return [fail(`cannot be used: ${reasonOf(error)}`, fix)];
  }
}

type Server = {
  version: string;
  replica: boolean;
  fsync: string;
  synchronous: string;
  maxConnections: string;
};

async function checkServer(pool: pg.Pool, embedded: boolean): Promise<Finding[]> {
  const { rows } = await pool.query<Server>(
    `select current_setting('server_version_num') as version, pg_is_in_recovery() as replica,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous,
       current_setting('max_connections') as "maxConnections"`,
  );
  const [server] = rows;
  if (!server) return [fail('does not say what it is')];
  const major = Math.floor(Number(server.version) / 10_000);
  const where = embedded ? 'embedded, for one machine' : 'the one in DATABASE_URL';
  const findings =
    major >= oldest
      ? [ok(`version ${major}, ${where}`)]
      : [fail(`version ${major} is too old`, `upgrade to ${oldest} or later`)];
  if (server.replica)
    findings.push(fail('is a read-only replica', 'point DATABASE_URL at the primary'));
  if (server.fsync !== 'on' || server.synchronous === 'off') {
    findings.push(
      warn(
        'may forget what it has committed when it crashes: accepted messages could be lost',
        'set fsync=on and synchronous_commit=on',
      ),
    );
  }
  if (Number(server.maxConnections) < 50) {
    findings.push(
      warn(
        `takes ${server.maxConnections} connections, and every process uses up to 20`,
        'raise max_connections',
      ),
    );
  }
  return findings;
}

async function checkMigrations(pool: pg.Pool): Promise<Finding[]> {
  const pending = await pendingMigrations(pool);
  return pending.length === 0
    ? [ok('its tables are up to date')]
    : [
        warn(
          `${pending.length} of its migrations are still to run: ${pending.join(', ')}`,
          'they run when Laurel starts, or now with `laurel migrate`',
        ),
      ];
}

/** Amounts that may have been stored while digits came from the running Node: of currencies of which that says otherwise. */
async function checkCurrencies(pool: pg.Pool): Promise<Finding[]> {
  const { rows: tables } = await pool.query<{ exists: boolean }>(
    `select to_regclass('laurel.purchases') is not null as exists`,
  );
  if (!tables[0]?.exists) return [];
  const { rows } = await pool.query<{ currency: string; purchases: number }>(
    `select currency, count(*)::int as purchases from laurel.purchases
      where currency is not null group by currency order by currency`,
  );
  return rows.flatMap(({ currency, purchases }) => {
    const other = otherDigitsHere(currency);
    return other === null
      ? []
      : warn(
          `holds ${purchases} purchases in ${currency}, whose amounts have ${other.digits} digits after the point, and by this Node ${other.here}`,
          `look at one of ${currency}: if its amount is ${10 ** Math.abs(other.digits - (other.here ?? 0))} times off, it was told by a version that asked Node; import it again`,
        );
  });
}

async function checkClock(pool: pg.Pool): Promise<Finding[]> {
  const [wall, from] = [Date.now(), performance.now()];
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  const took = performance.now() - from;
  const theirs = rows[0]?.now.getTime() ?? wall;
  const skew = Math.round(Math.max(wall - theirs, theirs - wall - took, 0));
  const text = `its clock and this machine's differ by ${skew} ms`;
  if (skew > tooMuchSkewMs) return [fail(text, 'set both by NTP: Laurel does not start like this')];
  return [skew > muchSkewMs ? warn(text, 'set both by NTP') : ok(text)];
}

async function checkDisk(folder: string): Promise<Finding[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1e9).toFixed(1)} GB are free in ${folder}`;
  if (free < tooLittleDisk) return [fail(text, 'make room, or set LAUREL_DIR to a larger disk')];
  return [free < littleDisk ? warn(text, 'make room soon') : ok(text)];
}
