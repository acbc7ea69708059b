/** What may be logged of an error: no fields that libraries add, and no words of Postgres about data, since both can quote it. */
export function loggedError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Classes 22 and 23: wrong data, broken constraints.
  const quotesData = /^2[23]...$/.test(code);
  return {
    type: error.name,
    code,
    message: quotesData ? '(withheld: may quote data)' : error.message,
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(error.cause !== undefined && { cause: loggedError(error.cause) }),
  };
}
