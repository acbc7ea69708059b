/** How deep causes are followed: one that names itself would have no end. */
const deepest = 5;

/**
 * What may be logged of an error and of what caused it: no fields that libraries add, and no words of Postgres about data, since
 * both can quote it. Loggers apply it themselves, to what was thrown (`{ err: error }`); what went through it stays as it is.
 */
export function loggedError(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: error === null ? 'null' : typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Classes 22 and 23: wrong data, broken constraints.
  const quotesData = /^2[23]...$/.test(code);
  const inner = (one: unknown) => loggedError(one, depth + 1);
  return {
    type: error.name,
    code,
    message: quotesData ? '(withheld: may quote data)' : error.message,
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(error.cause !== undefined && depth < deepest && { cause: inner(error.cause) }),
    ...(error instanceof AggregateError && depth < deepest && { errors: error.errors.map(inner) }),
  };
}
