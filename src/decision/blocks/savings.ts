import { z } from 'zod';

import { localAt } from '../../core/calendar.ts';
import { Money } from '../../core/money.ts';
import { defineBlock } from './block.ts';

/** What the member saved through the programme this calendar year and the one before (S8), in the programme's currency only: amounts in others can't be added to it. */
export const savings = defineBlock({
  name: 'savings',
  version: 1,
  content: 'loyalty',
  membersOnly: true,
  freshness: { shows: ['savings'], maxAgeMs: 24 * 3_600_000, older: 'omit' },
  view: z.strictObject({
    total: Money,
    /** Newest first; a year without savings is left out. */
    years: z.array(z.strictObject({ year: z.string(), saved: Money })),
  }),
  decide: ({ profile, now, brand }) => {
    const { currency } = brand.programme;
    const thisYear = localAt(now.getTime(), brand.timeZone).year;
    const years = (profile?.savings ?? [])
      .filter(
        ({ year, saved }) =>
          year <= thisYear &&
          year > thisYear - 2 &&
          saved.amount > 0 &&
          saved.currency === currency,
      )
      .toSorted((a, b) => b.year - a.year);
    const amount = years.reduce((sum, { saved }) => sum + saved.amount, 0);
    if (amount === 0) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: 0,
        needed: 'savings in the last two years',
      };
    }
    return {
      kind: 'show',
      actual: amount,
      needed: 1,
      view: {
        total: { amount, currency },
        // A year is a name here, not an amount: as text it gets no thousands separator.
        years: years.map(({ year, saved }) => ({ year: String(year), saved })),
      },
    };
  },
});
