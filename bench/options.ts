import { parseArgs } from 'node:util';

import { z } from 'zod';

const sections = [
  'whole',
  'latency',
  'decide',
  'render',
  'mime',
  'fanout',
  'beside',
  'ledger',
  'api',
  'workplace',
  'store',
] as const;

const count = (least: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(least));

const Options = z.object({
  only: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(sections)))
    .default([...sections]),
  backend: z.enum(['redis', 'postgres']).optional(),
  pairs: count(1).default(3),
  'redis-mails': count(50).default(2000),
  'postgres-mails': count(50).default(1500),
  'warm-up': count(1).default(600),
  members: z
    .string()
    .regex(/^[1-9]\d{3,}(,[1-9]\d{3,})*$/, 'must be counts of 1000 or more such as 10000,100000')
    .transform((list) => list.split(',').map(Number))
    .default([20_000]),
  beside: count(1000).default(100_000),
  sizes: z
    .string()
    .regex(/^[1-9]\d*00(,[1-9]\d*00)*$/, 'must be counts in hundreds such as 1000,100000')
    .transform((list) => list.split(',').map(Number))
    .default([1_000, 100_000]),
  'store-sizes': z
    .string()
    .regex(/^[1-9]\d*(,[1-9]\d*)*$/, 'must be counts such as 10000,1000000')
    .transform((list) => list.split(',').map(Number))
    .default([10_000, 200_000]),
  'from-rows': z.boolean().default(false),
  profiles: z.string().optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});
export type Options = z.infer<typeof Options>;

export const usage = `npm run bench -- [options]

  --only whole,decide     sections: ${sections.join(', ')}
  --backend redis         only this queue: redis or postgres
  --pairs 3               runs of each variant, ours and the reference in turn
  --redis-mails 2000      mails measured a run on Redis
  --postgres-mails 1500   mails measured a run on Postgres
  --warm-up 600           mails before the bare loop's clock starts; ours, being faster, gets five times as many
  --members 10000,100000  audiences of campaigns that are fanned out, one after the other
  --beside 100000         campaign mails that are sent while receipts are measured
  --sizes 1000,100000     members in the ledger, one size after the other
  --store-sizes 10000,200000  messages that were sent before, one size after the other
  --from-rows             our runs start from accepted rows, so that the relay's work counts too
  --profiles folder       keep the CPU profiles, for Chrome's developer tools
  --json                  the figures as JSON on stdout, progress on stderr
`;

/** Reads the command line. @throws Error saying what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      backend: { type: 'string' },
      pairs: { type: 'string' },
      'redis-mails': { type: 'string' },
      'postgres-mails': { type: 'string' },
      'warm-up': { type: 'string' },
      members: { type: 'string' },
      beside: { type: 'string' },
      sizes: { type: 'string' },
      'store-sizes': { type: 'string' },
      'from-rows': { type: 'boolean' },
      profiles: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
  throw new Error(wrong.join('\n'));
}
