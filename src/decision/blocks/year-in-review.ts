import { tierNameIn } from '../../brand/tiers.ts';
import { YearFigures } from '../../contract/year-figures.ts';
import type { Block } from './block.ts';

export type YearInReviewView = {
  readonly year: number;
  /** `small` says thank you and no figures: there were too few to be worth telling. */
  readonly variant: 'full' | 'small';
  /** Null in the small variant, so that a template can't show zeros. */
  readonly figures:
    | (Omit<YearFigures, 'year'> & {
        /** Months with purchases, in their order; `percent` of the one with the most, at least 2. */
        readonly months: readonly {
          readonly month: number;
          readonly count: number;
          readonly percent: number;
        }[];
      })
    | null;
  readonly memberSince: Date;
  readonly tier: string;
};

export const yearInReview: Block<YearInReviewView> = {
  name: 'year-in-review',
  version: 2,
  content: 'loyalty',
  membersOnly: true,
  view: ({ profile, data, brand, locale }) => {
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
        year,
        variant: full ? 'full' : 'small',
        figures: full ? { ...figures, months: monthsOf(figures.byMonth) } : null,
        memberSince: new Date(profile.enrolledAt),
        tier: tierNameIn(brand.programme, locale, profile.currentTier),
      },
    };
  },
};

function monthsOf(byMonth: YearFigures['byMonth'] = []) {
  const most = Math.max(1, ...byMonth);
  return byMonth.flatMap((count, index) =>
    count > 0
      ? [{ month: index + 1, count, percent: Math.max(2, Math.round((100 * count) / most)) }]
      : [],
  );
}
