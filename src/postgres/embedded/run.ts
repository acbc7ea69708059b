import { spawn } from 'node:child_process';

import { PermanentError } from '../../core/errors.ts';
import type { Account } from './account.ts';

/** How a Postgres program is started: as the lent account, and blind to PG* variables meant for others. */
export const spawnOptions = (account: Account) => ({
  ...(account && { uid: account.uid, gid: account.gid }),
  cwd: '/',
  env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } satisfies NodeJS.ProcessEnv,
  windowsHide: true,
});

/** Runs a Postgres program to its end; what it printed comes back with its exit code. */
export function run(
  program: string,
  args: readonly string[],
  account: Account,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let child;
    try {
      child = spawn(program, args, spawnOptions(account));
    } catch (error) {
      // An account this system will not lend, as in a container with a single user.
      return reject(spawnError(error, program, account));
    }
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => reject(spawnError(error, program, account)));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** A program that did not even start. */
export function spawnError(error: unknown, program: string, account: Account): PermanentError {
  const reason = error instanceof Error ? error.message : String(error);
  const as = account ? ` as user ${account.name}` : '';
  return new PermanentError(
    'database-start',
    `${program} cannot be run${as} (${reason}); set DATABASE_URL to a Postgres server instead`,
    { cause: error },
  );
}
