import { z } from 'zod';

import { LocalDate } from '../brand/accrual.ts';
import { RampUp, TimeOfDay } from '../brand/sending.ts';
import { Instant } from '../core/instant.ts';

/** When a campaign's mails go, and how fast. */
export const CampaignTiming = z
  .strictObject({
    /** Nothing of it is made before. */
    startAt: Instant.optional().describe('Not before this instant.'),
    /** For each member by the clocks of their own time zone. */
    localTime: z
      .strictObject({ date: LocalDate, time: TimeOfDay })
      .optional()
      .describe('For each member when clocks in their time zone show this.'),
    perMinute: z.number().positive().max(1_000_000).optional().describe('Mails a minute at most.'),
    rampUp: RampUp.optional().describe(
      'Fewer at first, doubled every so many days until it is perMinute.',
    ),
  })
  .refine(
    ({ startAt, localTime }) => startAt === undefined || localTime === undefined,
    'has startAt or localTime, not both',
  )
  .refine(({ perMinute, rampUp }) => rampUp === undefined || perMinute !== undefined, {
    path: ['rampUp'],
    message: 'needs perMinute, the pace it leads to',
  });
export type CampaignTiming = z.output<typeof CampaignTiming>;

/** A commercial mail that a member got, or that is on its way. */
export type RecentMail = {
  readonly messageId: string;
  readonly template: string;
  /** When it was sent. Null: its turn has come, or it waits for it. */
  readonly at: Date | null;
  /** It has its turn: it goes now or at a time that is set. */
  readonly hasTurn: boolean;
};

/** What rules about time look at; loaded for commercial mails alone, and only where there is something to ask. */
export type Timing = {
  readonly campaign: CampaignTiming | null;
  /** To this member in the longest time a cap is about. */
  readonly recent: readonly RecentMail[];
};
