import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * What MJML made of a markup, kept on disk beside the installed packages under the markup's hash: a library for every
 * brand takes MJML seconds, and most starts change nothing. A folder that can't be written just isn't used.
 */
export async function remembered(markup: string, make: () => Promise<string>): Promise<string> {
  const { folder, version } = place();
  const name = createHash('sha256').update(`${version}\n${markup}`).digest('hex');
  const file = join(folder, `${name}.html`);
  const found = await readFile(file, 'utf8').catch(missing);
  if (found !== undefined) return found;
  const html = await make();
  // Renamed into place, so that no process ever reads half of it.
  const part = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true })
    .then(() => writeFile(part, html))
    .then(() => rename(part, file))
    .catch(missing);
  return html;
}

/** Bumped when `mjmlToHtml` asks MJML for something else. */
const settings = '1';

let found: { readonly folder: string; readonly version: string } | undefined;

function place() {
  if (found) return found;
  const require = createRequire(import.meta.url);
  const path = require.resolve('mjml/package.json');
  const manifest: unknown = require('mjml/package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : '';
  found = {
    folder: join(dirname(path), '..', '.cache', 'laurel', 'mjml'),
    version: `${settings} ${version}`,
  };
  return found;
}

function missing(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(String(code)))
    return undefined;
  throw error;
}
