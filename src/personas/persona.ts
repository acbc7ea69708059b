import { z } from 'zod';

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
});
export type Persona = z.infer<typeof Persona>;
