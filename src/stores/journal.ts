import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Ending } from './claims.ts';

/**
 * The last resort for "it was sent": when Postgres can't be reached at shutdown, the ending is written to a local,
 * fsynced file and recorded by the next process that starts with this folder.
 */
export async function writeJournal(folder: string, ending: Ending): Promise<void> {
  const file = await open(journalPath(folder), 'a', 0o600);
  try {
    await file.write(`${JSON.stringify(ending)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Records what an earlier process left behind, then removes the file. Returns how many endings there were. */
export async function replayJournal(
  folder: string,
  finish: (endingsJson: string) => Promise<unknown>,
): Promise<number> {
  const text = await readFile(journalPath(folder), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  // A line cut short by a crash was never fsynced, so nothing relied on it.
  const endings = text.split('\n').filter((line) => line.endsWith('}'));
  if (endings.length > 0) await finish(`[${endings.join(',')}]`);
  await rm(journalPath(folder), { force: true });
  return endings.length;
}

const journalPath = (folder: string) => join(folder, 'endings.ndjson');
