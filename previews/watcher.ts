import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';

import { watch } from 'chokidar';

/** What was saved, split by what has to be done: code needs a new process, looks (also those in React) only to be read again. */
export type Saved = { readonly files: readonly string[]; readonly code: boolean };

const folders = [
  'templates',
  'fixtures',
  'src/brand',
  'src/contract',
  'src/core',
  'src/decision',
  'src/ledger',
  'src/personas',
  'src/postgres/migrations',
  'src/profile',
  'src/render',
];

/** Files written together are told together. */
const togetherMs = 25;

/** Watches templates, fixtures and the code they run through; tells of saved files, relative to the root. */
export async function startWatcher(
  root: string,
  onSaved: (saved: Saved) => void,
): Promise<{ close: () => Promise<void> }> {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const files = [...pending];
    pending.clear();
    onSaved({ files, code: files.some((file) => /\.(ts|sql)$/.test(file)) });
  };
  // A project of one's own is small, and all of it may be what mails are made of.
  const own = !existsSync(`${root}/src/decision`);
  const watcher = watch(own ? root : folders.map((folder) => `${root}/${folder}`), {
    ignoreInitial: true,
    ignored: (path, stats) =>
      (own && /^(node_modules|dist|\..+)(\/|$)/.test(relative(root, path).replaceAll('\\', '/'))) ||
      (stats?.isFile() === true &&
        (!/\.(mjml|hbs|json|ndjson|sql|tsx?)$/.test(path) || /\.test\.tsx?$/.test(path))),
  });
  watcher.on('all', (_event, path) => {
    const file = relative(root, path).split(sep).join('/');
    if (/\.\w+$/.test(file)) pending.add(file);
    clearTimeout(timer);
    if (pending.size > 0) timer = setTimeout(flush, togetherMs);
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve);
    watcher.once('error', reject);
  });
  return {
    close: () => {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}
