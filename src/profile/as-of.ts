import type { Programme } from '../brand/brand.ts';
import { conditionsOf, type Measure, nameIn, shownBenefit, shownTier } from '../brand/tiers.ts';
import type { Profile } from '../contract/profile.ts';
import { localAt } from '../core/calendar.ts';
import { type Distribution, percentileOf } from '../ledger/figures/percentiles.ts';
import {
  type Account,
  activePoints,
  advance,
  emptyAccount,
  lockedPoints,
  total,
} from '../ledger/points/points.ts';
import { type Row, signalDays, waitsForGood } from '../ledger/row.ts';

/** At most so many dates in `expiringPoints`. */
const expiriesShown = 6;

const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/**
 * The member as she is at `now`, from a row that was projected earlier: points that became active or expired since,
 * coupons, bonuses and given tiers that lapsed. Pure. Null when so much time has passed that the row doesn't list what
 * happened in between: project it anew. `timeZone` is the brand's,
 * `distribution` what its members spent. A `now` before the row's last event is read as the time of that event.
 */
export function profileAt(
  row: Row,
  now: Date,
  programme: Programme,
  timeZone: string,
  distribution: Distribution | null = null,
): Profile | null {
  const at = Math.max(now.getTime(), row.asOf);
  const points = pointsAt(row.points, at);
  if (!points) return null;
  if ((row.tier.unlisted ?? Infinity) <= at) return null;
  const tier = tierAt(row, at, programme);
  const spend = spendAt(row.spend, at, programme.currency, timeZone);
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
    birthday: row.birthday ?? null,
    activePoints: points.activePoints,
    pendingPoints: points.pendingPoints,
    lockedPoints: points.lockedPoints,
    spentPoints: row.points.spent,
    expiredPoints: points.expiredPoints,
    earnedPoints: row.points.earned,
    owedPoints: points.owedPoints,
    expiringPoints: points.expiringPoints,
    qualifyingPoints: tier.qualifyingPoints,
    currentTier: tier.currentTier,
    nextTier: tier.nextTier,
    pointsToNextTier: tier.pointsToNextTier,
    nextBenefits: tier.nextBenefits,
    progress: tier.progress,
    benefits: tier.benefits,
    coupons: row.coupons.map((coupon) => couponAt(coupon, at)),
    bonuses: row.bonuses.map((bonus) => bonusAt(bonus, at)),
    consents: row.consents,
    ...(row.mailing && { mailing: row.mailing }),
    preferences: row.preferences ?? noPreferences,
    boughtCategories: mapValues(row.boughtCategories, bought),
    boughtAttributes: mapValues(row.boughtAttributes, bought),
    boughtProducts: mapValues(row.boughtProducts, bought),
    redemptions: row.redemptions,
    affinities: row.affinities,
    channels: mapValues(row.channels, visited),
    interests: interestsAt(row.interests, at),
    preferredStore: row.preferredStore,
    savings: row.savings.map(savingOf),
    rewards: rewardsAt(row, programme),
    spend,
    spendPercentile: spend && percentileOf(spend.last12Months.amount, distribution, at),
    lastPurchases: (row.lastPurchases ?? []).map((one) => purchaseOf(one, at)),
    asOf: iso(at),
    ledgerVersion: row.ledgerVersion,
  };
}

const noPreferences: Profile['preferences'] = {
  diets: [],
  avoidCategories: [],
  avoidAttributes: [],
};

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

/** What she showed long ago isn't her interest any more. */
function interestsAt(interests: Row['interests'], at: number): Profile['interests'] {
  if (!interests) return undefined;
  const since = at - signalDays * 86_400_000;
  const recent = Object.entries(interests).filter(([, { lastAt }]) => Date.parse(lastAt) > since);
  return recent.length > 0 ? Object.fromEntries(recent) : undefined;
}

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

const savingOf = (saving: Row['savings'][number]): Profile['savings'][number] =>
  'year' in saving
    ? saving
    : { year: saving[0], saved: { amount: saving[1], currency: saving[2] } };

