import type { Programme } from '../core/brand.ts';
import type { Profile } from '../core/profile.ts';
import { shownBenefit, shownTier } from '../core/tiers.ts';
import { type Account, activePoints, advance, emptyAccount, total } from '../ledger/points.ts';
import type { Row } from '../ledger/row.ts';

/** At most so many dates in `expiringPoints`. */
const expiriesShown = 6;

const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/**
 * The member as she is at `now`, from a row that was projected earlier: points that became active or expired since,
 * coupons, bonuses and given tiers that lapsed. Pure. Null when so much time has passed that the row doesn't list what
 * happened in between: project it anew. A `now` before the row's last event is read as the time of that event.
 */
export function profileAt(row: Row, now: Date, programme: Programme): Profile | null {
  const at = Math.max(now.getTime(), row.asOf);
  const points = pointsAt(row.points, at);
  if (!points) return null;
  const tier = tierAt(row, at, programme);
  // Field by field, not by spreading: this runs for every mail, and one fixed shape is several times faster.
  return {
    memberId: row.memberId,
    membershipNumber: row.membershipNumber,
    memberStatus: row.memberStatus,
    enrolledAt: row.enrolledAt,
    brand: row.brand,
    email: row.email,
    firstName: row.firstName,
    lastName: row.lastName,
    locale: row.locale,
    timeZone: row.timeZone,
    activePoints: points.activePoints,
    pendingPoints: points.pendingPoints,
    lockedPoints: row.points.locked,
    spentPoints: row.points.spent,
    expiredPoints: points.expiredPoints,
    earnedPoints: row.points.earned,
    expiringPoints: points.expiringPoints,
    qualifyingPoints: row.points.qualifying,
    currentTier: tier.currentTier,
    nextTier: tier.nextTier,
    pointsToNextTier: tier.pointsToNextTier,
    progress: tier.progress,
    benefits: tier.benefits,
    coupons: row.coupons.map((coupon) => couponAt(coupon, at)),
    bonuses: row.bonuses.map((bonus) => bonusAt(bonus, at)),
    consents: row.consents,
    preferences: row.preferences,
    boughtCategories: mapValues(row.boughtCategories, bought),
    boughtAttributes: mapValues(row.boughtAttributes, bought),
    boughtProducts: mapValues(row.boughtProducts, bought),
    redemptions: row.redemptions,
    affinities: row.affinities,
    channels: mapValues(row.channels, visited),
    preferredStore: row.preferredStore,
    savings: row.savings,
    asOf: iso(at),
    ledgerVersion: row.ledgerVersion,
  };
}

const couponAt = (
  { code, offerId, state, start, expiry }: Row['coupons'][number],
  at: number,
): Profile['coupons'][number] => ({
  code,
  offerId,
  state: state === 'open' ? couponState(start, expiry, at) : state,
  startDate: isoOrNull(start),
  expiryDate: isoOrNull(expiry),
});

const bonusAt = (
  { bonusId, points, grantedAt, useBy, usedAt }: Row['bonuses'][number],
  at: number,
): Profile['bonuses'][number] => ({
  bonusId,
  state: usedAt !== null ? 'used' : useBy !== null && useBy <= at ? 'expired' : 'granted',
  points,
  grantedAt: iso(grantedAt),
  useBy: isoOrNull(useBy),
  usedAt: isoOrNull(usedAt),
});

const couponState = (start: number | null, expiry: number | null, at: number) =>
  expiry !== null && expiry <= at ? 'expired' : start !== null && start > at ? 'pending' : 'active';

const visited = ([count, lastAt]: Row['channels'][string]) => ({ count, lastAt });
const bought = ([count, lastAt, fullAt = lastAt]: Row['boughtProducts'][string]) =>
  fullAt === null ? { count, lastAt } : { count, lastAt, lastFullPriceAt: fullAt };

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  const changed: Record<string, To> = {};
  for (const key in record) {
    const value = record[key];
    if (value !== undefined) changed[key] = change(value);
  }
  return changed;
}

type Points = Pick<Profile, 'activePoints' | 'pendingPoints' | 'expiredPoints' | 'expiringPoints'>;

function pointsAt(stored: Row['points'], at: number): Points | null {
  const { activeAt, expiresAt } = stored.unlisted;
  if (activeAt !== null && activeAt <= at) return null;
  const account = accountOf(stored);
  advance(account, at);
  const listedUntil = expiresAt ?? Infinity;
  const expiring: { points: number; expiresAt: number }[] = [];
  for (const lot of account.active) {
    if (lot.expiresAt === Infinity || lot.expiresAt >= listedUntil) break;
    const last = expiring.at(-1);
    if (last?.expiresAt === lot.expiresAt) last.points += lot.points;
    else if (expiring.length === expiriesShown) break;
    else expiring.push({ points: lot.points, expiresAt: lot.expiresAt });
  }
  // Also when the first unlisted expiry is over: by then every listed one is as well.
  if (expiring.length < expiriesShown && expiresAt !== null) return null;
  return {
    activePoints: activePoints(account),
    pendingPoints: total(account.pending),
    expiredPoints: account.expired,
    expiringPoints: expiring.map((one) => ({ ...one, expiresAt: iso(one.expiresAt) })),
  };
}

function accountOf({ lots, active, pending, debt, expired }: Row['points']): Account {
  const account: Account = { ...emptyAccount(), debt, expired };
  for (const [points, activeAt, expiry] of lots) {
    const lot = { points, activeAt, expiresAt: expiry ?? Infinity, ref: null };
    (activeAt === 0 ? account.active : account.pending).push(lot);
  }
  const undated = { expiresAt: Infinity, ref: null };
  if (active > 0) account.active.push({ points: active, activeAt: 0, ...undated });
  if (pending > 0) account.pending.push({ points: pending, activeAt: Infinity, ...undated });
  return account;
}

function tierAt(
  { tier: { reached, given }, points: { qualifying }, locale }: Row,
  at: number,
  { tiers }: Programme,
): Pick<Profile, 'currentTier' | 'nextTier' | 'pointsToNextTier' | 'progress' | 'benefits'> {
  const byGift = given ? tiers.findIndex(({ id }) => id === given.tierId) : -1;
  const stands = given && byGift >= 0 && (given.expiresAt === null || given.expiresAt > at);
  const byPoints = tiers.findLastIndex(({ threshold }) => threshold <= Math.max(0, qualifying));
  const rank = Math.max(0, stands ? byGift : byPoints);
  const tier = tiers[rank];
  const next = tiers[rank + 1] ?? null;
  if (!tier) throw new RangeError('a programme has at least one tier');
  const lapsedAt = given?.expiresAt ?? 0;
  const since = stands
    ? { at: given.at, until: given.expiresAt, reason: given.reason }
    : lapsedAt > reached.at && lapsedAt <= at
      ? { at: lapsedAt, until: null, reason: 'tier-lapsed' }
      : { at: reached.at, until: null, reason: reached.reason };
  return {
    currentTier: {
      ...shownTier(tier, rank, locale),
      effectiveAt: iso(since.at),
      expiresAt: isoOrNull(since.until),
      changeReason: since.reason,
    },
    nextTier: next && shownTier(next, rank + 1, locale),
    pointsToNextTier: next && Math.max(0, next.threshold - qualifying),
    progress: next
      ? [{ attribute: 'qualifyingPoints', currentValue: qualifying, valueGoal: next.threshold }]
      : [],
    benefits: tier.benefits.map((benefit) => ({
      ...shownBenefit(benefit, locale),
      startDate: iso(since.at),
      endDate: isoOrNull(since.until),
      active: true,
    })),
  };
}
