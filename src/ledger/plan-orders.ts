import type { Problem } from '../core/errors.ts';
import { type Step, type StoredOrder } from './batch.ts';
import { enter, lotProblems, tallyOf } from './plan-points.ts';

const unknownOrder = (orderId: string): StoredOrder => ({
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
  state: 'cancelled',
  lines: [],
});

export function placeOrder(step: Step<'order.placed'>): Problem[] {
  const { event, member, known, writes } = step;
  const before = known.orders.get(event.orderId);
  if (before && before.placedAt !== null)
    return [{ path: 'orderId', message: 'this order was already placed' }];
  if (before && before.memberId !== null && before.memberId !== member.memberId)
    return [{ path: 'orderId', message: 'is an order of another member' }];
  const problems = lotProblems(event.at, event.pointsEarned ?? undefined, 'pointsEarned.');
  if (problems.length > 0) return problems;
  known.orders.set(event.orderId, {
    orderId: event.orderId,
    memberId: member.memberId,
    brand: member.brand,
    placedAt: event.at,
    channel: event.channel,
    store: event.store ?? null,
    currency: event.currency,
    total: event.total,
    saved: event.saved,
    refunded: 0,
    // Its cancellation came first: it stays cancelled, and earns nothing.
    state: before ? 'cancelled' : 'placed',
    lines: event.lines.map((line, n) => ({
      n,
      productId: line.productId,
      category: line.category ?? null,
      attributes: line.attributes ?? [],
      quantity: line.quantity,
      refundedQuantity: 0,
      unitPrice: line.unitPrice,
      fullPrice: line.fullPrice,
    })),
  });
  writes.orders.add(event.orderId);
  if (before) return [];
  const { pointsEarned: earned, pointsSpent } = event;
  if (earned) {
    enter(step, {
      ...earned,
      kind: 'earn',
      qualifying: earned.qualifyingPoints ?? earned.points,
      ref: event.orderId,
    });
  }
  if (pointsSpent) enter(step, { kind: 'spend', points: pointsSpent, ref: event.orderId });
  return [];
}

/** Marks the subjects cancelled, whether or not we know the order. */
export function cancelSubjects({
  event,
  writes,
}: Pick<Step<'order.cancelled' | 'subject.cancelled'>, 'event' | 'writes'>): void {
  const subjects =
    event.type === 'order.cancelled'
      ? [`order:${event.orderId}`, ...event.subjects]
      : [event.subject];
  for (const subject of subjects) writes.subjects.push({ subject, at: event.at });
}

export function cancelOrder(step: Step<'order.cancelled'>): Problem[] {
  const { event, member, known, writes } = step;
  const order = known.orders.get(event.orderId) ?? unknownOrder(event.orderId);
  if (order.memberId !== null && order.memberId !== member.memberId)
    return [{ path: 'orderId', message: 'is an order of another member' }];
  cancelSubjects(step);
  order.state = 'cancelled';
  known.orders.set(event.orderId, order);
  writes.orders.add(event.orderId);
  if (event.points === 'leave') return [];
  const { earned, qualifying, spent } = tallyOf(known, member.memberId, event.orderId);
  const ref = event.orderId;
  if (earned > 0 || qualifying !== 0)
    enter(step, { kind: 'reverse', points: -earned, qualifying: -qualifying, ref });
  if (spent > 0) enter(step, { kind: 'reverse', points: spent, ref });
  return [];
}

export function refundOrder(step: Step<'order.refunded'>): Problem[] {
  const { event, member, known, writes } = step;
  const order = known.orders.get(event.orderId);
  if (order?.placedAt == null) return [{ path: 'orderId', message: 'no such order was placed' }];
  if (order.memberId !== member.memberId)
    return [{ path: 'orderId', message: 'is an order of another member' }];
  const returned = new Map<number, number>();
  const problems = (event.lines ?? []).flatMap(({ productId, quantity }, index) => {
    let missing = quantity;
    for (const line of order.lines.filter((one) => one.productId === productId)) {
      const soFar = line.refundedQuantity + (returned.get(line.n) ?? 0);
      const now = Math.min(missing, line.quantity - soFar);
      returned.set(line.n, (returned.get(line.n) ?? 0) + now);
      missing -= now;
    }
    return missing === 0
      ? []
      : [{ path: `lines[${index}].quantity`, message: 'more than is left of it in this order' }];
  });
  if (problems.length > 0) return problems;

  const { lines } = order;
  if (!event.lines)
    for (const line of lines) returned.set(line.n, line.quantity - line.refundedQuantity);
  let worth = 0;
  for (const line of lines) {
    const now = returned.get(line.n) ?? 0;
    line.refundedQuantity += now;
    worth += now * line.unitPrice;
  }
  const whole = event.lines
    ? lines.every(({ quantity, refundedQuantity }) => quantity === refundedQuantity)
    : true;
  const amount = event.amount ?? (whole ? order.total : worth);
  order.refunded = Math.min(order.total, order.refunded + amount);
  if (whole && order.state === 'placed') order.state = 'refunded';
  writes.orders.add(event.orderId);

  const ref = event.orderId;
  const { pointsTakenBack: taken, pointsGivenBack: given } = event;
  if (taken) {
    const tally = tallyOf(known, member.memberId, ref);
    const share = tally.earned > 0 ? Math.min(1, taken / tally.earned) : 0;
    const qualifying = -Math.round(tally.qualifying * share);
    enter(step, { kind: 'reverse', points: -taken, qualifying, ref });
  }
  if (given) enter(step, { kind: 'reverse', points: given, ref });
  return [];
}
