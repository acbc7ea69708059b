import type { BrandEntry, PersonaEntry, RenderQuery, TemplateEntry } from '../protocol.ts';
import type { Lists } from './answers.ts';
import type { Place } from './place.ts';

/** What an address names, out of what there is. */
export type Choice = {
  readonly brands: readonly BrandEntry[];
  readonly brand: BrandEntry | undefined;
  readonly templates: readonly TemplateEntry[];
  /** Those the brand has data for. */
  readonly usable: readonly TemplateEntry[];
  readonly template: TemplateEntry | undefined;
  readonly hasSample: boolean;
  readonly personas: readonly PersonaEntry[];
  readonly persona: PersonaEntry | undefined;
  /** What the address names and nobody knows: told, never replaced in silence. */
  readonly unknown: readonly string[];
};

export function choiceOf(lists: Lists | null, place: Place): Choice {
  const brands = lists?.templates.brands ?? [];
  const templates = lists?.templates.templates ?? [];
  const named = brands.find(({ id }) => id === place.brand);
  const brand = named ?? brands[0];
  const template = templates.find(({ name }) => name === place.template);
  const personas = lists?.personas.filter((one) => one.brand === brand?.id) ?? [];
  const known = personas.find(({ id }) => id === place.persona);
  const wrong = (what: string, wanted: string | null, found: unknown) =>
    lists && wanted !== null && found === undefined ? [`${what} “${wanted}”`] : [];
  return {
    brands,
    brand,
    templates,
    usable: templates.filter((one) => brand && one.brands.includes(brand.id)),
    template,
    hasSample: template !== undefined && brand !== undefined && template.brands.includes(brand.id),
    personas,
    persona: known ?? (place.persona === null ? personas[0] : undefined),
    unknown: [
      ...wrong('brand', place.brand, named),
      ...wrong(
        'persona',
        named === undefined && place.brand !== null ? null : place.persona,
        known,
      ),
      ...wrong(
        'persona',
        place.room === 'compare' ? place.beside.persona : null,
        personas.find(({ id }) => id === place.beside.persona),
      ),
      ...wrong(
        'language',
        place.locale,
        brand?.locales.find((one) => one === place.locale),
      ),
      ...wrong(
        'sample',
        place.sample,
        template?.samples[brand?.id ?? '']?.find((one) => one === place.sample),
      ),
    ],
  };
}

/** What is asked of the server for a place; null while there is nothing to ask for. */
export function queryOf(
  { template, brand, persona, hasSample, unknown }: Choice,
  place: Place,
): RenderQuery | null {
  if (!template || !brand || !persona || !hasSample || unknown.length > 0) return null;
  return {
    template: template.name,
    brand: brand.id,
    persona: persona.id,
    set: place.set,
    data: place.data,
    ...(place.sample !== null && { sample: place.sample }),
    ...(place.cancelled !== null && { cancelled: place.cancelled }),
    ...(place.locale !== null && { locale: place.locale }),
    ...(place.at !== null && { at: place.at }),
  };
}
