import type { Problem } from '../../core/errors.ts';
import type { Ignored, PurchaseEvent } from '../batch.ts';
import type { OrderLine, Returned, StoredOrder } from '../tables.ts';
import { recount, settleEarning, takeBack } from './accrual.ts';
import { type Draft, move, type Placed, tallyAt } from './draft.ts';

type Refunded = Extract<PurchaseEvent, { type: 'order.refunded' }>;
type RefundedLine = NonNullable<Refunded['lines']>[number];

/** Notes what was given back, and takes back what was earned with it. */
export function refund(draft: Draft, event: Refunded, order: Placed): readonly Problem[] | Ignored {
  const { lines } = order;
  const pieces = piecesOf(event, order);
  const ofGoods = event.lines === undefined || pieces.length > 0;
  if (event.lines && ofGoods && lines.length > 0 && areReturned(lines)) return 'already-returned';
  const worthBefore = worthReturned(order);
  const before = order.returned;
  for (const [index, one] of pieces.entries()) {
    const units = unitsReturned(order);
    order.returned = added(order.returned, one);
    spreadReturned(order);
    if (unitsReturned(order) - units === one[1]) continue;
    order.returned = before;
    spreadReturned(order);
    return [{ path: `lines[${index}].quantity`, message: 'more than is left of it in this order' }];
  }
  // Money without goods leaves the order as it is, and its points with it.
  const whole = event.lines === undefined || (ofGoods && areReturned(goodsIn(lines)));
  const amount =
    event.amount ??
    (whole
      ? Math.max(0, order.total - order.paidBack - worthLeft(order))
      : worthReturned(order) - worthBefore);
  order.paidBack += amount;
  order.refunded = Math.min(order.total, order.paidBack);
  if (whole && order.state === 'placed') order.state = 'refunded';

  const { taken, given } = movedBack(draft, event, order);
  if (event.pointsTakenBack !== undefined) takeBackAsSaid(draft, event, order, taken);
  else if (order.state !== 'cancelled') recount(draft, event, order);
  if (given > 0) move(draft, event, { kind: 'reverse', points: given });
  return [];
}

/** The lines that say whether a purchase is kept: its products, where it has any. */
export function goodsIn(lines: readonly OrderLine[]): readonly OrderLine[] {
  const products = lines.filter(({ kind }) => kind === 'product');
  return products.length > 0 ? products : lines;
}

export const areReturned = (lines: readonly OrderLine[]): boolean =>
  lines.every(({ quantity, refundedQuantity }) => quantity === refundedQuantity);

/** What comes back: as it is said, or all that is left. */
const piecesOf = ({ lines }: Refunded, order: Placed): Returned[] =>
  lines
    ? lines
        .filter((one) => isIn(order, one))
        .map(({ productId, quantity, lineId = null, unitPrice = null }): Returned => [
          productId,
          quantity,
          lineId,
          unitPrice,
        ])
    : order.lines.flatMap((line): Returned[] => {
        const left = line.quantity - line.refundedQuantity;
        return left > 0 ? [[line.productId, left, line.lineId, line.unitPrice]] : [];
      });

const isIn = ({ lines }: Placed, { kind = 'product', productId }: RefundedLine): boolean =>
  kind === 'product' || lines.some((line) => line.productId === productId);

function added(returned: readonly Returned[], piece: Returned): Returned[] {
  const [productId, units, lineId = null, unitPrice = null] = piece;
  const same = returned.findIndex(
    ([product, , line = null, price = null]) =>
      product === productId && line === lineId && price === unitPrice,
  );
  return same < 0
    ? [...returned, piece]
    : returned.with(same, [productId, (returned[same]?.[1] ?? 0) + units, lineId, unitPrice]);
}

const unitsReturned = ({ lines }: StoredOrder): number =>
  lines.reduce((sum, { refundedQuantity }) => sum + refundedQuantity, 0);
const worthLeft = ({ lines }: StoredOrder): number =>
  lines.reduce((sum, line) => sum + (line.quantity - line.refundedQuantity) * line.unitPrice, 0);
const worthReturned = ({ lines }: StoredOrder): number =>
  lines.reduce((sum, { refundedQuantity, unitPrice }) => sum + refundedQuantity * unitPrice, 0);

/**
 * Spreads what came back over the lines: first what says its line, then what says its price, then the rest over the first
 * lines with that product.
 */
export function spreadReturned({ lines, returned }: StoredOrder): void {
  for (const line of lines) line.refundedQuantity = 0;
  for (const piece of returned.toSorted((one, other) => said(one) - said(other))) {
    let [, left] = piece;
    for (const line of linesFor(piece, lines)) {
      const units = Math.min(line.quantity - line.refundedQuantity, left);
      line.refundedQuantity += units;
      left -= units;
    }
  }
}

const said = ([, , lineId = null, unitPrice = null]: Returned) =>
  lineId !== null ? 0 : unitPrice !== null ? 1 : 2;

/** The lines it can be, the likeliest first. A line that is named is that one, or, edited out since, none. */
function linesFor(
  [productId, , lineId = null, unitPrice = null]: Returned,
  all: readonly OrderLine[],
): OrderLine[] {
  const lines = all.filter((line) => line.productId === productId);
  const named = lines.filter((line) => (line.lineId ?? String(line.n + 1)) === lineId);
  if (lineId !== null && (named.length > 0 || lines.some((line) => line.lineId !== null)))
    return named;
  const priced = (line: OrderLine) => Number(line.unitPrice === unitPrice);
  return lines.toSorted((one, other) => priced(other) - priced(one));
}

/** The source's numbers; of a cancelled order no more than is left, as its cancellation has moved the rest. */
function movedBack(draft: Draft, event: Refunded, { state }: Placed) {
  const [taken, given] = [event.pointsTakenBack ?? 0, event.pointsGivenBack ?? 0];
  if (state !== 'cancelled') return { taken, given };
  const { earned, spent } = tallyAt(draft, event);
  return {
    taken: Math.min(taken, Math.max(0, earned)),
    given: Math.min(given, Math.max(0, spent)),
  };
}

/** The source says it: its number stands, also later, and takes the same part of what counted for the tier. */
function takeBackAsSaid(draft: Draft, event: Refunded, order: Placed, taken: number): void {
  const { earned, qualifying } = tallyAt(draft, event);
  const share = earned > 0 ? Math.min(1, taken / earned) : 0;
  if (taken > 0) takeBack(draft, event, taken, Math.round(qualifying * share));
  settleEarning(order);
}
