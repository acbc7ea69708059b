import type { Brand } from '../brand/brand.ts';
import { UsageError } from './failure.ts';
import type { BrandsSession } from './session.ts';

/** The brand that `--brand` names, the default one, or the only one. */
export function chosenBrand(wanted: string | undefined, { config, brands }: BrandsSession): Brand {
  const known = [...brands.keys()];
  const id = wanted ?? config.defaultBrand ?? (known.length === 1 ? known[0] : undefined);
  if (id === undefined) throw new UsageError(`--brand is needed; there are ${known.join(', ')}`);
  const found = brands.get(id)?.brand;
  if (found) return found;
  throw new UsageError(`there is no brand "${id}"; there are ${known.join(', ')}`);
}
