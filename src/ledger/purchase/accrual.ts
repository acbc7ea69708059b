import { createHash } from 'node:crypto';

import type { Until } from '../../brand/accrual.ts';
import { programmeAt } from '../../brand/brand.ts';
import { eventKey, type PurchaseEvent } from '../batch.ts';
import { externalFor, externalTerms, takesBack } from '../points/external-points.ts';
import {
  type Earned,
  earnedBy,
  expiryOf,
  type Terms,
  termsOf,
  untilOf,
} from '../programme/earning.ts';
import { isFirstPurchase, tierAtThe } from '../programme/standing.ts';
import type { PurchaseTerms } from '../tables.ts';
import { type Draft, move, type Placed, tallyAt } from './draft.ts';

const dayMs = 86_400_000;
const keyOf = ({ source, id }: PurchaseEvent) => eventKey(source, id);

/** Gives a purchase what the programme in force when it was made says, where the programme counts at all. */
export function accrue(draft: Draft, event: PurchaseEvent, order: Placed): void {
  const { before } = draft;
  // Nobody counted it when it was told.
  if (before?.placedAt === order.placedAt && before.earning === null) return;
  const programme = programmeOf(draft, order);
  const terms = countedBefore(draft, event, order) ?? currentTerms(draft, event, order);
  if (!programme || !terms) return;
  order.earning = {
    terms,
    ...nothingYet,
    ...waiting(draft, order),
    counted: { [keyOf(event)]: { ...terms, goods: goodsOf(order) } },
  };
  recount(draft, event, order);
}

/**
 * What was changed earns what it would have earned if it had been made like this; what a source counted for it follows in
 * proportion, downwards only.
 */
export function followChange(draft: Draft, event: PurchaseEvent, order: Placed): void {
  const { earning } = order;
  if (!earning) return;
  if (!('external' in earning.terms)) {
    const terms =
      countedBefore(draft, event, order) ??
      currentTerms(draft, event, order, earning.terms) ??
      earning.terms;
    order.earning = {
      ...earning,
      terms,
      counted: { ...earning.counted, [keyOf(event)]: { ...terms, goods: goodsOf(order) } },
    };
  }
  recount(draft, event, order);
}

type ExternalLot = {
  readonly points: number;
  readonly qualifyingPoints?: number | undefined;
  readonly activeAt?: string | null | undefined;
  readonly expiresAt?: string | undefined;
};

/** Gives a purchase what its source counted for it as it is now; null: nothing, and nothing later. */
export function countExternal(
  draft: Draft,
  event: PurchaseEvent,
  order: Placed,
  lot: ExternalLot | null,
): void {
  const programme = programmeOf(draft, order);
  const { points, qualifyingPoints = points } = lot ?? { points: 0 };
  const how = programme ? takesBack(programme.takeBack, event.source) : 'share';
  const { earning } = order;
  const terms =
    countedBefore(draft, event, order) ??
    externalTerms({ points, qualifying: qualifyingPoints }, order, how);
  order.earning = {
    ...(earning ?? { ...nothingYet, ...waiting(draft, order) }),
    terms,
    expiresAt: null,
    counted: { ...earning?.counted, [keyOf(event)]: { ...terms, goods: goodsOf(order) } },
  };
  recount(draft, event, order, lot ?? undefined);
}

const nothingYet = { points: 0, qualifying: 0 };

const programmeOf = ({ place }: Draft, { placedAt }: Placed) => {
  const brand = place.brandOf(place.member.brand);
  return brand && programmeAt(brand, Date.parse(placedAt));
};

/** What an event was counted by when it was told, if the purchase was then what it is now known to have been. */
function countedBefore(
  { before }: Draft,
  event: PurchaseEvent,
  order: Placed,
): PurchaseTerms | undefined {
  const { earning = null } = before ?? {};
  if (!earning?.counted) return event.type === 'order.placed' ? earning?.terms : undefined;
  const counted = earning.counted[keyOf(event)];
  if (!counted) return undefined;
  const { goods, ...terms } = counted;
  return goods === undefined || goods === goodsOf(order) ? terms : undefined;
}

/** Names what is counted: total and lines. */
const goodsOf = ({ total, lines }: Placed): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        total,
        lines.map(({ kind, productId, category, attributes, quantity, unitPrice }) => [
          kind,
          productId,
          category,
          attributes,
          quantity,
          unitPrice,
        ]),
      ]),
    )
    .digest('base64url')
    .slice(0, 16);

