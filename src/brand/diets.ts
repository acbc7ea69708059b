import { z } from 'zod';

export const Diet = z.enum([
  'vegetarian',
  'vegan',
  'gluten-free',
  'lactose-free',
  'halal',
  'kosher',
]);
export type Diet = z.infer<typeof Diet>;

const meat: readonly Diet[] = ['vegetarian', 'vegan'];
const pig: readonly Diet[] = [...meat, 'halal', 'kosher'];
const fish: readonly Diet[] = ['vegetarian', 'vegan'];
const shellfish: readonly Diet[] = [...fish, 'kosher'];
const dairy: readonly Diet[] = ['vegan', 'lactose-free'];
const animal: readonly Diet[] = ['vegan'];
const wheat: readonly Diet[] = ['gluten-free'];
const anyone: readonly Diet[] = [];

/**
 * Which diets an attribute of a product goes against; docs/rules.md has the list for people. A brand says more with
 * `productAttributes` in its `brand.json`.
 */
const known: Readonly<Record<string, readonly Diet[]>> = {
  meat,
  beef: meat,
  veal: meat,
  lamb: meat,
  chicken: meat,
  poultry: meat,
  turkey: meat,
  duck: meat,
  pork: pig,
  bacon: pig,
  ham: pig,
  lard: pig,
  gelatine: [...meat, 'halal'],
  gelatin: [...meat, 'halal'],
  rennet: meat,
  fish,
  anchovy: fish,
  salmon: fish,
  tuna: fish,
  shellfish,
  crustaceans: shellfish,
  molluscs: shellfish,
  shrimp: shellfish,
  egg: animal,
  eggs: animal,
  mayonnaise: animal,
  honey: animal,
  dairy,
  milk: dairy,
  butter: dairy,
  cheese: dairy,
  cream: dairy,
  yoghurt: dairy,
  yogurt: dairy,
  whey: dairy,
  casein: dairy,
  ghee: dairy,
  'ice-cream': dairy,
  'milk-chocolate': dairy,
  lactose: ['lactose-free'],
  gluten: wheat,
  wheat,
  barley: wheat,
  rye: wheat,
  spelt: wheat,
  alcohol: ['halal'],
  wine: ['halal'],
  beer: ['halal', 'gluten-free'],
  vegan: anyone,
  vegetarian: anyone,
  almond: anyone,
  hazelnut: anyone,
  walnut: anyone,
  nuts: anyone,
  oat: anyone,
  'oat-milk': anyone,
  'soy-milk': anyone,
  'almond-milk': anyone,
  'coconut-milk': anyone,
  hummus: anyone,
};

export const ProductAttributes = z.record(z.string(), z.array(Diet));
type Extended = { readonly productAttributes?: z.infer<typeof ProductAttributes> | undefined };

/** The diets an attribute goes against, as the brand has it, else as is written down here; undefined where nobody says. */
export const ruledOutBy = (attribute: string, brand: Extended): readonly Diet[] | undefined =>
  own(brand.productAttributes, attribute) ?? own(known, attribute);

const own = <Value>(
  table: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined => (table && Object.hasOwn(table, name) ? table[name] : undefined);

/**
 * Attributes of a catalogue that nobody says of whether they go with a diet; none where nothing in it is food.
 */
export function unknownAttributes(
  products: Iterable<{ readonly attributes: readonly string[] }>,
  brand: Extended,
): string[] {
  const all = [...new Set([...products].flatMap(({ attributes }) => attributes))];
  const food = all.some((one) => (ruledOutBy(one, brand) ?? []).length > 0);
  return food ? all.filter((one) => ruledOutBy(one, brand) === undefined).toSorted() : [];
}
