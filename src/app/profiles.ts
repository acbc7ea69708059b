import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type pg from 'pg';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import type { ProfileReading } from '../contract/profile.ts';
import { isMissing } from '../core/code-of.ts';
import { InvalidInput, PermanentError } from '../core/errors.ts';
import { batch, micro } from '../core/micro-batch.ts';
import type { Metrics } from '../metrics.ts';
import { type Composer, composer, type OpenSource, type Watch } from '../profile/composer.ts';
import { type DatedKey, readProfilesAsOf } from '../profile/ledger.ts';
import { noteSourceDown, noteSourceUp } from '../profile/source-outages.ts';
import { parseSources, type SourcesFile } from '../profile/sources/parse.ts';
import type { SourceKind, SourceParts } from '../profile/sources/source.ts';
import { parseJson } from '../render/source/json-file.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { LoadedBrand } from '../render/voice/brand-files.ts';
import { closers } from './closers.ts';

type Surroundings = Pick<Config, 'sourceSecrets' | 'allowedNetworks' | 'folder'>;

/** Profiles as mails need them: from the ledger, and in brands with further sources, composed. */
export type Profiles = {
  /** What reads a profile as of the instant its mail is decided at. Concurrent callers of the same one ask the ledger together. */
  readonly loading: () => (key: DatedKey & { readonly brand: string }) => Promise<ProfileReading>;
  readonly close: () => Promise<void>;
};

/** @throws TemplateError for what is wrong in a brand's `sources.json`, with file and line */
export async function openProfiles({
  pool,
  brands,
  config,
  metrics,
  log,
  now,
  root,
  kinds,
}: {
  readonly pool: pg.Pool;
  readonly brands: ReadonlyMap<string, LoadedBrand>;
  readonly config: Surroundings;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Date;
  /** Folder of the brands' folders. */
  readonly root: string;
  readonly kinds?: readonly SourceKind[] | undefined;
}): Promise<Profiles> {
  const open = closers();
  const composers = new Map<string, Composer>();
  try {
    for (const [id, { brand }] of brands) {
      const file = await openSources(root, id, partsOf(config, now), kinds);
      if (!file) continue;
      open.add(file.close);
      const watch = watchOf(id, pool, metrics, log);
      composers.set(id, composer(brand, file.sources, file.precedence, watch));
    }
  } catch (error) {
    await open.closeAll();
    throw error;
  }
  return {
    loading: () => {
      const ledger = batch(
        (keys: readonly DatedKey[]) => readProfilesAsOf(pool, (id) => brands.get(id)?.brand, keys),
        { ...micro, max: 50 },
      );
      return async ({ brand, ...key }) => {
        const reading = await ledger(key);
        const compose = composers.get(brand);
        if (reading instanceof PermanentError) throw reading;
        return compose ? compose(key, reading, key.now) : reading;
      };
    },
    close: open.closeAll,
  };
}

/** A brand's sources, opened; undefined for a brand that has the ledger alone. */
export async function openSources(
  root: string,
  brand: string,
  parts: SourceParts,
  kinds?: readonly SourceKind[],
): Promise<
  | {
      readonly sources: readonly OpenSource[];
      readonly precedence: SourcesFile['precedence'];
      readonly close: () => Promise<void>;
    }
  | undefined
> {
  const file = `brands/${brand}/sources.json`;
  const text = await textOf(join(root, brand, 'sources.json'));
  if (text === undefined) return undefined;
  const json = parseJson(text, file);
  const open = closers();
  try {
    const { sources, precedence } = parseSources(json.value, kinds);
    const opened = sources.map(({ name, settings, open: openOne }) => {
      const source = openOne(parts);
      open.add(source.close);
      return { name, settings, source };
    });
    return { sources: opened, precedence, close: open.closeAll };
  } catch (error) {
    await open.closeAll();
    if (!(error instanceof InvalidInput)) throw error;
    throw new TemplateError(
      error.problems.map(({ path, message }): SourceProblem => ({
        file,
        line: json.lineOf(path.split('.')),
        path,
        message,
      })),
    );
  }
}

export const partsOf = (
  { sourceSecrets, allowedNetworks, folder }: Surroundings,
  now: () => Date,
): SourceParts => ({
  secret: (name) => sourceSecrets.get(name),
  networks: allowedNetworks,
  folder,
  batch,
  now,
});

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const breakerFigures = { closed: 0, 'half-open': 1, open: 2 } as const;

function watchOf(brand: string, pool: pg.Pool, metrics: Metrics, log: Logger): Watch {
  const known = new Map<string, 'open' | 'closed'>();
  /** Tells somebody when it changes; where that can't be written down now, the next question tries again. */
  const tell = async (source: string, state: 'open' | 'closed') => {
    if (known.get(source) === state) return;
    known.set(source, state);
    try {
      const key = { brand, source };
      const news = await (state === 'open' ? noteSourceDown(pool, key) : noteSourceUp(pool, key));
      if (!news) return;
      if (state === 'open') log.error(key, 'a profile source keeps failing and is left alone');
      else log.info(key, 'a profile source answers again');
    } catch (err) {
      known.delete(source);
      log.warn({ err, brand, source }, 'could not tell that a profile source changed');
    }
  };
  return {
    asked: (source, state, seconds) => {
      metrics.sourceSeconds.observe({ brand, source }, seconds);
      metrics.sourceAnswers.inc({ brand, source, state });
    },
    breaker: (source, state) => {
      metrics.sourceBreaker.set({ brand, source }, breakerFigures[state]);
      if (state !== 'half-open') void tell(source, state);
    },
    unexpected: (source, err) =>
      log.error({ err, brand, source }, 'a profile source failed unexpectedly'),
  };
}
