import { z } from 'zod';

import { type Facts, isBeingAdded } from '../../contract/facts.ts';
import { Order } from '../../contract/order.ts';
import { unlessNotKnown } from '../../profile/not-known.ts';

/** What the purchase a mail is about has earned. */
export const EarnedHere = z.strictObject({
  points: z.int(),
  /** What it is called. */
  kind: Order.shape.kind,
  /** True where none of these points can be spent yet, */
  pending: z.boolean(),
  /** but from then on; null where that isn't known. */
  from: z.date().nullable(),
});
export type EarnedHere = z.output<typeof EarnedHere>;

/** Null where the profile doesn't have it (yet), or it earned nothing: a mail never guesses what it will be. */
export function earnedHere(facts: Facts): EarnedHere | null {
  const { order, profile } = facts;
  if (!order || !profile || isBeingAdded(facts)) return null;
  // Her other purchases may be another system's to tell, and nothing the mail can't do without.
  const points = unlessNotKnown(
    () => profile.lastPurchases.find(({ orderId }) => orderId === order.id)?.points,
    () => undefined,
  );
  if (!points || points.earned <= 0) return null;
  const { earned, activeAt } = points;
  const pending = points.pending >= earned;
  return {
    points: earned,
    kind: order.kind,
    pending,
    from: pending && activeAt !== null ? new Date(activeAt) : null,
  };
}
