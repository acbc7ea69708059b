import { chownSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';

import { PermanentError } from '../../core/errors.ts';

/** The user the server runs as. Undefined: the one we are. */
export type Account =
  | { readonly uid: number; readonly gid: number; readonly name: string }
  | undefined;

/** In order of preference: the usual owner of a Postgres, then the account made for owning nothing. */
const preferred = ['postgres', 'nobody'];

/**
 * Postgres refuses to run as root, so root lends it an account that is already on the system; none is added.
 * @throws PermanentError `no-account` when there is none to use.
 */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  const account =
    preferred.map((name) => accounts.find((one) => one.name === name)).find(Boolean) ?? accounts[0];
  if (account) return account;
  throw new PermanentError(
    'no-account',
    'Postgres does not run as root and /etc/passwd names no other user; add one, run Laurel as an ordinary user, or set DATABASE_URL',
  );
}

/** Files that are there already belong to somebody: the server must run as them. */
export function ownerOf(data: string, otherwise: Account): Account {
  const found = otherwise && statSync(data, { throwIfNoEntry: false });
  if (!found || found.uid === 0) return otherwise;
  return { uid: found.uid, gid: found.gid, name: `number ${found.uid}` };
}

function readAccounts() {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0);
}

/** Makes the account the owner of what it needs to read and write. */
export function handOver(paths: readonly string[], account: Account): void {
  if (!account) return;
  try {
    for (const path of paths) chownSync(path, account.uid, account.gid);
  } catch (error) {
    throw new PermanentError(
      'no-account',
      `Postgres does not run as root, and root may not use the account ${account.name} here, as in a container of a single user; run Laurel as an ordinary user or set DATABASE_URL`,
      { cause: error },
    );
  }
}

/** `initdb` asks for the name of its user and fails without one, as in a container run with a bare uid. */
export function requireName(): void {
  try {
    userInfo();
  } catch (error) {
    throw new PermanentError(
      'no-account',
      `the user Laurel runs as (uid ${process.getuid?.()}) has no entry in /etc/passwd, which Postgres needs; add one or set DATABASE_URL`,
      { cause: error },
    );
  }
}
