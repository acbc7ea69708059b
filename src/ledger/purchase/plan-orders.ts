import type { Problem } from '../../core/errors.ts';
import type { OrderLine, Step, StoredOrder } from '../batch.ts';
import { enter, lotProblems, tallyOf } from '../points/plan-points.ts';
import {
  accrue,
  countAsTold,
  isPlaced,
  recount,
  settleEarning,
  takeBack,
  undo,
  waitsFor,
} from '../programme/accrual.ts';
import { keepForLater } from './waiting.ts';

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
});

type Placing = Step<'order.placed' | 'booking.made'>;

export const placeOrder = (step: Step<'order.placed'>): Problem[] =>
  place(step, { orderId: step.event.orderId });

/** A purchase is made: it is noted with its lines, and earns what the source says or else what the programme gives. */
export function place(
  step: Placing,
  own: Partial<StoredOrder> & Pick<StoredOrder, 'orderId'>,
): Problem[] {
  const { event, member, known, writes } = step;
  const path = event.type === 'booking.made' ? 'bookingId' : 'orderId';
  const before = known.orders.get(own.orderId);
  if (before && before.placedAt !== null)
    return [{ path, message: `this ${before.kind} was already placed` }];
  const problems = [
    ...(before ? ofAnother(step, before, path) : []),
    ...lotProblems(event.at, event.pointsEarned ?? undefined, 'pointsEarned.'),
  ];
  if (problems.length > 0) return problems;
  const order: StoredOrder = {
    ...unknownOrder(own.orderId),
    memberId: member.memberId,
    brand: member.brand,
    placedAt: event.at,
    channel: event.channel,
    store: event.store ?? null,
    currency: event.currency,
    total: event.total,
    saved: event.saved,
    // Its cancellation came first: it stays cancelled, and earns nothing.
    state: before ? 'cancelled' : 'placed',
    lines: linesOf(event.lines),
    ...own,
  };
  known.orders.set(order.orderId, order);
  writes.orders.add(order.orderId);
  if (!before) {
    earn(step, order);
    if (event.pointsSpent)
      enter(step, {
        kind: 'spend',
        points: event.pointsSpent,
        ref: order.orderId,
        lock: event.pointsLock,
      });
  }
  known.standing.buyers.add(member.memberId);
  return [];
}

function earn(step: Placing, order: StoredOrder): void {
  const { pointsEarned } = step.event;
  if (!isPlaced(order)) return;
  if (pointsEarned) countAsTold(step, order, pointsEarned);
  else if (pointsEarned === undefined) accrue(step, order);
}

export const linesOf = (lines: Placing['event']['lines']): OrderLine[] =>
  lines.map((line, n) => ({
    n,
    productId: line.productId,
    category: line.category ?? null,
    attributes: line.attributes ?? [],
    quantity: line.quantity,
    refundedQuantity: 0,
    unitPrice: line.unitPrice,
    fullPrice: line.fullPrice,
  }));

export const ofAnother = (
  { member }: Step,
  { memberId, kind }: StoredOrder,
  path: string,
): Problem[] =>
  memberId === null || memberId === member.memberId
    ? []
    : [{ path, message: `is ${kind === 'order' ? 'an order' : 'a booking'} of another member` }];

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
  const { event, known, writes } = step;
  const order = known.orders.get(event.orderId) ?? unknownOrder(event.orderId);
  const problems = ofAnother(step, order, 'orderId');
  if (problems.length > 0) return problems;
  cancelSubjects(step);
  order.state = 'cancelled';
  known.orders.set(event.orderId, order);
  writes.orders.add(event.orderId);
  if (event.points === 'reverse') undo(step, order);
  return [];
}

/** Paid or handed over: points that waited for this become spendable. */
export function moveOn(step: Step<'order.paid' | 'order.fulfilled'>): Problem[] {
  const { event, known, writes } = step;
  const order = known.orders.get(event.orderId);
  if (!order || !isPlaced(order)) return keepForLater(step);
  const problems = ofAnother(step, order, 'orderId');
  if (problems.length > 0) return problems;
  const [field, what] =
    event.type === 'order.paid'
      ? (['paidAt', 'paid'] as const)
      : (['fulfilledAt', 'fulfilled'] as const);
  order[field] ??= event.at;
  writes.orders.add(event.orderId);
  if (waitsFor(step, order) === what) activate(step, order);
  return [];
}

