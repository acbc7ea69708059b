import { codeOf } from '../../core/code-of.ts';
import { PermanentError } from '../../core/errors.ts';

const instead = 'set LAUREL_DIR to another folder, or DATABASE_URL to a Postgres server';

/** What went wrong with a folder, in words its owner can act on; anything else comes back unchanged. */
export function folderError(error: unknown, folder: string): unknown {
  const problem = problems[codeOf(error)];
  if (!problem) return error;
  return new PermanentError('database-folder', problem(folder), { cause: error });
}

/** The same for what a Postgres program printed before it gave up. */
export function outputError(output: string, folder: string): PermanentError {
  const code = /No space left|Disk quota/i.test(output)
    ? 'ENOSPC'
    : /Read-only file system/i.test(output)
      ? 'EROFS'
      : /Permission denied/i.test(output)
        ? 'EACCES'
        : undefined;
  const problem = code ? problems[code] : undefined;
  if (problem) return new PermanentError('database-folder', problem(folder));
  const lines = output.trim().split('\n').slice(-8).join('\n');
  return new PermanentError(
    'database-start',
    `the embedded Postgres in ${folder} did not start; ${instead}. It said:\n${lines}`,
  );
}

const denied = (folder: string) =>
  `${folder} cannot be written to by the user Laurel runs as; change its owner, ${instead}`;
const full = (folder: string) =>
  `the disk that holds ${folder} is full: the database needs about 100 MB to begin with; free some space, ${instead}`;
const file = (folder: string) =>
  `${folder} is or lies below a file, not a folder; remove it, ${instead}`;
const problems: Record<string, ((folder: string) => string) | undefined> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: (folder) => `${folder} is on a read-only disk; ${instead}`,
  ENOSPC: full,
  EDQUOT: full,
  ENOTDIR: file,
  EEXIST: file,
};
