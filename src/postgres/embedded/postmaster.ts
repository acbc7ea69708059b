import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { isAlive } from './leases.ts';

/** What a running server writes about itself in its data folder. Only Postgres itself may remove that file. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** The server that runs on `data`, as far as can be told without asking it. */
export function findPostmaster(data: string): Postmaster | undefined {
  const noted = readNote(data);
  return noted && isAlive(noted.pid) && serves(noted.pid, data) ? noted : undefined;
}

/**
 * A process that has taken over the id in a killed server's note, as after a restart of a container where ids
 * repeat. Postgres would mistake it for a running server.
 */
export function mistakenFor(data: string): number | undefined {
  const noted = readNote(data);
  return noted && isAlive(noted.pid) && !serves(noted.pid, data) ? noted.pid : undefined;
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

function serves(pid: number, data: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    return workingFolder(pid) === realpathSync(data);
  } catch {
    // Not told: another system, or a container whose root may not look into other users' processes.
  }
  try {
    return commandOf(pid).includes(data);
  } catch {
    return isAlive(pid); // in doubt it does: Postgres itself will say
  }
}

/** A server works in its data folder, and this name follows when the folder is moved. */
const workingFolder = (pid: number): string => readlinkSync(`/proc/${pid}/cwd`);

const commandOf = (pid: number): string =>
  process.platform === 'linux'
    ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
