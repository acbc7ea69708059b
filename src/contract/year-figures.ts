import { z } from 'zod';

import { Money } from '../core/money.ts';

/** A member's frozen figures of one year. Source: `src/ledger/figures/year-figures.ts`; cancelled and refunded things don't count. */
export const YearFigures = z.strictObject({
  year: z.int(),
  purchases: z.int().nonnegative(),
  spent: Money,
  saved: Money,
  pointsEarned: z.int().nonnegative(),
  pointsSpent: z.int().nonnegative(),
  /** Most bought, with how often; null when nothing was. */
  favourite: z.strictObject({ name: z.string(), count: z.int().positive() }).nullable(),
  topCategory: z.string().nullable(),
  favouriteStore: z.string().nullable(),
  /** 1–12, the month with the most purchases. */
  busiestMonth: z.int().min(1).max(12).nullable(),
  /** Purchases of each month, January first; left out by campaigns that froze their figures without it. */
  byMonth: z.array(z.int().nonnegative()).length(12).optional(),
});
export type YearFigures = z.infer<typeof YearFigures>;
