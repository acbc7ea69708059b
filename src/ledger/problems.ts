import type { z } from 'zod';

import type { Problem } from '../core/errors.ts';

/** What zod found wrong, by path as people write it: `lines[0].unitPrice`. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map(({ path, message }) => ({ path: pathOf(path), message }));
}

const pathOf = (path: readonly PropertyKey[]) =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
