import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { PermanentError } from '../../core/errors.ts';
import { type Account, handOver, requireName } from './account.ts';
import type { Binaries } from './binaries.ts';
import { folderError, outputError } from './folder-error.ts';
import { isAlive } from './leases.ts';
import { run } from './run.ts';

/*
 * The database's files. `<place>` holds `data/` (Postgres's own, owned by the server's account), `password`
 * and, later, `port`, `server.log` and who uses it. It is made under another name and renamed when whole, so
 * it either is a database or is not there: two processes that make it at once both succeed, one is kept.
 */
export const dataOf = (place: string): string => join(place, 'data');
export const superuser = 'laurel';

/** Makes the database's files unless they are there. Returns the superuser's password. */
export async function ensureCluster(
  place: string,
  account: Account,
  binaries: Binaries,
  durable: boolean,
  log: (line: string) => void,
): Promise<string> {
  try {
    mkdirSync(dirname(place), { recursive: true });
    removeAbandoned(place);
    if (!isWhole(place)) {
      setAside(place, log);
      await create(place, account, binaries, durable);
    }
    requireVersion(place, binaries);
    return readFileSync(join(place, 'password'), 'utf8').trim();
  } catch (error) {
    throw folderError(error, place);
  }
}

/** A data folder without this file was never finished: `initdb` was interrupted, or a copy was. */
const isWhole = (place: string): boolean =>
  existsSync(join(dataOf(place), 'global', 'pg_control')) && existsSync(join(place, 'password'));

function setAside(place: string, log: (line: string) => void) {
  if (!existsSync(place) || readdirSync(place).length === 0) return;
  // Never deleted: only its owner can say whether something in it matters.
  const aside = `${place}.incomplete-${randomBytes(3).toString('hex')}`;
  renameSync(place, aside);
  log(`${place} was not a whole database; moved it to ${aside} and made a new one`);
}

async function create(place: string, account: Account, { initdb }: Binaries, durable: boolean) {
  const temporary = `${place}.new-${process.pid}-${randomBytes(3).toString('hex')}`;
  if (!account) requireName();
  const password = randomBytes(32).toString('hex');
  const data = dataOf(temporary);
  const passwordForInitdb = join(data, '..', 'initdb-password');
  try {
    mkdirSync(temporary);
    // The lent account only passes through; what it may read is `data/`.
    chmodSync(temporary, account ? 0o711 : 0o700);
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(join(temporary, 'password'), `${password}\n`, { mode: 0o600 });
    writeFileSync(passwordForInitdb, `${password}\n`, { mode: 0o600 });
    handOver([data, passwordForInitdb], account);
    const { code, output } = await run(
      initdb,
      [
        `--pgdata=${data}`,
        `--username=${superuser}`,
        `--pwfile=${passwordForInitdb}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Sorts and folds the same on every system, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      account,
    );
    if (code !== 0) throw outputError(output, place);
    rmSync(passwordForInitdb);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another process was first; theirs is whole because a rename is.
    if (!isWhole(place)) throw error;
  }
}

/** What a process that was killed while making a database left behind. */
function removeAbandoned(place: string) {
  const prefix = `${basename(place)}.new-`;
  for (const name of readdirSync(dirname(place))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!isAlive(pid)) rmSync(join(dirname(place), name), { recursive: true, force: true });
  }
}

function requireVersion(place: string, { major }: Binaries) {
  const version = readFileSync(join(dataOf(place), 'PG_VERSION'), 'utf8').trim();
  if (version === major) return;
  throw new PermanentError(
    'database-version',
    `${place} was made by Postgres ${version}, and this Laurel has Postgres ${major}; dump it with the former and restore it into a new LAUREL_DIR, or set DATABASE_URL`,
  );
}
