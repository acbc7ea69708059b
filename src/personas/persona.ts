import { z } from 'zod';

import type { Decision } from '../contract/decision.ts';

/** How somebody reads mail: how wide, in pixels, whether pictures are loaded, whether letters are twice as large. */
export const Reads = z.strictObject({
  width: z.int().min(320).max(1000).optional(),
  pictures: z.boolean().optional(),
  large: z.boolean().optional(),
});
export type Reads = z.infer<typeof Reads>;

/** Somebody to preview and test with: `fixtures/<brand>/personas.json`. What happened to a member is in `events.ndjson`. */
export const Persona = z.strictObject({
  /** Kebab case, for addresses such as `?p=gold-flyer`. */
  id: z.string(),
  /** Null for a guest. */
  memberId: z.string().nullable(),
  email: z.email(),
  name: z.string(),
  title: z.string(),
  /** One or two sentences: who it is, and what there is to see. */
  story: z.string(),
  stories: z.array(z.string().regex(/^S\d+$/)),
  /** Where parcels go, on one line. */
  address: z.string().optional(),
  /**
   * What must become of which template's mail, by its name, `*` for all others: `sent`, or `suppressed` or `held` with the
   * reason: `suppressed: subject-cancelled`. Of what isn't named nothing is expected.
   */
  expect: z.record(z.string(), z.string().regex(/^(sent|(suppressed|held): [a-z-]+)$/)).optional(),
  /** Values of the profile, by path, that are others than the ledger's on every day: tried in the preview, and saved. */
  set: z.record(z.string(), z.json()).optional(),
  /** Left out: as most do. */
  reads: Reads.optional(),
});
export type Persona = z.infer<typeof Persona>;

/** What became of a mail, as `expect` says it. */
export const outcomeOf = (decision: Pick<Decision, 'kind' | 'reason'>): string =>
  decision.kind === 'send'
    ? 'sent'
    : `${decision.kind === 'hold' ? 'held' : 'suppressed'}: ${decision.reason}`;

/** What must become of it; undefined where nothing is expected. */
export const expectedOf = ({ expect }: Persona, template: string): string | undefined =>
  expect?.[template] ?? expect?.['*'];