/** Also what a later edit added, which was told first. */
function activate(step: Step<'order.paid' | 'order.fulfilled'>, order: StoredOrder): void {
  const entry = { kind: 'activate', points: 0, ref: order.orderId } as const;
  enter(step, entry);
  const { changedAt } = order;
  if (changedAt !== null && Date.parse(changedAt) > Date.parse(step.event.at))
    enter(step, { ...entry, at: changedAt });
}

/** Notes what was given back. What waits for an order that hasn't arrived yet is kept for it. */
export function refundOrder(step: Step<'order.refunded'>): Problem[] {
  const { event, known, writes } = step;
  const order = known.orders.get(event.orderId);
  if (!order || !isPlaced(order)) return keepForLater(step);
  const returned = returnedLines(step, order);
  const problems = [...ofAnother(step, order, 'orderId'), ...returned.problems];
  if (problems.length > 0) return problems;

  let worth = 0;
  const units = new Map(order.returned);
  for (const { n, productId, unitPrice } of order.lines) {
    const now = returned.units.get(n) ?? 0;
    if (now > 0) units.set(productId, (units.get(productId) ?? 0) + now);
    worth += now * unitPrice;
  }
  order.returned = [...units];
  spreadReturned(order);
  // Money without goods leaves the order as it is, and its points with it.
  const whole =
    event.lines === undefined ||
    (event.lines.length > 0 &&
      order.lines.every(({ quantity, refundedQuantity }) => quantity === refundedQuantity));
  const amount = event.amount ?? (whole ? Math.max(0, order.total - order.paidBack) : worth);
  order.paidBack += amount;
  order.refunded = Math.min(order.total, order.paidBack);
  if (whole && order.state === 'placed') order.state = 'refunded';
  writes.orders.add(event.orderId);

  const { taken, given } = movedBack(step, order);
  if (event.pointsTakenBack !== undefined) takeBackAsSaid(step, order, taken);
  else if (order.state !== 'cancelled') recount(step, order);
  if (given > 0) enter(step, { kind: 'reverse', points: given, ref: event.orderId });
  return [];
}

/** The source's numbers; of a cancelled order no more than is left, as its cancellation has moved the rest. */
function movedBack({ event, known, member }: Step<'order.refunded'>, order: StoredOrder) {
  const [taken, given] = [event.pointsTakenBack ?? 0, event.pointsGivenBack ?? 0];
  if (order.state !== 'cancelled') return { taken, given };
  const { earned, spent } = tallyOf(known, member.memberId, order.orderId);
  return {
    taken: Math.min(taken, Math.max(0, earned)),
    given: Math.min(given, Math.max(0, spent)),
  };
}

/** Spreads what came back of each product over the lines that have it, the first ones first. */
export function spreadReturned({ lines, returned }: StoredOrder): void {
  const left = new Map(returned);
  for (const line of lines) {
    const units = left.get(line.productId) ?? 0;
    line.refundedQuantity = Math.min(line.quantity, units);
    left.set(line.productId, units - line.refundedQuantity);
  }
}

/** How many units of which line come back. */
function returnedLines({ event }: Step<'order.refunded'>, { lines }: StoredOrder) {
  const units = new Map<number, number>();
  if (!event.lines)
    for (const line of lines) units.set(line.n, line.quantity - line.refundedQuantity);
  const problems = (event.lines ?? []).flatMap(({ productId, quantity }, index): Problem[] => {
    let missing = quantity;
    for (const line of lines.filter((one) => one.productId === productId)) {
      const soFar = line.refundedQuantity + (units.get(line.n) ?? 0);
      const now = Math.min(missing, line.quantity - soFar);
      units.set(line.n, (units.get(line.n) ?? 0) + now);
      missing -= now;
    }
    return missing === 0
      ? []
      : [{ path: `lines[${index}].quantity`, message: 'more than is left of it in this order' }];
  });
  return { units, problems };
}

/** The source says it: its number stands, also later, and takes the same part of what counted for the tier. */
function takeBackAsSaid(step: Step<'order.refunded'>, order: StoredOrder, taken: number): void {
  const { earned, qualifying } = tallyOf(step.known, step.member.memberId, order.orderId);
  const share = earned > 0 ? Math.min(1, taken / earned) : 0;
  if (taken > 0) takeBack(step, taken, Math.round(qualifying * share), order.orderId);
  settleEarning(order);
}
