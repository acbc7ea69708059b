import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { codeOf } from '../core/code-of.ts';

/**
 * What was made of something, kept on disk beside the installed packages under a hash of what it was made of: reading and
 * checking a library for every brand takes seconds, and most starts change nothing. A folder that can't be written just
 * isn't used.
 * @param kind names the kind of thing; of each, only what is JSON
 * @param of all that it depends on, as JSON: that of the code too, where that changes (`codeVersion`)
 * @param make throws where there is nothing to remember
 * @param still whether what was found is still so, where that also depends on what can't be known beforehand
 */
export async function remembered<T>(
  kind: string,
  of: unknown,
  make: () => T | Promise<T>,
  still: (found: T) => boolean = () => true,
): Promise<T> {
  const name = createHash('sha256').update(JSON.stringify(of)).digest('hex');
  const place = join(folder(), kind);
  const file = join(place, `${name}.json`);
  const found = await readFile(file, 'utf8').catch(missing);
  if (found !== undefined) {
    const before: T = JSON.parse(found);
    if (still(before)) return before;
  }
  const made = await make();
  // Renamed into place, so that no process ever reads half of it.
  const part = `${file}.${randomUUID()}`;
  await mkdir(place, { recursive: true })
    .then(() => writeFile(part, JSON.stringify(made)))
    .then(() => rename(part, file))
    .then(() => forgetOld(place))
    .catch(missing);
  return made;
}

let ownVersion: string | undefined;

/** Changes with any code that reads, checks or compiles templates, and with the packages it uses. */
export function codeVersion(): string {
  if (ownVersion !== undefined) return ownVersion;
  const hash = createHash('sha256').update(process.version);
  const around = join(import.meta.dirname, '..');
  for (const room of ['render', 'brand', 'contract', 'core'])
    for (const file of readdirSync(join(around, room), { recursive: true, encoding: 'utf8' }))
      if (/(?<!\.test)\.[jt]sx?$/.test(file))
        hash.update(`\n${room}/${file}\n`).update(readFileSync(join(around, room, file)));
  for (const name of ['mjml', 'handlebars', 'parse5', 'html-to-text', 'intl-messageformat'])
    hash.update(`\n${name} ${packageVersion(name)}`);
  return (ownVersion = hash.digest('hex'));
}

const require = createRequire(import.meta.url);

export function packageVersion(name: string): string {
  const main = require.resolve(name);
  const at = main.lastIndexOf(join('node_modules', name));
  const manifest: unknown = require(join(main.slice(0, at), 'node_modules', name, 'package.json'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}

let found: string | undefined;

function folder(): string {
  if (found !== undefined) return found;
  const main = require.resolve('mjml');
  const packages = main.slice(0, main.lastIndexOf(join('node_modules', 'mjml')));
  return (found = join(packages, 'node_modules', '.cache', 'laurel'));
}

const oldMs = 30 * 24 * 60 * 60 * 1000;
const tidied = new Set<string>();

/** Once a process, and only one that adds to it. */
async function forgetOld(place: string): Promise<void> {
  if (tidied.has(place)) return;
  tidied.add(place);
  const before = Date.now() - oldMs;
  for (const name of await readdir(place)) {
    const file = join(place, name);
    const about = await stat(file).catch(missing);
    if (about && about.mtimeMs < before) await rm(file, { force: true });
  }
}

function missing(error: unknown): undefined {
  const code = codeOf(error);
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(code))
    return undefined;
  throw error;
}
