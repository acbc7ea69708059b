import type { Brand } from '../brand/brand.ts';
import { InvalidInput } from '../core/errors.ts';
import type { HttpContext } from './context.ts';

/** The brand that was named, or the only one. @throws InvalidInput `brand` */
export function chooseBrand(brands: HttpContext['brands'], wanted: string | undefined): Brand {
  const known = [...brands.keys()];
  const id = wanted ?? (known.length === 1 ? known[0] : undefined);
  const brand = id === undefined ? undefined : brands.get(id)?.brand;
  if (brand) return brand;
  throw new InvalidInput([
    {
      path: 'brand',
      message: `${id === undefined ? 'is needed here' : 'is not known'}; there are ${known.join(', ')}`,
    },
  ]);
}
