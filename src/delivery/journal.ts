import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { nothingWhereMissing } from '../core/code-of.ts';
import type { Ending } from './claims.ts';

/**
 * The last resort for "it was sent": when Postgres can't be reached at shutdown, the ending is written to a local,
 * fsynced file of its own and recorded by the next process that starts with this folder. Several processes may share it.
 */
export async function writeJournal(folder: string, ending: Ending): Promise<void> {
  await mkdir(journalOf(folder), { recursive: true, mode: 0o700 });
  const path = join(journalOf(folder), `${ending.id}-${ending.token}`);
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.write(JSON.stringify({ ...ending, message: null }));
    await file.sync();
  } finally {
    await file.close();
  }
  // Whole or not at all.
  await rename(`${path}.part`, `${path}.json`);
  const entries = await open(journalOf(folder), 'r');
  try {
    await entries.sync();
  } finally {
    await entries.close();
  }
}

/**
 * Records what earlier processes left behind; each ending goes once it is recorded. Returns how many there were.
 * @throws what `finish` throws; what wasn't recorded stays.
 */
export async function replayJournal(
  folder: string,
  finish: (endingsJson: string) => Promise<unknown>,
): Promise<number> {
  const names = await readdir(journalOf(folder)).catch(nothingWhereMissing);
  const paths = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(journalOf(folder), name));
  for (const path of paths) {
    // Another process that starts at the same time may have been faster, to no harm.
    const text = await readFile(path, 'utf8').catch(nothingWhereMissing);
    if (typeof text === 'string') await finish(`[${text}]`);
    await rm(path, { force: true });
  }
  return paths.length;
}

const journalOf = (folder: string) => join(folder, 'endings');
