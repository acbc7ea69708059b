import type pg from 'pg';

import { shortHash } from '../contract/template-version.ts';
import { TemporaryError } from '../core/errors.ts';
import { isConnectionFault } from '../postgres/pool.ts';
import { TemplateError } from '../render/source/problems.ts';
import { type Bundle, bundleOf, looksIn, madeFor } from '../render/version/bundle.ts';
import { codeOf, otherCode } from '../render/version/code.ts';
import {
  type Deployment,
  type LoadedVersion,
  loadVersion,
  type VersionLooks,
} from '../render/version/load-version.ts';
import { readVersion } from '../render/version/template-versions.ts';

/** Which version, for which brand. */
type Key = Pick<VersionLooks, 'template' | 'hash' | 'brand'>;

/** Published versions, as mails are made with them. */
export type Versions = {
  /**
   * Compiled when a mail first asks for it, and kept.
   * @throws TemporaryError `version-unloadable` where this process can't have it: its mails wait, and nothing else is sent instead
   */
  readonly load: (key: Key) => Promise<LoadedVersion>;
};

/** Versions kept compiled, one for each brand: those asked for last. */
const most = 64;
/** What couldn't be loaded is tried again after this time, not for every mail. */
const againMs = 2_000;

export function openVersions(pool: pg.Pool, deployment: Deployment): Versions {
  const kept = new Map<string, Promise<LoadedVersion>>();
  return {
    load: (key) => {
      const id = `${key.hash}\n${key.brand}`;
      const found = kept.get(id);
      const loading =
        found ??
        readBundle(pool, key.hash)
          .then((bundle) => loadBundle(bundle, key.brand, deployment))
          .catch((error: unknown) => refuse(key, error));
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

/** A stored version. @throws TemplateError where it isn't there, or not what its hash says */
export async function readBundle(pool: pg.Pool, hash: string): Promise<Bundle> {
  const stored = await readVersion(pool, hash);
  if (!stored) throw new TemplateError([{ file: hash, message: 'is not stored any more' }]);
  const bundle = bundleOf(stored.template, stored.files, stored.code);
  if (bundle.hash !== hash)
    throw new TemplateError([{ file: hash, message: 'is not what was stored: its hash differs' }]);
  return bundle;
}

/** A version for one brand, with this deployment's code. @throws TemplateError where that doesn't fit */
export async function loadBundle(
  bundle: Bundle,
  brand: string,
  deployment: Deployment,
): Promise<LoadedVersion> {
  const { template, hash } = bundle;
  const { templates } = deployment;
  const here = await codeOf(templates.root, templates.definition(template));
  const other = otherCode(madeFor(bundle), here);
  return loadVersion(
    { template, hash, brand, files: looksIn(bundle), otherCode: other },
    deployment,
  );
}

/** What is wrong with a version is wrong for each of its mails: they wait until it is put right. Faults of the way to Postgres stay what they are. */
function refuse({ template, hash }: Key, error: unknown): never {
  if (isConnectionFault(error)) throw error;
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  throw new TemporaryError(
    'version-unloadable',
    `published version ${shortHash(hash)} of "${template}" can't be used with the code here: ${first}`,
    { cause: error },
  );
}
