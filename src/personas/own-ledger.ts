import { join } from 'node:path';

import { openPersonaLedger, type PersonaLedger } from './persona-ledger.ts';
import { openScratch } from './scratch.ts';

/** Where rows are kept from one start to the next. */
export const keptIn = (folder: string): string => join(folder, 'cache', 'personas');

/** The personas' ledger with a database of its own, which is started only for what hasn't been counted before. */
export function openOwnLedger(folder: string, log: (line: string) => void): PersonaLedger {
  const scratch = openScratch(folder, log);
  const ledger = openPersonaLedger({ scratchUrl: scratch.url, keptIn: keptIn(folder) });
  return {
    standingAt: ledger.standingAt,
    readingAt: ledger.readingAt,
    madeOf: ledger.madeOf,
    close: async () => {
      await ledger.close();
      await scratch.close();
    },
  };
}
