import { join, resolve } from 'node:path';

import type pg from 'pg';

import { shortHash } from '../contract/template-version.ts';
import { TemporaryError } from '../core/errors.ts';
import { isConnectionFault } from '../postgres/pool.ts';
import { TemplateError } from '../render/source/problems.ts';
import { type Bundle, bundleOf, writeBundle } from '../render/version/bundle.ts';
import {
  type LoadedVersion,
  loadVersion,
  type VersionKey,
} from '../render/version/load-version.ts';
import { readVersion } from '../render/version/template-versions.ts';
import { engine } from './folders.ts';

/** Where published versions are written out to be loaded. */
export const versionsFolder = (folder: string): string => resolve(join(folder, 'versions'));

/** Published versions, as mails are made with them. */
export type Versions = {
  /**
   * Compiled when a mail first asks for it, and kept.
   * @throws TemporaryError `version-unloadable` where this process can't have it: its mails wait, and nothing else is sent instead
   */
  readonly load: (key: Omit<VersionKey, 'root'>) => Promise<LoadedVersion>;
  /** Somebody can't have what was loaded, a rendering thread say: it is looked at anew, and its files are written anew. */
  readonly forget: (key: Pick<VersionKey, 'hash' | 'brand'>) => void;
};

/** Versions kept compiled, one for each brand: those asked for last. */
const most = 64;
/** What couldn't be loaded is tried again after this time, not for every mail. */
const againMs = 2_000;

/** @param folder Laurel's own, which versions are written to */
export function openVersions({
  pool,
  folder,
}: {
  readonly pool: pg.Pool;
  readonly folder: string;
}): Versions {
  const kept = new Map<string, Promise<LoadedVersion>>();
  const written = new Map<string, Promise<string>>();

  const fetch = async ({ template, hash, brand }: Omit<VersionKey, 'root'>) => {
    // Of one version for several brands, the files are read once.
    const writing = written.get(hash) ?? readAndWrite(pool, folder, hash);
    written.set(hash, writing);
    try {
      return await loadVersion({ root: await writing, template, hash, brand });
    } finally {
      written.delete(hash);
    }
  };

  return {
    forget: (key) => void kept.delete(idOf(key)),
    load: (key) => {
      const id = idOf(key);
      const found = kept.get(id);
      const loading = found ?? fetch(key).catch((error: unknown) => refuse(key, error));
      kept.delete(id);
      kept.set(id, loading);
      if (found) return found;
      loading.catch(() => {
        setTimeout(() => kept.get(id) === loading && kept.delete(id), againMs).unref();
      });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return loading;
    },
  };
}

const idOf = ({ hash, brand }: Pick<VersionKey, 'hash' | 'brand'>) => `${hash}\n${brand}`;

async function readAndWrite(pool: pg.Pool, folder: string, hash: string): Promise<string> {
  const stored = await readVersion(pool, hash);
  if (!stored) throw new TemplateError([{ file: hash, message: 'is not stored any more' }]);
  const bundle: Bundle = bundleOf(stored.template, stored.files);
  if (bundle.hash !== hash)
    throw new TemplateError([{ file: hash, message: 'is not what was stored: its hash differs' }]);
  return writeBundle(versionsFolder(folder), bundle, engine);
}

/** What is wrong with a version is wrong for each of its mails: they wait until it is put right. Faults of the way to Postgres stay what they are. */
function refuse({ template, hash }: Pick<VersionKey, 'template' | 'hash'>, error: unknown): never {
  if (isConnectionFault(error)) throw error;
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  throw new TemporaryError(
    'version-unloadable',
    `published version ${shortHash(hash)} of "${template}" can't be loaded here: ${first}`,
    { cause: error },
  );
}
