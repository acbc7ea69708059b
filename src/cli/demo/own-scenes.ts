import { isFor } from '../../contract/template.ts';
import type { BrandFixtures } from '../../personas/fixtures.ts';
import type { Project } from '../../project/load-project.ts';
import type { LoadedBrand } from '../../render/voice/brand-files.ts';
import type { Scene } from './afternoon.ts';

/** A project's demo: every template that a brand has, with its sample data, for each of the brand's people. */
export function ownScenes(
  { templates }: Pick<Project, 'templates'>,
  { brand }: LoadedBrand,
  { personas, samples }: BrandFixtures,
): Scene[] {
  return personas.flatMap(({ memberId, email, name }) =>
    templates.flatMap((template): Scene[] => {
      const data = samples.get(template.name)?.[0]?.data;
      if (!data || !isFor(template, brand)) return [];
      const to = memberId === null ? { email, name } : { memberId };
      return [{ who: name, request: { template: template.name, brand: brand.id, to, data } }];
    }),
  );
}
