import type { Block } from './block.ts';
import { bonus } from './bonus.ts';
import { entitlements } from './entitlements.ts';
import { offers } from './offers.ts';
import { pointsBanner } from './points-banner.ts';
import { status } from './status.ts';
import { yearInReview } from './year-in-review.ts';

/** Every block a template can place; the order doesn't matter, a template has its own. */
export const blocks: readonly Block[] = [
  status,
  pointsBanner,
  entitlements,
  bonus,
  offers,
  yearInReview,
];
