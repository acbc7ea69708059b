import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { PermanentError } from '../../core/errors.ts';
import type { Account } from './account.ts';
import { folderError } from './folder-error.ts';

/** Where root keeps what its lent account must reach; the second where the first is read-only. */
const sharedRoots = ['/var/lib/laurel', '/var/tmp/laurel'];

/**
 * The folder that holds the database of `folder`: `<folder>/postgres`, unless the server's account cannot get
 * there (root's home is 0700). Then it is outside, and `<folder>/postgres.location` says where.
 */
export function locate(folder: string, account: Account): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw folderError(error, folder);
  }
  const real = realpathSync(folder);
  const pointer = join(real, 'postgres.location');
  if (account && existsSync(pointer)) return readPointer(pointer);
  const inside = join(real, 'postgres');
  if (!account || existsSync(inside) || canReach(real, account)) return inside;
  const key = createHash('sha256').update(real).digest('hex').slice(0, 12);
  return join(sharedFolder(real), `${basename(dirname(real)).slice(0, 40)}-${key}`);
}

/** Notes where the database went, once it is there. */
export function notePlace(folder: string, place: string): void {
  const pointer = join(realpathSync(folder), 'postgres.location');
  if (dirname(place) === dirname(pointer) || existsSync(pointer)) return;
  writeFileSync(pointer, `${place}\n`);
}

function readPointer(pointer: string): string {
  const place = readFileSync(pointer, 'utf8').trim();
  if (existsSync(place)) return place;
  // Starting an empty database here would look like every message and member being gone.
  throw new PermanentError(
    'database-gone',
    `the database should be in ${place}, as ${pointer} says, and is not; put it back, or delete that file to start with an empty one`,
  );
}

/** A folder of root's that every account can reach. */
function sharedFolder(wanted: string): string {
  let last: unknown;
  for (const root of sharedRoots) {
    try {
      mkdirSync(root, { recursive: true, mode: 0o755 });
      const { uid, mode } = lstatSync(root);
      if (uid !== 0 || (mode & 0o170000) !== 0o040000) continue; // somebody else put it there
      chmodSync(root, 0o755);
      return root;
    } catch (error) {
      last = error;
    }
  }
  throw new PermanentError(
    'database-folder',
    `Postgres does not run as root, and the user lent to it can reach neither ${wanted} nor ${sharedRoots.join(' or ')}; set LAUREL_DIR to a folder that every user can enter, or set DATABASE_URL`,
    { cause: last },
  );
}

/** Whether the account may enter `path` and every folder above it, by their permission bits. */
export function canReach(path: string, account: Account): boolean {
  if (!account) return true;
  const { uid, gid, mode } = statSync(resolve(path));
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = dirname(path);
  return parent === path || canReach(parent, account);
}
