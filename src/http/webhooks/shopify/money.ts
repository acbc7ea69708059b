import { InvalidInput } from '../../../core/errors.ts';
import { toMinorUnits } from '../../../core/money.ts';

/** An amount as Shopify writes it, in minor units. @throws InvalidInput naming `path` where it isn't one of this currency */
export function minorUnits(amount: string, currency: string, path: string): number {
  const known = toMinorUnits(amount, currency);
  if (known === null)
    throw new InvalidInput([{ path, message: `is not an amount of ${currency.slice(0, 10)}` }]);
  return known;
}
