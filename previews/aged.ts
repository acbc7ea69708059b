import type { Profile } from '../src/contract/profile.ts';

/**
 * A persona's profile as it would be at a later instant if nothing happened in between: points, coupons and bonuses that
 * lapse until then have lapsed. At an earlier instant it stays as it is, for a profile doesn't know its past.
 */
export function agedProfile(profile: Profile, now: Date): Profile {
  if (now <= new Date(profile.asOf)) return profile;
  const over = (at: string | null) => at !== null && new Date(at) <= now;
  const lapsed = profile.expiringPoints
    .filter(({ expiresAt }) => over(expiresAt))
    .reduce((sum, { points }) => sum + points, 0);
  return {
    ...profile,
    activePoints: profile.activePoints - lapsed,
    expiredPoints: profile.expiredPoints + lapsed,
    expiringPoints: profile.expiringPoints.filter(({ expiresAt }) => !over(expiresAt)),
    coupons: profile.coupons.map((coupon) =>
      coupon.state === 'active' && over(coupon.expiryDate)
        ? { ...coupon, state: 'expired' }
        : coupon.state === 'pending' && over(coupon.startDate)
          ? { ...coupon, state: 'active' }
          : coupon,
    ),
    bonuses: profile.bonuses.map((bonus) =>
      bonus.state === 'granted' && over(bonus.useBy) ? { ...bonus, state: 'expired' } : bonus,
    ),
    benefits: profile.benefits.map((benefit) =>
      over(benefit.endDate) ? { ...benefit, active: false } : benefit,
    ),
    asOf: now.toISOString(),
  };
}
