import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { undefinedWhereMissing } from '../src/core/code-of.ts';

/** Of one that died at it. */
const givenUpMs = 300_000;

/**
 * Makes what several processes of a run want: one of them while the others wait. `make` leaves it at `path` when it is whole.
 */
export async function madeOnce(path: string, make: () => Promise<void>): Promise<void> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  while (!existsSync(path)) {
    const mine = await mkdir(lock).then(
      () => true,
      (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
    );
    if (mine) {
      try {
        if (!existsSync(path)) await make();
        return;
      } finally {
        await rm(lock, { recursive: true, force: true });
      }
    }
    const since = await stat(lock).catch(undefinedWhereMissing);
    if (since && Date.now() - since.mtimeMs > givenUpMs)
      await rm(lock, { recursive: true, force: true });
    await sleep(200);
  }
}
