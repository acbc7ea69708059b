import { existsSync } from 'node:fs';

import { PermanentError } from '../core/errors.ts';

/** Sets variables from `.env` in the working directory, if there is one. What is set already stays as it is. */
export function readEnvFile(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PermanentError('env-file', `cannot read .env in the working directory: ${why}`);
  }
}
