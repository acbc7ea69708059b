import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { isMissing, nothingWhereMissing } from '../core/code-of.ts';

const chunk = 500;
const idIn = /([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\.eml$/;

/**
 * Removes mails from an outbox folder: those older than `before`, and those of messages that were emptied since.
 * @param emptied which of these messages were
 * @returns how many files went; a folder that isn't there has none
 */
export async function sweepOutbox(
  folder: string,
  before: Date | null,
  emptied: (messageIds: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const names = (await readdir(folder).catch(nothingWhereMissing)).filter((name) =>
    name.endsWith('.eml'),
  );
  let removed = 0;
  for (let start = 0; start < names.length; start += chunk) {
    const some = names.slice(start, start + chunk);
    const gone = await emptied(some.flatMap((name) => idIn.exec(name)?.[1] ?? []));
    for (const name of some) {
      const path = join(folder, name);
      const id = idIn.exec(name)?.[1];
      if (!(id !== undefined && gone.has(id)) && !(before && (await isOlder(path, before))))
        continue;
      await rm(path, { force: true });
      removed += 1;
    }
  }
  return removed;
}

async function isOlder(path: string, before: Date): Promise<boolean> {
  try {
    return (await stat(path)).mtime < before;
  } catch (error) {
    // Somebody took it away meanwhile; anything else would leave old mail lying there unnoticed.
    if (isMissing(error)) return false;
    throw error;
  }
}
