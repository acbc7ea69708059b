import { z } from 'zod';

import { LocalDate } from './accrual.ts';

/** A time of day as clocks show it where the member is. */
export const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:00');

/** Fewer mails a minute at first, twice as many after every so many days. */
export const RampUp = z.strictObject({
  from: LocalDate,
  perMinute: z.number().positive(),
  doublesEveryDays: z.int().min(1).max(90).default(1),
});

const Rate = z.strictObject({
  perMinute: z.number().positive().max(1_000_000),
  rampUp: RampUp.optional(),
});
export type Rate = z.output<typeof Rate>;

/** `brands/<id>/sending.json`: when commercial mails go and how many a member gets. Transactional ones never wait for it. */
export const Sending = z.strictObject({
  $schema: z.string().optional(),
  /** Of the member's own time zone: none goes from the first until the second, also over midnight. */
  quietHours: z.strictObject({ from: TimeOfDay, to: TimeOfDay }).optional(),
  /** So many to a member in so many days, of everything commercial that is worth as much or more. */
  caps: z
    .array(z.strictObject({ most: z.int().min(1).max(1_000), days: z.int().min(1).max(366) }))
    .max(5)
    .default([]),
  /** What a template is worth against others where not all may go; 50 where it isn't named. */
  values: z.record(z.string(), z.int().min(0).max(100)).default({}),
  /** How fast a recipient's domain is written to. */
  domains: z
    .record(
      z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain such as gmail.com'),
      Rate,
    )
    .default({}),
});
export type Sending = z.output<typeof Sending>;

export const valueOf = ({ values }: Pick<Sending, 'values'>, template: string): number =>
  values[template] ?? 50;
