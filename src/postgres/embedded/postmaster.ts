import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isAlive } from './leases.ts';

/** What a running server writes about itself in its data folder. Only Postgres itself may remove that file. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** The server said to run on `data`: alive and a Postgres, as far as can be told without asking it. */
export function findPostmaster(data: string): Postmaster | undefined {
  const noted = readNote(data);
  return noted && isAlive(noted.pid) && isPostgres(noted.pid) ? noted : undefined;
}

/**
 * A process that has taken over the id in a killed server's note, as after a restart of a container where ids
 * repeat. Postgres would mistake it for a running server.
 */
export function mistakenFor(data: string): number | undefined {
  const noted = readNote(data);
  return noted && isAlive(noted.pid) && !isPostgres(noted.pid) ? noted.pid : undefined;
}

/** Lines: pid, data folder, start time, port, socket folder, address, shared memory, state. */
function readNote(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

function isPostgres(pid: number): boolean {
  if (process.platform === 'win32') return true;
  try {
    const command =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes('postgres');
  } catch {
    return isAlive(pid); // when in doubt, it is: the server itself will say
  }
}
