import type { openTemplates } from '../src/app/templates.ts';
import type { Brand } from '../src/brand/brand.ts';
import { Sending } from '../src/brand/sending.ts';

/** The templates with a brand of which something is another. */
export const withBrand =
  (open: typeof openTemplates, brandId: string, change: Partial<Brand>): typeof openTemplates =>
  async (...args) => {
    const set = await open(...args);
    const loaded = set.brands.get(brandId);
    if (!loaded) throw new Error(`there is no ${brandId}`);
    const brand = { ...loaded.brand, ...change };
    return { ...set, brands: new Map(set.brands).set(brandId, { ...loaded, brand }) };
  };

/** The templates with a brand that has a `sending.json`. */
export const withSending = (open: typeof openTemplates, brandId: string, sending: unknown) =>
  withBrand(open, brandId, { sending: Sending.parse(sending) });
