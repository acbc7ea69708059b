import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Brand } from '../src/brand/brand.ts';
import type { ProfileReading } from '../src/contract/profile.ts';
import { isFor } from '../src/contract/template.ts';
import { nothingWhereMissing } from '../src/core/code-of.ts';
import { playedAt } from '../src/personas/fixtures.ts';
import type { Persona } from '../src/personas/persona.ts';
import { folderWith, type TemplateRoot } from '../src/render/source/template-files.ts';
import type { PersonaEntry, TemplateList } from './protocol.ts';
import type { Workshop } from './workshop.ts';

/** Every template, and which brands have sample data for it. */
export async function listTemplates(workshop: Workshop): Promise<TemplateList> {
  const brands = [...(await workshop.brands()).values()].map(({ brand }) => brand);
  const samples = new Map(
    await Promise.all(
      brands.map(async ({ id }) => [id, (await workshop.fixtures(id)).samples] as const),
    ),
  );
  return {
    templates: await Promise.all(
      workshop.definitions.map(async (definition) => ({
        name: definition.name,
        title: definition.title,
        class: definition.class,
        brands: brands
          .filter(
            (brand) => isFor(definition, brand) && samples.get(brand.id)?.has(definition.name),
          )
          .map(({ id }) => id),
        samples: Object.fromEntries(
          brands.map(({ id }) => [
            id,
            (samples.get(id)?.get(definition.name) ?? []).map((one) => one.id),
          ]),
        ),
        editedAt: await editedAt(workshop.project.root, definition.name),
        ofYear: definition.blocks.includes('year-in-review'),
      })),
    ),
    brands: brands.map(({ id, name, programme, defaultLocale, locales, timeZone, colours }) => ({
      id,
      name,
      programme: programme.name,
      defaultLocale,
      locales,
      timeZone,
      reviewMinimumPurchases: programme.reviewMinimumPurchases,
      colours: {
        light: { accent: colours.light.accent, onAccent: colours.light.onAccent },
        dark: { accent: colours.dark.accent, onAccent: colours.dark.onAccent },
      },
    })),
  };
}

/** When something of a template was last saved; null where that isn't known. */
async function editedAt(root: TemplateRoot, template: string): Promise<string | null> {
  const folder = join(await folderWith(root, `${template}/locales`), template);
  const names = await readdir(folder, { recursive: true }).catch(nothingWhereMissing);
  const times = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name))).mtimeMs),
  );
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

/** Everyone a mail can be looked at for, brand by brand. */
export async function listPersonas(workshop: Workshop): Promise<PersonaEntry[]> {
  const brands = [...(await workshop.brands()).values()].map(({ brand }) => brand);
  const lists = await Promise.all(
    brands.map(async (brand) => {
      const fixtures = await workshop.fixtures(brand.id);
      const now = playedAt(fixtures, new Date());
      return Promise.all(
        fixtures.personas.map(async (persona) =>
          entryOf(persona, (await workshop.standing(brand.id, persona, now)).reading, brand),
        ),
      );
    }),
  );
  return lists.flat();
}

function entryOf(persona: Persona, reading: ProfileReading, brand: Brand): PersonaEntry {
  const { id, name, title, story, reads = {} } = persona;
  const profile = reading.kind === 'member' ? reading.profile : null;
  return {
    id,
    brand: brand.id,
    name,
    tier: profile?.currentTier.name ?? null,
    title,
    story,
    locale: profile?.locale ?? brand.defaultLocale,
    reads,
  };
}
