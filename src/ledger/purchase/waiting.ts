import type { Problem } from '../../core/errors.ts';
import { eventKey, purchaseIdOf, type Step } from '../batch.ts';
import { sameMember } from '../identity/accounts.ts';
import type { Linked } from '../identity/plan-links.ts';

/** What can be told of a purchase before the purchase itself. */
type Early =
  | 'order.changed'
  | 'order.refunded'
  | 'order.paid'
  | 'order.fulfilled'
  | 'booking.changed';

/** Keeps an event until the purchase it is about arrives. */
export function keepForLater({ event, member, known, writes }: Step<Early>): Problem[] {
  const orderId = purchaseIdOf(event) ?? '';
  const { memberId } = member;
  const waiting = { orderId, memberId, event };
  const before = known.standing.waiting.get(orderId) ?? [];
  known.standing.waiting.set(orderId, [...before, waiting]);
  writes.waiting.set(eventKey(event.source, event.id), waiting);
  return [];
}

/**
 * Applies what waited for a purchase that has just arrived, in order of time: the same comes of it as if it had come
 * after. What doesn't fit it (another member's, goods it doesn't have) goes on waiting, and changes nothing.
 */
export function catchUp(step: Step, orderId: string, apply: (step: Step) => Linked): void {
  const { member, known, writes } = step;
  const waiting = (known.standing.waiting.get(orderId) ?? []).toSorted(
    (one, other) => Date.parse(one.event.at) - Date.parse(other.event.at),
  );
  for (const one of waiting) {
    if (!sameMember(known, one.memberId, member.memberId)) continue;
    if (apply({ ...step, event: one.event }).length > 0) continue;
    writes.waiting.delete(eventKey(one.event.source, one.event.id));
    writes.arrived.push(one);
  }
}