function purchaseOf(
  one: NonNullable<Row['lastPurchases']>[number],
  now: number,
): Profile['lastPurchases'][number] {
  const [orderId, channel, store, at, amount, product, currency, counted] = one;
  const paid = { amount, currency };
  const purchase = { orderId, channel, store, at: iso(at), total: paid, product };
  if (counted === undefined) return purchase;
  const [earned, waiting, activeAt] = typeof counted === 'number' ? [counted, 0, null] : counted;
  const pending = activeAt === null || activeAt > now ? waiting : 0;
  return {
    ...purchase,
    points: { earned, pending, activeAt: pending > 0 ? isoOrNull(activeAt) : null },
  };
}

/** Those the programme knows, by name and kind. */
function rewardsAt({ rewards, locale }: Row, programme: Programme): Profile['rewards'] {
  return (rewards ?? []).flatMap(([rewardId, unlockedAt, claimedAt]) => {
    const reward = programme.rewards.find((one) => one.rewardId === rewardId);
    if (!reward) return [];
    const { kind } = reward;
    return {
      rewardId,
      name: nameIn(reward, locale),
      kind,
      unlockedAt: isoOrNull(unlockedAt),
      claimedAt: isoOrNull(claimedAt),
    };
  });
}

function spendAt(spend: Row['spend'], at: number, currency: string, timeZone: string) {
  if (!spend) return null;
  const [latest, paid] = spend;
  const { year, month } = localAt(at, timeZone);
  const now = (year - 2000) * 12 + month - 1;
  const sum = { year: 0, twelve: 0 };
  for (const [ago, amount] of paid.entries()) {
    const then = latest - ago;
    if (then > now - month && then <= now) sum.year += amount;
    if (then > now - 12 && then <= now) sum.twelve += amount;
  }
  return {
    thisYear: { amount: sum.year, currency },
    last12Months: { amount: sum.twelve, currency },
  };
}

type Points = Pick<
  Profile,
  | 'activePoints'
  | 'pendingPoints'
  | 'lockedPoints'
  | 'expiredPoints'
  | 'expiringPoints'
  | 'owedPoints'
>;

function pointsAt(stored: Row['points'], at: number): Points | null {
  const { activeAt = null, expiresAt = null } = stored.unlisted ?? {};
  if (activeAt !== null && activeAt <= at) return null;
  const account = accountOf(stored);
  advance(account, at);
  const listedUntil = expiresAt ?? Infinity;
  const expiring: { points: number; expiresAt: number }[] = [];
  for (const lot of account.active) {
    const lapses = Math.min(lot.expiresAt, account.idleAt);
    if (lapses === Infinity || lapses >= listedUntil) break;
    const last = expiring.at(-1);
    if (last?.expiresAt === lapses) last.points += lot.points;
    else if (expiring.length === expiriesShown) break;
    else expiring.push({ points: lot.points, expiresAt: lapses });
  }
  // Also when the first unlisted expiry is over: by then every listed one is as well.
  if (expiring.length < expiriesShown && listedUntil < account.idleAt) return null;
  return {
    activePoints: activePoints(account),
    pendingPoints: total(account.pending),
    lockedPoints: stored.locked + lockedPoints(account),
    expiredPoints: account.expired,
    owedPoints: account.debt,
    expiringPoints: expiring.map((one) => ({ ...one, expiresAt: iso(one.expiresAt) })),
  };
}

function accountOf({
  lots,
  locks = [],
  active,
  pending,
  debt,
  expired,
  idleAt,
}: Row['points']): Account {
  const account: Account = { ...emptyAccount(), debt, expired, idleAt: idleAt ?? Infinity };
  for (const [points, from, expiry] of lots) {
    const activeAt = from === waitsForGood ? Infinity : from;
    const lot = { points, activeAt, expiresAt: expiry ?? Infinity, ref: null };
    (activeAt === 0 ? account.active : account.pending).push(lot);
  }
  locks.forEach(([points, end, expiry], index) => {
    account.locks.set(`${index}`, [
      { points, activeAt: 0, expiresAt: expiry ?? Infinity, ref: null },
    ]);
    account.lockEnds.set(`${index}`, end);
  });
  const undated = { expiresAt: Infinity, ref: null };
  if (active > 0) account.active.push({ points: active, activeAt: 0, ...undated });
  if (pending > 0) account.pending.push({ points: pending, activeAt: Infinity, ...undated });
  return account;
}

