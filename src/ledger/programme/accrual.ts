import type { Until } from '../../brand/accrual.ts';
import { programmeAt } from '../../brand/brand.ts';
import type { Earning, Place, StoredOrder } from '../batch.ts';
import { enter, tallyOf } from '../points/plan-points.ts';
import { takesBack, toldFor, toldTerms } from '../points/told-points.ts';
import { type Earned, earnedBy, expiryOf, termsOf, untilOf } from './earning.ts';
import { balanceAfter, isFirstPurchase, tierAtThe } from './standing.ts';

type Moment = Place & { readonly event: { readonly at: string } };

type Placed = StoredOrder & { placedAt: string };

/** Not only heard of. */
export const isPlaced = (order: StoredOrder): order is Placed => order.placedAt !== null;

const dayMs = 86_400_000;

/** Gives a purchase what the programme in force when it was made says, where the programme counts at all. */
export function accrue(step: Moment, order: Placed): void {
  const terms = currentTerms(step, order);
  if (!terms) return;
  const { brand, programme, at } = terms;
  const lapses = expiryOf(programme, at, brand.timeZone);
  order.earning = {
    terms: terms.terms,
    points: 0,
    qualifying: 0,
    until: untilOf(programme, order.channel ?? ''),
    expiresAt: lapses === undefined ? null : new Date(lapses).toISOString(),
  };
  recount(step, order);
}

/**
 * What was changed earns what it would have earned if it had been made like this; what a source counted for it follows in
 * proportion, downwards only.
 */
export function followChange(step: Moment, order: Placed): void {
  const { earning } = order;
  if (!earning) return;
  if ('told' in earning.terms) return recount(step, order);
  const { tierId, first } = earning.terms;
  const anew = currentTerms(step, order, {
    tierId: tierId === null ? undefined : () => tierId,
    isFirst: () => first,
  });
  if (!anew) return;
  order.earning = { ...earning, terms: anew.terms };
  recount(step, order);
}

function currentTerms(
  step: Moment,
  order: Placed,
  known: {
    readonly tierId?: (() => string) | undefined;
    readonly isFirst?: () => boolean;
  } = {},
) {
  const brand = step.brandOf(step.member.brand);
  const at = Date.parse(order.placedAt);
  const programme = brand && programmeAt(brand, at);
  if (!brand || programme?.accrual !== 'programme') return undefined;
  const terms = termsOf(
    {
      at,
      channel: order.channel ?? '',
      store: order.store,
      currency: order.currency ?? '',
      total: order.total,
      lines: order.lines,
    },
    programme,
    {
      timeZone: brand.timeZone,
      tierId: known.tierId ?? (() => tierAtThe(step, at)),
      isFirst: known.isFirst ?? (() => isFirstPurchase(step, order.orderId)),
    },
  );
  return terms && { terms, brand, programme, at };
}

/** What is kept of a purchase earns, by the terms it was counted by. */
function earnedNow(terms: Earning['terms'], order: Placed): Earned {
  const kept = order.state === 'placed';
  return 'told' in terms ? toldFor(terms, order, kept) : earnedBy(terms, order, kept);
}

/**
 * Brings the points of a purchase to what is kept of it: gives what is missing, takes back what is too much, of what it
 * has left.
 * @param lot when points given now are active and lapse, where the event says so
 */
export function recount(
  step: Moment,
  order: StoredOrder,
  lot?: Pick<ToldLot, 'activeAt' | 'expiresAt'>,
): void {
  const { earning } = order;
  if (!earning || !isPlaced(order)) return;
  const now = earnedNow(earning.terms, order);
  const points = now.points - earning.points;
  const qualifying = now.qualifying - earning.qualifying;
  order.earning = { ...earning, ...now };
  if (points < 0 || (points === 0 && qualifying < 0)) {
    const left = tallyOf(step.known, step.member.memberId, order.orderId);
    const taken = Math.min(-points, Math.max(0, left.earned));
    if (taken > 0 || qualifying !== 0) takeBack(step, taken, -qualifying, order.orderId);
  } else if (points > 0 || qualifying > 0)
    enter(step, {
      kind: 'earn',
      points,
      qualifying,
      ref: order.orderId,
      activeAt: lot ? lot.activeAt : activeAt(step, order, earning.until),
      expiresAt: (lot ? lot.expiresAt : earning.expiresAt) ?? undefined,
    });
}

