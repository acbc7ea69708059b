import type { Place, PurchaseEvent } from '../batch.ts';
import { entryOf, type NewEntry } from '../points/plan-points.ts';
import type { PointsEntry, StoredOrder } from '../tables.ts';

/** A purchase while its events are applied to it in order of time: what it is so far, and what it moved of points. */
export type Draft = {
  readonly place: Place;
  readonly orderId: string;
  order: Placed | null;
  readonly moves: Move[];
  /** Movements that were told of it by themselves (`points.earned` with its id as `ref`). */
  readonly others: readonly PointsEntry[];
  /** As it was with the events before: what was counted once stays as it was counted. */
  readonly before: StoredOrder | null;
  readonly subjects: { readonly subject: string; readonly at: string }[];
};
export type Placed = StoredOrder & { placedAt: string };
export type Move = Omit<PointsEntry, 'ledgerVersion' | 'n'>;

/** Adds a movement of the purchase's points, by one of its events. */
export function move(draft: Draft, event: PurchaseEvent, entry: NewEntry): void {
  const { source, id } = event;
  const made = entryOf({ ...draft.place, event }, { ...entry, ref: draft.orderId });
  draft.moves.push({ ...made, source, id });
}

/** What it earned and spent up to an event, less what was reversed. */
export function tallyAt({ moves, others }: Draft, { at }: PurchaseEvent) {
  const tally = { earned: 0, qualifying: 0, spent: 0 };
  const until = Date.parse(at);
  for (const { kind, points, qualifying } of [
    ...moves,
    ...others.filter((one) => Date.parse(one.at) <= until),
  ]) {
    tally.qualifying += qualifying;
    if (kind === 'earn' || (kind === 'reverse' && points < 0)) tally.earned += points;
    if (kind === 'spend') tally.spent += points;
    if (kind === 'reverse' && points > 0) tally.spent -= points;
  }
  return tally;
}

export const unknownOrder = (orderId: string): StoredOrder => ({
  orderId,
  memberId: null,
  brand: null,
  placedAt: null,
  channel: null,
  store: null,
  currency: null,
  total: 0,
  saved: 0,
  refunded: 0,
  paidBack: 0,
  returned: [],
  state: 'cancelled',
  kind: 'order',
  subject: null,
  startsAt: null,
  endsAt: null,
  paidAt: null,
  fulfilledAt: null,
  changedAt: null,
  earning: null,
  lines: [],
  told: [],
});
