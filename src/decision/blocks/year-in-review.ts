import { z } from 'zod';

import { tierNameIn } from '../../brand/tiers.ts';
import { YearFigures } from '../../contract/year-figures.ts';
import { defineBlock } from './block.ts';

export const yearInReview = defineBlock({
  name: 'year-in-review',
  version: 2,
  content: 'loyalty',
  membersOnly: true,
  view: z.strictObject({
    /** As text: a year is a name here and gets no thousands separator. */
    year: z.string(),
    /** `small` says thank you and no figures: there were too few to be worth telling. */
    variant: z.enum(['full', 'small']),
    /** Null in the small variant, so that a template can't show zeros. */
    figures: YearFigures.omit({ year: true })
      .extend({
        /** Months with purchases, in their order; `percent` of the one with the most, at least 2. */
        months: z.array(z.strictObject({ month: z.int(), count: z.int(), percent: z.int() })),
      })
      .nullable(),
    memberSince: z.date(),
    tier: z.string(),
  }),
  decide: ({ profile, data, brand, locale }) => {
    const parsed = YearFigures.safeParse(data['figures']);
    if (!profile || !parsed.success) {
      return {
        kind: 'hide',
        reason: 'nothing-to-show',
        actual: null,
        needed: 'a member and the figures of a year',
      };
    }
    const { year, ...figures } = parsed.data;
    const needed = brand.programme.reviewMinimumPurchases;
    const full = figures.purchases >= needed;
    return {
      kind: 'show',
      actual: figures.purchases,
      needed,
      view: {
        year: String(year),
        variant: full ? ('full' as const) : ('small' as const),
        figures: full ? { ...figures, months: monthsOf(figures.byMonth) } : null,
        memberSince: new Date(profile.enrolledAt),
        tier: tierNameIn(brand.programme, locale, profile.currentTier),
      },
    };
  },
});

function monthsOf(byMonth: YearFigures['byMonth'] = []) {
  const most = Math.max(1, ...byMonth);
  return byMonth.flatMap((count, index) =>
    count > 0
      ? [{ month: index + 1, count, percent: Math.max(2, Math.round((100 * count) / most)) }]
      : [],
  );
}