/** What the points of a purchase wait for, and when they lapse: as it was when it was told. */
function waiting({ place, before }: Draft, order: Placed) {
  const counted = before?.placedAt === order.placedAt ? before.earning : null;
  const brand = place.brandOf(place.member.brand);
  const at = Date.parse(order.placedAt);
  const programme = brand && programmeAt(brand, at);
  const until: Until =
    counted?.until ?? (programme ? untilOf(programme, order.channel ?? '') : 'placed');
  const lapses = programme && expiryOf(programme, at, brand.timeZone);
  const ends = new Date(at + (programme?.returnWindowDays ?? 0) * dayMs).toISOString();
  return {
    until,
    windowEnds: until === 'returnWindow' ? (counted?.windowEnds ?? ends) : null,
    expiresAt: counted
      ? counted.expiresAt
      : lapses === undefined
        ? null
        : new Date(lapses).toISOString(),
  };
}

function currentTerms(
  { place }: Draft,
  event: PurchaseEvent,
  order: Placed,
  counted: Pick<Terms, 'tierId' | 'first'> | null = null,
): Terms | null {
  const brand = place.brandOf(place.member.brand);
  const at = Date.parse(order.placedAt);
  const programme = brand && programmeAt(brand, at);
  if (!brand || programme?.accrual !== 'programme') return null;
  const { channel, store, currency, total, lines } = order;
  return termsOf(
    { at, channel: channel ?? '', store, currency: currency ?? '', total, lines },
    programme,
    {
      timeZone: brand.timeZone,
      tierId: () => counted?.tierId ?? tierAtThe({ ...place, event }, at),
      isFirst: () => counted?.first ?? isFirstPurchase({ ...place, event }, order.orderId),
    },
  );
}

/** What is kept of a purchase earns, by the terms it was counted by. */
function earnedNow(terms: PurchaseTerms, order: Placed): Earned {
  const kept = order.state === 'placed';
  return 'external' in terms ? externalFor(terms, order, kept) : earnedBy(terms, order, kept);
}

/**
 * Brings the points of a purchase to what is kept of it: gives what is missing, takes back what is too much, of what it
 * has left.
 * @param lot when points given now are active and lapse, where the event says so
 */
export function recount(
  draft: Draft,
  event: PurchaseEvent,
  order: Placed,
  lot?: Pick<ExternalLot, 'activeAt' | 'expiresAt'>,
): void {
  const { earning } = order;
  if (!earning) return;
  const now = earnedNow(earning.terms, order);
  const points = now.points - earning.points;
  const qualifying = now.qualifying - earning.qualifying;
  order.earning = { ...earning, ...now };
  if (points < 0 || (points === 0 && qualifying < 0)) {
    const taken = Math.min(-points, Math.max(0, tallyAt(draft, event).earned));
    if (taken > 0 || qualifying !== 0) takeBack(draft, event, taken, -qualifying);
  } else if (points > 0 || qualifying > 0)
    move(draft, event, {
      kind: 'earn',
      points,
      qualifying,
      activeAt: lot ? lot.activeAt : activeAt(order),
      expiresAt: (lot ? lot.expiresAt : earning.expiresAt) ?? undefined,
    });
}

/** Somebody said what was taken back: what is kept is counted from here on, and nothing moves. */
export function settleEarning(order: Placed): void {
  const { earning } = order;
  if (earning) order.earning = { ...earning, ...earnedNow(earning.terms, order) };
}

/** What the points of a purchase wait for: as it was when it was made, whoever counted them. */
export const waitsFor = (draft: Draft, order: Placed): Until | undefined => {
  if (order.earning) return order.earning.until;
  const programme = programmeOf(draft, order);
  return programme && untilOf(programme, order.channel ?? '');
};

/** Undefined: at once. Null: when an event says so. */
function activeAt({ earning, paidAt, fulfilledAt }: Placed): string | null | undefined {
  const until = earning?.until ?? 'placed';
  switch (until) {
    case 'placed':
      return undefined;
    case 'paid':
      return paidAt === null ? null : undefined;
    case 'fulfilled':
      return fulfilledAt === null ? null : undefined;
    case 'returnWindow':
      return earning?.windowEnds ?? null;
    default:
      return until satisfies never;
  }
}

export const takeBack = (draft: Draft, event: PurchaseEvent, points: number, qualifying: number) =>
  move(draft, event, {
    kind: 'reverse',
    points: points === 0 ? 0 : -points,
    qualifying: -qualifying,
  });

/** Takes back all that an order or booking has left of what it earned, and gives back what it spent. */
export function undo(draft: Draft, event: PurchaseEvent, order: Placed | null): void {
  const { earned, qualifying, spent } = tallyAt(draft, event);
  if (earned > 0 || qualifying !== 0) takeBack(draft, event, earned, qualifying);
  if (spent > 0) move(draft, event, { kind: 'reverse', points: spent });
  if (order?.earning) order.earning = { ...order.earning, ...nothingYet };
}
