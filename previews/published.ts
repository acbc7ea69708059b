import { z } from 'zod';

/** A published version as the rendering process takes it: looks and words by path, and the hashes of the code it was made for. */
export const PublishedLooks = z.strictObject({
  hash: z.string(),
  files: z.map(z.string(), z.string()),
  code: z.map(z.string(), z.string()),
});
export type PublishedLooks = z.output<typeof PublishedLooks>;
