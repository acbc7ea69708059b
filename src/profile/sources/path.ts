import { z } from 'zod';

/** Where a value stands in an answer: `points.available`, or as JSON pointer `/points/available`; empty for all of it. */
export const Path = z
  .string()
  .max(300)
  .transform((text) => {
    if (text === '') return [];
    return text.startsWith('/')
      ? text
          .slice(1)
          .split('/')
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      : text.split('.');
  });
export type Path = z.output<typeof Path>;

/** The value at a path; undefined where there is none. Only what the answer itself holds is found. */
export function pick(value: unknown, path: Path): unknown {
  let here = value;
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = Reflect.get(here, name);
  }
  return here;
}
