import { z } from 'zod';

import { Profile } from '../../contract/profile.ts';
import { Mapping } from './mapping.ts';
import { Path } from './path.ts';

/** What a source can tell: all of a profile but what identifies it and what says how it came about. */
export const Values = Profile.omit({
  memberId: true,
  brand: true,
  asOf: true,
  ledgerVersion: true,
  mailing: true,
}).partial();
export type Values = z.output<typeof Values>;
const TellableField = Values.keyof();
export type TellableField = z.output<typeof TellableField>;
export const tellable: readonly TellableField[] = TellableField.options;

const seconds = z
  .int()
  .min(0)
  .max(30 * 86_400);

/** Settings that every kind of source has. */
export const Common = z.object({
  /** What people are looked up by. */
  by: z.enum(['memberId', 'email', 'membershipNumber']).default('memberId'),
  /** Where an answer says whom it is about, in the words of `by`. */
  identity: Path,
  /** Where an answer says when it was true; when it came, where left out. */
  asOf: Path.optional(),
  /** For one question; two seconds are there for everything. */
  timeoutMs: z.int().min(20).max(2_000).default(800),
  /** Figures are not taken from what is older. */
  maxAge: seconds.default(300),
  /** Names and the like may be this old, from a stale answer or an earlier one. */
  keepFor: seconds.default(86_400),
  /** When it fails and nobody else tells its fields: the message waits, goes out neutral, or goes without them. */
  required: z.enum(['hold', 'neutral', 'omit']).default('omit'),
  /** What it tells, and where that stands in an answer. */
  map: z
    .partialRecord(TellableField, Mapping)
    .refine((map) => Object.keys(map).length > 0, 'maps no field'),
});
export type Common = z.output<typeof Common>;

/** Which source tells what: names of sources by field, the first that knows it first; `ledger` is Laurel's own. */
export const Precedence = z.partialRecord(TellableField, z.array(z.string()).min(1)).default({});
export type Precedence = z.output<typeof Precedence>;
