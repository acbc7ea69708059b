import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');

/**
 * The folder of the built pages. They are built when there is none for the sources as they are now, once: the folder is
 * named after what it was built from.
 * @throws Error with Vite's own words when they can't be built
 */
export async function builtPages(log: (line: string) => void): Promise<string> {
  // A package brings them.
  if (existsSync(join(here, 'pages/index.html'))) return join(here, 'pages');
  const folder = join(dist, await fingerprint());
  if (existsSync(join(folder, 'index.html'))) return folder;
  log('Building the preview’s pages, once …');
  const own = `${folder}.${process.pid}`;
  const vite = join(
    dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin/vite.js',
  );
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', own, '--logLevel', 'warn'],
    {
      cwd: dirname(here),
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  // Two may build at once: whoever is first wins, the other's is the same.
  await rename(own, folder).catch(() => rm(own, { recursive: true, force: true }));
  for (const name of await readdir(dist))
    if (/^[0-9a-f]{16}$/.test(name) && join(dist, name) !== folder)
      await rm(join(dist, name), { recursive: true, force: true });
  return folder;
}

async function fingerprint(): Promise<string> {
  const ui = join(here, 'ui');
  const files = (await readdir(ui, { recursive: true })).toSorted().map((name) => join(ui, name));
  const hash = createHash('sha256');
  for (const file of [...files, join(here, 'protocol.ts'), join(dirname(here), 'vite.config.ts')]) {
    if (!/\.\w+$/.test(file)) continue;
    hash.update(file.slice(here.length)).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
