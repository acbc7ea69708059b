import { parseArgs } from 'node:util';

import { z } from 'zod';

import { trialNames } from './trials.ts';

const count = z
  .string()
  .regex(/^\d+$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.number().min(50, 'must be at least 50'));

const Options = z.object({
  only: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(trialNames, `must be a list of ${trialNames.join(', ')}`)))
    .default([...trialNames]),
  backend: z.enum(['postgres', 'redis']).optional(),
  messages: count.default(10_000),
  members: count.optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});
export type Options = z.infer<typeof Options>;

export const usage = `npm run chaos -- [options]

  --only 1,5,8         these promises: ${trialNames.join(', ')}
  --backend redis      only this queue: redis or postgres
  --messages 10000     messages of the largest runs; the lost queue has a tenth
  --members 100000     members of the campaign; a fifth of the messages, when left out
  --json               the report as JSON on stdout; progress is on stderr in any case

Starts its own Postgres and, where redis-server is installed, its own Redis. Ends with 1 when a promise was broken.
`;

/** Reads the command line. @throws Error saying what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      backend: { type: 'string' },
      messages: { type: 'string' },
      members: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`);
  throw new Error([...new Set(wrong)].join('\n'));
}