/** Somebody said what was taken back: what is kept is counted from here on, and nothing moves. */
export function settleEarning(order: StoredOrder): void {
  const { earning } = order;
  if (earning && isPlaced(order))
    order.earning = { ...earning, ...earnedNow(earning.terms, order) };
}

type ToldLot = {
  readonly points: number;
  readonly qualifyingPoints?: number | undefined;
  readonly activeAt?: string | null | undefined;
  readonly expiresAt?: string | undefined;
};

/** Gives a purchase what the source counted for it as it is now; null: nothing, and nothing later. */
export function countAsTold(
  step: Moment & { readonly event: { readonly source: string } },
  order: Placed,
  lot: ToldLot | null,
): void {
  const brand = step.brandOf(step.member.brand);
  const programme = brand && programmeAt(brand, Date.parse(order.placedAt));
  const { points, qualifyingPoints = points } = lot ?? { points: 0 };
  const how = programme ? takesBack(programme.takeBack, step.event.source) : 'share';
  const { earning } = order;
  order.earning = {
    terms: toldTerms({ points, qualifying: qualifyingPoints }, order, how),
    points: earning?.points ?? 0,
    qualifying: earning?.qualifying ?? 0,
    until: earning?.until ?? (programme ? untilOf(programme, order.channel ?? '') : 'placed'),
    expiresAt: null,
  };
  recount(step, order, lot ?? undefined);
}

/** What the points of a purchase wait for: as it was when it was made, whoever counted them. */
export function waitsFor({ brandOf, member }: Moment, order: Placed): Until | undefined {
  if (order.earning) return order.earning.until;
  const brand = brandOf(member.brand);
  return brand && untilOf(programmeAt(brand, Date.parse(order.placedAt)), order.channel ?? '');
}

/** Undefined: at once. Null: when an event says so. */
function activeAt(
  { brandOf, member }: Moment,
  order: StoredOrder,
  until: Until,
): string | null | undefined {
  switch (until) {
    case 'placed':
      return undefined;
    case 'paid':
      return order.paidAt === null ? null : undefined;
    case 'fulfilled':
      return order.fulfilledAt === null ? null : undefined;
    case 'returnWindow': {
      const brand = brandOf(member.brand);
      const at = Date.parse(order.placedAt ?? '');
      const days = brand ? programmeAt(brand, at).returnWindowDays : 0;
      return new Date(at + days * dayMs).toISOString();
    }
    default:
      return until satisfies never;
  }
}

/**
 * Takes back what a reference earned. What she no longer has she owes, or, where the programme says `floor`, it is written
 * off in an entry of its own, so that her balance stops at zero.
 */
export function takeBack(step: Moment, points: number, qualifying: number, ref: string): void {
  const brand = step.brandOf(step.member.brand);
  const floors = brand && programmeAt(brand, Date.parse(step.event.at)).negative === 'floor';
  const owedBefore = floors ? balanceAfter(step).debt : 0;
  enter(step, {
    kind: 'reverse',
    points: points === 0 ? 0 : -points,
    qualifying: -qualifying,
    ref,
  });
  if (!floors) return;
  const missing = balanceAfter(step).debt - owedBefore;
  if (missing > 0) enter(step, { kind: 'adjust', points: missing, reason: 'written-off' });
}

/** Takes back all that an order or booking has left of what it earned, and gives back what it spent. */
export function undo(step: Moment, order: StoredOrder): void {
  const { earned, qualifying, spent } = tallyOf(step.known, step.member.memberId, order.orderId);
  if (earned > 0 || qualifying !== 0) takeBack(step, earned, qualifying, order.orderId);
  if (spent > 0) enter(step, { kind: 'reverse', points: spent, ref: order.orderId });
  if (order.earning) order.earning = { ...order.earning, points: 0, qualifying: 0 };
}
