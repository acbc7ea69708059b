import { bonus } from './bonus.ts';
import { entitlements } from './entitlements.ts';
import { keepingTier } from './keeping-tier.ts';
import { offers } from './offers.ts';
import { pointsBanner } from './points-banner.ts';
import { pointsStatement } from './points-statement.ts';
import { recommendation } from './recommendation.ts';
import { savings } from './savings.ts';
import { status } from './status.ts';
import { tenure } from './tenure.ts';
import { unlockedReward } from './unlocked-reward.ts';
import { upcomingDeals } from './upcoming-deals.ts';
import { yearInReview } from './year-in-review.ts';

/** Every block a template can place; the order doesn't matter, a template has its own. */
export const blocks = [
  status,
  pointsBanner,
  entitlements,
  bonus,
  offers,
  yearInReview,
  tenure,
  savings,
  pointsStatement,
  upcomingDeals,
  recommendation,
  keepingTier,
  unlockedReward,
] as const;

/** What looks of each block are given, by the block's name. */
export const blockViews = Object.fromEntries(blocks.map(({ name, view }) => [name, view]));
