import { z } from 'zod';

import { YearFigures } from '../../src/contract/year-figures.ts';
import { defineTemplate } from '../../src/decision/define-template.ts';

/** The figures were frozen when the campaign was planned, so that every attempt tells the same story. */
const YearInReview = z.strictObject({ figures: YearFigures });

export const yearInReview = defineTemplate({
  name: 'year-in-review',
  title: 'Year in review',
  class: 'commercial',
  for: 'member-in-good-standing',
  schema: YearInReview,
  blocks: ['year-in-review', 'offers'],
  // A year is a name here, not an amount: as text it gets no thousands separator.
  headline: ({ figures }) => ({ year: String(figures.year) }),
  onUnknown: 'resend',
});
