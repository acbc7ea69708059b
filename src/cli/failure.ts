import { CommanderError } from 'commander';

import { InvalidInput, PermanentError, TemporaryError } from '../core/errors.ts';
import { isConnectionFault } from '../postgres/pool.ts';

/** The command was written wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The configuration is wrong, all of it at once. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(cause: InvalidInput) {
    const lines = cause.problems.map(({ path, message }) => `  ${path} ${message}`);
    super(
      `the configuration is wrong; these variables are described in .env.example:\n${lines.join('\n')}`,
      { cause },
    );
  }
}

/** What a failure means to whoever typed the command. */
export type Told = { readonly text: string | null; readonly exitCode: 0 | 1 | 2 };

/** Turns what was thrown into a message for stderr, without a stack, and an exit code. */
export function tell(error: unknown): Told {
  // Help, the version and mistakes in the arguments: commander has printed them.
  if (error instanceof CommanderError)
    return { text: null, exitCode: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof UsageError) return { text: error.message, exitCode: 2 };
  if (isConnectionFault(error)) {
    return {
      text: `Postgres cannot be reached (${reasonOf(error)}); is the server running, and DATABASE_URL right? \`laurel doctor\` says more`,
      exitCode: 1,
    };
  }
  const known =
    error instanceof PermanentError ||
    error instanceof TemporaryError ||
    error instanceof ConfigurationError;
  if (known) return { text: error.message, exitCode: 1 };
  const system = systemFault(error);
  if (system !== null) return { text: system, exitCode: 1 };
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { text: `${text} (LOG_LEVEL=debug shows where it comes from)`, exitCode: 1 };
}

const fileFaults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'it is on a disk that can only be read',
  EISDIR: 'it is a folder; name a file',
  ENOTDIR: 'a part of its path is a file',
  ENOSPC: 'the disk is full',
};

/** What the operating system refused, by the file or the port it is about; null where it was something else. */
function systemFault(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code === 'EADDRINUSE' && 'port' in error)
    return `port ${String(error.port)} is in use; stop what listens there, or choose another one (PORT, or --port of the preview)`;
  const why = fileFaults[String(error.code)];
  if (why === undefined || !('path' in error) || !('syscall' in error)) return null;
  return `cannot ${String(error.syscall)} ${String(error.path)}: ${why}`;
}

/** A connection tried on several addresses fails with a message on each, and none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
