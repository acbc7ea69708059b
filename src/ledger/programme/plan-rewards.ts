import type { Problem } from '../../core/errors.ts';
import { bonusKey, type Step } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import { enter, lotProblems, withdraw } from '../points/plan-points.ts';
import type { Bonus, Coupon } from '../tables.ts';

type Fact =
  | 'consent.changed'
  | 'coupon.issued'
  | 'coupon.redeemed'
  | 'coupon.disabled'
  | 'coupon.expired'
  | 'bonus.used'
  | 'offer.redeemed'
  | 'signal.observed';

/** Notes what can't be wrong by itself. */
export function noteFact({ event, member, ledgerVersion, writes }: Step<Fact>): void {
  const { memberId, brand } = member;
  const { at } = event;
  switch (event.type) {
    case 'consent.changed': {
      const {
        purpose,
        granted,
        givenAt: source = event.source,
        proof = null,
        basis = null,
      } = event;
      writes.consents.push({ memberId, ledgerVersion, at, purpose, granted, source, proof, basis });
      break;
    }
    case 'coupon.issued': {
      const { code, offerId, startDate = null, expiryDate = null } = event;
      const issued = { offerId, startDate, expiryDate, issuedAt: at };
      writes.coupons.push({ ...coupon(memberId, code), ...issued });
      break;
    }
    case 'coupon.redeemed':
      writes.coupons.push({ ...coupon(memberId, event.code), usedAt: at });
      break;
    case 'coupon.disabled':
      writes.coupons.push({ ...coupon(memberId, event.code), disabledAt: at });
      break;
    case 'coupon.expired':
      writes.coupons.push({ ...coupon(memberId, event.code), expiryDate: at });
      break;
    case 'bonus.used':
      writes.bonuses.push({ ...bonus(memberId, event.bonusId), usedAt: at });
      break;
    case 'signal.observed': {
      const { kind, category = null, productId = null, store = null, channel = null } = event;
      const what = { kind, category, productId, store, channel };
      writes.signals.push({ memberId, ledgerVersion, at, ...what });
      break;
    }
    case 'offer.redeemed': {
      const { offerId, orderId = null } = event;
      writes.redemptions.push({ memberId, ledgerVersion, at, brand, offerId, orderId });
      break;
    }
  }
}

/** What the points of a granted bonus are said to be about. */
export const refOfBonus = (event: LedgerEvent): string[] =>
  event.type === 'bonus.granted' ? [`bonus:${event.bonusId}`] : [];

/**
 * A bonus is given once, by the first grant in order of time: its points are credited by it, and lapse at its use-by date. One
 * that is told late takes the place of a later one.
 */
export function grantBonus(step: Step<'bonus.granted'>): Problem[] {
  const { event, member, known, writes } = step;
  const { bonusId, points, useBy, reason, at } = event;
  const key = bonusKey(member.memberId, bonusId);
  const before = known.granted.get(key);
  if (before !== undefined && before <= Date.parse(at))
    return [{ path: 'bonusId', message: 'this bonus was already granted to this member' }];
  const problems = lotProblems(at, { expiresAt: useBy });
  if (problems.length > 0) return [{ path: 'useBy', message: 'must be after the event itself' }];
  known.granted.set(key, Date.parse(at));
  const granted = { points, grantedAt: at, useBy: useBy ?? null };
  writes.bonuses.push({ ...bonus(member.memberId, bonusId), ...granted });
  const ref = `bonus:${bonusId}`;
  if (before !== undefined) withdraw(step, ref);
  if (points > 0) enter(step, { kind: 'earn', points, expiresAt: useBy, ref, reason });
  return [];
}

export function changeTier(step: Step<'tier.changed'>): Problem[] {
  const { event, member, ledgerVersion, writes, brandOf } = step;
  const { tierId, expiresAt = null, reason, at } = event;
  const tiers = brandOf(member.brand)?.programme.tiers ?? [];
  if (!tiers.some(({ id }) => id === tierId)) {
    const all = tiers.map(({ id }) => id).join(', ');
    return [{ path: 'tierId', message: `unknown tier; one of ${all}` }];
  }
  const { memberId } = member;
  writes.tiers.push({ memberId, ledgerVersion, at, tierId, expiresAt, reason });
  return [];
}

const coupon = (memberId: string, code: string): Coupon => ({
  memberId,
  code,
  offerId: null,
  startDate: null,
  expiryDate: null,
  issuedAt: null,
  usedAt: null,
  disabledAt: null,
});

const bonus = (memberId: string, bonusId: string): Bonus => ({
  memberId,
  bonusId,
  points: null,
  grantedAt: null,
  useBy: null,
  usedAt: null,
});
