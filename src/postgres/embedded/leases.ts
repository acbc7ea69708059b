import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { codeOf } from '../../core/code-of.ts';

/*
 * Who uses the server, so that the last one out stops it and nobody stops it under another.
 *
 * A process in use has a file in `users/`; one about to stop the server has a file in `stopping/`.
 * Coming: write to `users/`, then wait until `stopping/` is empty. Leaving: write to `stopping/`, remove the
 * own file in `users/`, then look for others; stop only when there are none. Each writes before it looks, so
 * of two that meet at least one sees the other. A file of a process that has died counts for nothing.
 */
export type Lease = {
  /** Gives the lease back; runs `stop` first when nobody else has one. */
  leave: (stop: () => Promise<void>) => Promise<void>;
  /** The same for a process that is ending right now. */
  leaveNow: (stop: () => void) => void;
};

/** Registers this process as a user of the server kept in `folder`. */
export async function takeLease(folder: string): Promise<Lease> {
  const users = join(folder, 'users');
  const stopping = join(folder, 'stopping');
  mkdirSync(users, { recursive: true });
  mkdirSync(stopping, { recursive: true });
  const id = `${process.pid}-${startOf(process.pid)}-${randomBytes(4).toString('hex')}`;
  const mine = join(users, id);
  const mark = join(stopping, id);
  writeFileSync(mine, '');
  while (anyLive(stopping)) await sleep(20);

  let left = false;
  const isLast = () => {
    if (left) return false;
    left = true;
    if (!existsSync(folder)) return true; // deleted under us: nobody can come any more
    writeFileSync(mark, '');
    rmSync(mine, { force: true });
    return !anyLive(users);
  };
  return {
    leave: async (stop) => {
      try {
        if (isLast()) await stop();
      } finally {
        rmSync(mark, { force: true });
      }
    },
    leaveNow: (stop) => {
      try {
        if (isLast()) stop();
      } finally {
        rmSync(mark, { force: true });
      }
    },
  };
}

function anyLive(folder: string): boolean {
  return readdirSync(folder).some((id) => {
    const [pid, start] = id.split('-');
    if (isAlive(Number(pid)) && startOf(Number(pid)) === start) return true;
    rmSync(join(folder, id), { force: true });
    return false;
  });
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Tells a process from a later one with the same id, and from one killed but not yet reaped. `0` where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces; the start time is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '0');
  } catch {
    return '0';
  }
}
