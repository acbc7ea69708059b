import { z } from 'zod';

/** The years 1 to 9999, which both languages and the database can tell. */
const [first, last] = [-62_135_596_800_000, 253_402_300_799_999];
/** No place is further ahead of UTC. */
const mostHours = 14;

function isTellable(text: string): boolean {
  const at = Date.parse(text);
  const [, hours = '0'] = /[+-](\d\d):?\d\d$/.exec(text) ?? [];
  // What is no time at all is said otherwise.
  return Number.isNaN(at) || (at >= first && at <= last && Number(hours) <= mostHours);
}

const error = 'must be a time with offset such as 2026-05-04T18:30:00+02:00';

/** An instant with its offset, as it comes from outside: one that can be stored. RFC 3339 allows a small `t` and `z`. */
export const Instant = z
  .string({ error })
  .overwrite((text) => text.replace(/^(\d{4}-\d\d-\d\d)t/, '$1T').replace(/z$/, 'Z'))
  .check(z.iso.datetime({ offset: true, error }))
  .refine(isTellable, 'must be between the years 1 and 9999, with an offset of at most 14 hours');
