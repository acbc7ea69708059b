import { z } from 'zod';

/*
 * One measured run is one process:
 *
 *   start ──fill the queue, open──▶ warm-up ──'warm'──▶ measured ──'measured'──▶ close ──'details'──▶ end
 *
 * The parent reads the other processes' CPU times at 'warm' and 'measured'; the sink says when mails arrived.
 */
export const RunSpec = z.object({
  databaseUrl: z.string(),
  /** Null: the queue is in Postgres. */
  redisUrl: z.string().nullable(),
  smtpUrl: z.string(),
  /** Before the clock starts. */
  warmUp: z.int(),
  mails: z.int(),
  /** Which template's mail. */
  mail: z.enum(['mjml', 'react']),
  /** Start from accepted rows rather than from jobs. */
  fromRows: z.boolean(),
  /** Mails of a campaign that wait beside those that are measured. */
  beside: z.int().default(0),
  /** Take a sampling profile of the measured part, and keep it in a file where one is named. */
  profile: z.union([z.boolean(), z.string()]),
});
export type RunSpec = z.infer<typeof RunSpec>;

const Shares = z.array(z.object({ name: z.string(), share: z.number() }));
/** Parts of something, largest first; shares from 0 to 1. */
export type Shares = z.infer<typeof Shares>;

export const RunMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('warm') }),
  /** CPU and wall milliseconds of the measured part, as the process itself saw them. */
  z.object({ kind: z.literal('measured'), cpuMs: z.number(), elapsedMs: z.number() }),
  z.object({
    kind: z.literal('details'),
    /** Milliseconds of waiting and working a mail spent in each step, on average. */
    steps: z.record(z.string(), z.number()).optional(),
    profile: Shares.optional(),
    /** What Postgres was asked for, from the first message to the last: by a mail, and messages a claim took. */
    asked: z.object({ statementsAMail: z.number(), messagesAClaim: z.number() }).optional(),
    /** When each message was handed in, in milliseconds since 1970. */
    accepted: z.array(z.number()).optional(),
    /** How long each took, in milliseconds. */
    times: z.array(z.number()).optional(),
    /** Campaign mails sent beside what was measured, a second. */
    besideASecond: z.number().optional(),
  }),
]);
export type RunMessage = z.infer<typeof RunMessage>;

/** What this process is to measure. */
export const readSpec = (): RunSpec =>
  RunSpec.parse(JSON.parse(process.env['BENCH_RUN'] ?? 'null'));

/** Resolves once the parent has it. */
export const tell = (message: RunMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    if (!process.send) return reject(new Error('started without a parent to report to'));
    process.send(message, (error: Error | null) => (error ? reject(error) : resolve()));
  });
