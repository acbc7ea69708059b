import type { z } from 'zod';

import type { Problem } from './errors.ts';
import { formatPath } from './payload.ts';

/**
 * A schema's complaints as problems with readable paths (`data.items[2].price`); unknown fields are named one by one.
 * @param before path of what was parsed within the whole input, e.g. `['data']`
 */
export function problemsOf(
  error: { readonly issues: readonly z.core.$ZodIssue[] },
  before: readonly PropertyKey[] = [],
): Problem[] {
  return error.issues.flatMap((issue) => {
    const at = [...before, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: formatPath([...at, key]),
        message: 'is not a known field',
      }));
    return [{ path: formatPath(at), message: messageOf(issue) }];
  });
}

/** What zod says where a schema has no words of its own. */
const zodsOwn = /^(Invalid|Too (small|big)|Unrecognized)/;

function messageOf(issue: z.core.$ZodIssue): string {
  const isMissing = issue.code === 'invalid_type' && 'input' in issue && issue.input === undefined;
  if (!zodsOwn.test(issue.message))
    return isMissing && issue.message.startsWith('must ')
      ? `is missing; ${issue.message}`
      : issue.message;
  if (issue.code === 'invalid_type') {
    const wanted = article(issue.expected === 'record' ? 'object' : issue.expected);
    if (isMissing || issue.message.endsWith('received undefined'))
      return `is missing; must be ${wanted}`;
    return 'input' in issue
      ? `must be ${wanted}, not ${article(kindOf(issue.input))}`
      : `must be ${wanted}`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
    const limit = issue.inclusive === false ? 'more than' : 'at least';
    return `must ${bound(issue.origin)} ${limit} ${issue.minimum}`;
  }
  if (issue.code === 'too_big') {
    const limit = issue.inclusive === false ? 'less than' : 'at most';
    return `must ${bound(issue.origin)} ${limit} ${issue.maximum}`;
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value)).join(', ');
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${values}`;
  }
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return `must be one of ${issue.options.map((option) => JSON.stringify(option)).join(', ')}`;
  if (issue.code === 'invalid_format') return formats[issue.format] ?? issue.message;
  return issue.message;
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'must be an instant with its offset, such as 2026-05-01T09:00:00+02:00',
  date: 'must be a date such as 2026-05-01',
  url: 'must be a URL such as https://shop.example/orders/1001',
};

function bound(origin: string): string {
  if (origin === 'string') return 'have a length of';
  return origin === 'array' || origin === 'set' ? 'have a number of entries of' : 'be';
}

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'array' : typeof input;
}

function article(kind: string): string {
  if (kind === 'null' || kind === 'undefined') return kind;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
