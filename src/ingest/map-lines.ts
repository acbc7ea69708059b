import { isDecimal, times, wholeOf } from './decimal.ts';

/** A line as its fields were read: with what all of it cost, or a quantity that is no whole number. */
type ReadLine = Readonly<Record<string, unknown>>;
export type MadeLine = { readonly line: Readonly<Record<string, unknown>>; readonly worth: number };

/**
 * The lines of an event that one row comes to. What three cost together is shared out exactly: some units cost one minor unit
 * more than the others. 0.75 kg are one unit, of what 0.75 kg cost.
 * @param priced whether an event of this kind says what its lines cost
 */
export function linesOf(read: ReadLine, priced: boolean): MadeLine[] {
  const { total, quantity: said, ...rest } = read;
  const unitPrice = numberOr(read['unitPrice'], 0);
  const whole = isDecimal(said) ? wholeOf(said) : said;
  if (isDecimal(said) && whole === undefined) {
    const worth = typeof total === 'number' ? total : times(unitPrice, said);
    return [{ line: { ...rest, quantity: 1, ...(priced && { unitPrice: worth }) }, worth }];
  }
  const quantity = whole === undefined ? {} : { quantity: whole };
  const units = numberOr(whole, 1);
  if (typeof total !== 'number')
    return [{ line: { ...rest, ...quantity }, worth: unitPrice * units }];
  // Nothing to share it out among: the ledger says what is wrong with the quantity.
  if (!priced || units <= 0)
    return [{ line: { ...rest, ...quantity, ...(priced && { unitPrice: total }) }, worth: total }];
  const each = Math.floor(total / units);
  const dearer = total - each * units;
  return [
    [each, units - dearer],
    [each + 1, dearer],
  ].flatMap(([price = 0, of = 0]) =>
    of > 0 ? [{ line: { ...rest, quantity: of, unitPrice: price }, worth: price * of }] : [],
  );
}

const numberOr = (value: unknown, otherwise: number) =>
  typeof value === 'number' ? value : otherwise;
