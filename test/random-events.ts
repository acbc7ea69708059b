import * as fc from 'fast-check';

import type { LedgerEventInput } from '../src/ledger/events.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2024, 11, 20, 22, 30);
/** `days` after 20 December 2024, 23:30 in Berlin. */
export const instant = (days: number): string => new Date(start + days * dayMs).toISOString();

const days = fc.integer({ min: 0, max: 700 });
const points = fc.integer({ min: 1, max: 400 });
const nth = fc.nat({ max: 30 });
const later = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined });

const line = fc.record({
  product: fc.constantFrom('oat-latte', 'flat-white', 'house-beans', 'travel-mug', 'mystery'),
  quantity: fc.integer({ min: 1, max: 3 }),
  unitPrice: fc.integer({ min: 0, max: 2500 }),
  fullPrice: fc.boolean(),
});

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      lines: fc.array(line, { maxLength: 3 }),
      channel: fc.constantFrom('store', 'app', 'online'),
      store: fc.option(fc.constantFrom('North', 'South'), { nil: undefined }),
      currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'CHF'),
      saved: fc.nat({ max: 900 }),
      earned: fc.option(points, { nil: undefined }),
      activeAfter: later,
      lasts: later,
      spent: fc.option(points, { nil: undefined }),
    }),
  },
  fc.record({
    kind: fc.constant('cancel' as const),
    nth,
    points: fc.constantFrom('reverse' as const, 'leave' as const),
  }),
  fc.record({
    kind: fc.constant('refund' as const),
    nth,
    product: fc.option(fc.constantFrom('oat-latte', 'flat-white', 'house-beans'), {
      nil: undefined,
    }),
    amount: fc.option(fc.nat({ max: 2000 }), { nil: undefined }),
    takenBack: fc.option(points, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('edit' as const),
    nth,
    lines: fc.array(line, { maxLength: 3 }),
    saved: fc.nat({ max: 900 }),
    earned: fc.option(points, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('earn' as const), points, activeAfter: later, lasts: later }),
  fc.record({ kind: fc.constant('spend' as const), points, lock: fc.boolean() }),
  fc.record({ kind: fc.constant('lock' as const), points }),
  fc.record({ kind: fc.constant('release' as const) }),
  fc.record({ kind: fc.constant('expire' as const), points }),
  fc.record({ kind: fc.constant('bonus' as const), nth, points, lasts: later }),
  fc.record({ kind: fc.constant('use-bonus' as const), nth }),
  fc.record({ kind: fc.constant('coupon' as const), nth, starts: later, lasts: later }),
  fc.record({ kind: fc.constant('use-coupon' as const), nth }),
  fc.record({ kind: fc.constant('redeem' as const) }),
  fc.record({ kind: fc.constant('consent' as const), granted: fc.boolean() }),
  fc.record({
    kind: fc.constant('tier' as const),
    tierId: fc.constantFrom('green', 'gold', 'reserve', 'nonsense'),
    lasts: later,
  }),
  fc.record({ kind: fc.constant('rename' as const), firstName: fc.constantFrom('Ana', 'Bea') }),
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** Any history of one member, by brand `juniper`: orders, returns, points, bonuses, … Some of its events are refused. */
export const randomHistory = (
  memberId: string,
  length: { readonly minLength?: number; readonly maxLength: number } = { maxLength: 25 },
): fc.Arbitrary<LedgerEventInput[]> =>
  fc.array(fc.tuple(days, action), length).map((drawn) => {
    const actions = drawn.toSorted(([one], [other]) => one - other);
    const enrolled: LedgerEventInput = {
      source: 'test',
      id: `${memberId}-enrolled`,
      at: instant(0),
      memberId,
      type: 'member.enrolled',
      brand: 'juniper',
      membershipNumber: '1',
      email: `${memberId}@mail.example`,
    };
    const orders = drawn.filter(([, { kind }]) => kind === 'order').length;
    let placed = 0;
    const orderId = (n: number) => `${memberId}-o${orders === 0 ? 0 : n % orders}`;
    return [
      enrolled,
      ...actions.map(([day, one], index): LedgerEventInput => {
        const base = { source: 'test', id: `${memberId}-${index}`, at: instant(day), memberId };
        const next = one.kind === 'order' ? `${memberId}-o${placed++}` : '';
        return { ...base, ...eventOf(one, day, next, orderId) };
      }),
    ];
  });

type Without<Event> = Event extends LedgerEventInput
  ? Omit<Event, 'source' | 'id' | 'at' | 'memberId'>
  : never;

function eventOf(
  one: Action,
  day: number,
  next: string,
  orderId: (n: number) => string,
): Without<LedgerEventInput> {
  switch (one.kind) {
    case 'order': {
      const total = one.lines.reduce(
        (sum, { quantity, unitPrice }) => sum + quantity * unitPrice,
        0,
      );
      return {
        type: 'order.placed',
        orderId: next,
        channel: one.channel,
        ...(one.store !== undefined && { store: one.store }),
        currency: one.currency,
        total,
        saved: one.saved,
        lines: one.lines.map(({ product, ...rest }) => ({ productId: product, ...rest })),
        ...(one.earned !== undefined && {
          pointsEarned: { points: one.earned, ...lotOf(day, one.activeAfter, one.lasts) },
        }),
        ...(one.spent !== undefined && { pointsSpent: one.spent }),
      };
    }
    case 'cancel':
      return { type: 'order.cancelled', orderId: orderId(one.nth), points: one.points };
    case 'refund':
      return {
        type: 'order.refunded',
        orderId: orderId(one.nth),
        ...(one.product !== undefined && { lines: [{ productId: one.product, quantity: 1 }] }),
        ...(one.amount !== undefined && { amount: one.amount }),
        ...(one.takenBack !== undefined && { pointsTakenBack: one.takenBack }),
      };
    case 'edit': {
      const { saved, earned } = one;
      const lines = one.lines.map(({ product, ...rest }) => ({ productId: product, ...rest }));
      const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
      return {
        type: 'order.changed',
        orderId: orderId(one.nth),
        total,
        saved,
        lines,
        ...(earned !== undefined && { pointsEarned: { points: earned } }),
      };
    }
    case 'earn':
      return {
        type: 'points.earned',
        points: one.points,
        ...lotOf(day, one.activeAfter, one.lasts),
      };
    case 'spend':
      return { type: 'points.spent', points: one.points, ...(one.lock && { lock: 'a' }) };
    case 'lock':
      return { type: 'points.locked', points: one.points, lock: 'a' };
    case 'release':
      return { type: 'points.released', lock: 'a' };
    case 'expire':
      return { type: 'points.expired', points: one.points };
    case 'bonus':
      return {
        type: 'bonus.granted',
        bonusId: `b${one.nth}`,
        points: one.points,
        ...(one.lasts !== undefined && { useBy: instant(day + one.lasts) }),
      };
    case 'use-bonus':
      return { type: 'bonus.used', bonusId: `b${one.nth}` };
    case 'coupon': {
      const starts = day + (one.starts ?? 0);
      return {
        type: 'coupon.issued',
        code: `c${one.nth}`,
        offerId: 'pastry-pair',
        ...(one.starts !== undefined && { startDate: instant(starts) }),
        ...(one.lasts !== undefined && { expiryDate: instant(starts + one.lasts) }),
      };
    }
    case 'use-coupon':
      return { type: 'coupon.redeemed', code: `c${one.nth}` };
    case 'redeem':
      return { type: 'offer.redeemed', offerId: 'pastry-pair' };
    case 'consent':
      return { type: 'consent.changed', purpose: 'marketing', granted: one.granted };
    case 'tier':
      return {
        type: 'tier.changed',
        tierId: one.tierId,
        reason: 'given',
        ...(one.lasts !== undefined && { expiresAt: instant(day + one.lasts) }),
      };
    case 'rename':
      return { type: 'member.updated', firstName: one.firstName };
    default:
      return one satisfies never;
  }
}

function lotOf(day: number, activeAfter: number | undefined, lasts: number | undefined) {
  return {
    ...(activeAfter !== undefined && { activeAt: instant(day + activeAfter) }),
    ...(lasts !== undefined && { expiresAt: instant(day + (activeAfter ?? 0) + lasts) }),
  };
}