type Standing = Pick<
  Profile,
  | 'currentTier'
  | 'nextTier'
  | 'pointsToNextTier'
  | 'nextBenefits'
  | 'progress'
  | 'benefits'
  | 'qualifyingPoints'
>;

function tierAt(row: Row, at: number, { tiers, tierPeriod, tierKeep }: Programme): Standing {
  const { given } = row.tier;
  const { locale } = row;
  const counts = countsAt(row, at);
  const reached = reachedAt(row.tier, at);
  const byGift = given ? tiers.findIndex(({ id }) => id === given.tierId) : -1;
  const stands = given && byGift >= 0 && (given.expiresAt === null || given.expiresAt > at);
  const byName = tiers.findIndex(({ id }) => id === reached.tierId);
  const byPoints = tiers.findLastIndex(
    ({ threshold, needs }) => !needs && threshold <= Math.max(0, counts.qualifyingPoints),
  );
  // Points of all time decide by the programme as it is now; anything else was decided when it was counted.
  const simple = !row.tier.counts && tierPeriod.kind === 'lifetime' && !tierKeep;
  const rank = Math.max(0, stands ? byGift : simple || byName < 0 ? byPoints : byName);
  const tier = tiers[rank];
  const next = tiers[rank + 1] ?? null;
  if (!tier) throw new RangeError('a programme has at least one tier');
  const lapsedAt = given?.expiresAt ?? 0;
  const since = stands
    ? { at: given.at, until: given.expiresAt, reason: given.reason }
    : lapsedAt > reached.at && lapsedAt <= at
      ? { at: lapsedAt, until: reached.until, reason: 'tier-lapsed' }
      : reached;
  const goals = next ? conditionsOf(next).conditions : [];
  const points = goals.find(({ attribute }) => attribute === 'qualifyingPoints');
  const has = new Set(tier.benefits.map(({ benefitId }) => benefitId));
  return {
    qualifyingPoints: counts.qualifyingPoints,
    currentTier: {
      ...shownTier(tier, rank, locale),
      effectiveAt: iso(since.at),
      expiresAt: isoOrNull(since.until),
      changeReason: since.reason,
    },
    nextTier: next && shownTier(next, rank + 1, locale),
    pointsToNextTier: points ? Math.max(0, points.goal - counts.qualifyingPoints) : null,
    nextBenefits: next
      ? next.benefits
          .filter(({ benefitId }) => !has.has(benefitId))
          .map((benefit) => shownBenefit(benefit, locale))
      : [],
    progress: goals.map(({ attribute, goal }) => ({
      attribute,
      currentValue: counts[attribute],
      valueGoal: goal,
    })),
    benefits: tier.benefits.map((benefit) => ({
      ...shownBenefit(benefit, locale),
      startDate: iso(since.at),
      endDate: isoOrNull(since.until),
      active: true,
    })),
  };
}

/** What counts for tiers at that time. */
function countsAt({ tier, points }: Row, at: number): Record<Measure, number> {
  const counted = tier.counts?.findLast(([from]) => from <= at) ?? tier.counts?.[0];
  if (!counted)
    return { qualifyingPoints: points.qualifying, purchases: 0, spend: 0, engagement: 0 };
  const [, qualifyingPoints, purchases, spend, engagement] = counted;
  return { qualifyingPoints, purchases, spend, engagement };
}

/** The tier reached by then, and until when it stays if nothing else happens. */
function reachedAt({ reached, later = [] }: Row['tier'], at: number) {
  const place = later.findLastIndex(([from]) => from <= at);
  const [from, tierId, reason] = later[place] ?? [reached.at, reached.tierId, reached.reason];
  return { at: from, tierId, reason, until: later[place + 1]?.[0] ?? null };
}
