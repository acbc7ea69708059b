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
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { text: `${text} (LOG_LEVEL=debug shows where it comes from)`, exitCode: 1 };
}

/** A connection tried on several addresses fails with a message on each, and none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}
