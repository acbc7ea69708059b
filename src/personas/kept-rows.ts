import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { YearFigures } from '../contract/year-figures.ts';
import { undefinedWhereMissing } from '../core/code-of.ts';
import { Instant } from '../core/instant.ts';
import { keptValues } from '../core/memo.ts';
import type { Found } from '../profile/ledger.ts';

/** What the ledger holds of somebody after some events. */
export type Counted = {
  readonly row: Found;
  /** Subjects that were cancelled, and since when. */
  readonly cancelled: Readonly<Record<string, string>>;
  /** Of the year of the last event; null where there is no member. */
  readonly figures: YearFigures | null;
};

/** What is counted, by what it comes from, each once. */
export type KeptRows = {
  readonly row: (key: string, count: () => Promise<Counted>) => Promise<Counted>;
};

const Kept = z.strictObject({
  row: z.strictObject({
    memberId: z.string().nullable(),
    owner: z.string().nullable(),
    ownEmail: z.string().nullable(),
    document: z.unknown(),
    /** A file may have been changed: what it holds is looked at. */
    sealed: z.unknown().transform(() => null),
    /** Counted over all members of a brand, which personas are not. */
    spending: z.null(),
  }),
  cancelled: z.record(z.string(), Instant),
  figures: YearFigures.nullable(),
});

/** The folders whose code makes a row of events. */
const counting = [
  'ledger',
  'personas',
  'brand',
  'core',
  'contract',
  'message/rows',
  'postgres/migrations',
];

/** @param folder where rows are kept from one start to the next; null: only as long as this process runs */
export function openKeptRows(folder: string | null): KeptRows {
  const rows = keptValues<Counted>();
  let place: Promise<string> | undefined;

  const read = async (key: string, count: () => Promise<Counted>): Promise<Counted> => {
    if (folder === null) return count();
    const file = join(await (place ??= placeIn(folder)), `${key}.json`);
    const text = await readFile(file, 'utf8').catch(undefinedWhereMissing);
    if (text !== undefined) return Kept.parse(JSON.parse(text));
    const found = await count();
    // Whole or not at all: another process may be reading. And somebody may have tidied up since.
    await mkdir(dirname(file), { recursive: true });
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, JSON.stringify(found));
    await rename(draft, file);
    return found;
  };
  return { row: (key, count) => rows.get(key, () => read(key, count)) };
}

const unusedMs = 7 * 86_400_000;

/** A folder for what this very code counts. What other code counted goes once none has used it for a week: it may be running. */
async function placeIn(folder: string): Promise<string> {
  const place = join(folder, await hashOfCode());
  await mkdir(place, { recursive: true });
  const now = new Date();
  await utimes(place, now, now);
  for (const name of await readdir(folder)) {
    const other = join(folder, name);
    const used = await stat(other).catch(undefinedWhereMissing);
    if (used && now.getTime() - used.mtimeMs > unusedMs)
      await rm(other, { recursive: true, force: true });
  }
  return place;
}

async function hashOfCode(): Promise<string> {
  const hash = createHash('sha256');
  for (const room of counting) {
    const folder = join(import.meta.dirname, '..', room);
    const files = await readdir(folder, { recursive: true });
    for (const name of files.toSorted())
      if (/(?<!\.test)\.(ts|js|sql)$/.test(name))
        hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
