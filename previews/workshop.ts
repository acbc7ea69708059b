import { join, sep } from 'node:path';

import type { Brand } from '../src/brand/brand.ts';
import type { CompiledTemplate, Template } from '../src/contract/template.ts';
import { PermanentError } from '../src/core/errors.ts';
import { keptValues } from '../src/core/memo.ts';
import { type BrandFixtures, readFixtures } from '../src/personas/fixtures.ts';
import type { MadeOf, PersonaLedger, PersonaStanding } from '../src/personas/persona-ledger.ts';
import type { Persona } from '../src/personas/persona.ts';
import { loadProject, type Project } from '../src/project/load-project.ts';
import { loadTemplates } from '../src/render/load.ts';
import { type SourceProblem, TemplateError } from '../src/render/source/problems.ts';
import { codeOf, otherCode } from '../src/render/version/code.ts';
import { loadVersion } from '../src/render/version/load-version.ts';
import {
  type LoadedBrand,
  type LoadedBrands,
  loadBrands,
} from '../src/render/voice/brand-files.ts';
import { picturesOf } from './brand-pictures.ts';
import type { PublishedLooks } from './published.ts';

/**
 * Templates, brands and fixtures of one project folder, each read when first needed and kept until it changes: a saved
 * file costs only what depends on it. A mistake is thrown by whatever needs the broken thing, and by nothing else.
 */
export type Workshop = {
  readonly root: string;
  readonly project: Project;
  readonly definitions: readonly Template[];
  readonly brands: () => Promise<LoadedBrands>;
  /** @throws PermanentError `unknown-brand` */
  readonly brand: (id: string) => Promise<LoadedBrand>;
  /** @throws PermanentError `unknown-template`, TemplateError */
  readonly template: (
    name: string,
    brand: string,
    published?: PublishedLooks,
  ) => Promise<(locale: string) => CompiledTemplate>;
  /** What is wrong with a template, kept for all of them as templates aren't; null: with what a brand has for them all. */
  readonly problems: (brand: string, template: string | null) => Promise<readonly SourceProblem[]>;
  /** What `problems` can be asked of. */
  readonly checkable: () => Promise<Checkable>;
  readonly fixtures: (brand: string) => Promise<BrandFixtures>;
  /** The brand's pictures at hand, as data, by the address that mails show them from. */
  readonly pictures: (brand: Brand) => Promise<ReadonlyMap<string, string>>;
  /** How a persona is at that instant: what a look-up gives, and what had happened. @throws TemplateError */
  readonly standing: (brand: string, persona: Persona, at: Date) => Promise<PersonaStanding>;
  /** What figures of a persona are made of at that instant; null for who is no member then. @throws TemplateError */
  readonly madeOf: (brand: string, persona: Persona, at: Date) => Promise<MadeOf | null>;
  /** Forgets what depends on these files (relative to the root). */
  readonly changed: (files: readonly string[]) => void;
};

/** All that may be wrong: each brand with each template. */
export type Checkable = {
  readonly brands: readonly string[];
  readonly templates: readonly string[];
};

/** Those asked for last; what MJML made of the others is remembered on disk. */
const keptTemplates = 16;
const keptFigures = 100;

/**
 * @param pause waited for between the steps of what nobody waits for
 * @throws TemplateError for mistakes in the project's configuration
 */
export async function openWorkshop(
  root: string,
  ledger: PersonaLedger,
  pause?: () => Promise<void>,
): Promise<Workshop> {
  const project = await loadProject(root);
  const { templates: definitions, root: templatesRoot } = project;
  /** How often components were saved: each time they are loaded anew. */
  let reloads = 0;
  const kept = {
    brands: keptValues<LoadedBrands>(),
    template: keptValues<(locale: string) => CompiledTemplate>(keptTemplates),
    problems: keptValues<readonly SourceProblem[]>(),
    published: keptValues<(locale: string) => CompiledTemplate>(keptTemplates),
    fixtures: keptValues<BrandFixtures>(),
    made: keptValues<MadeOf | null>(keptFigures),
    pictures: keptValues<ReadonlyMap<string, string>>(),
  };

  const brands = () => kept.brands.get('', () => loadBrands(templatesRoot));
  const brand = async (id: string) => {
    const found = (await brands()).get(id);
    if (!found) throw new PermanentError('unknown-brand', `there is no brand “${id}”`);
    return found;
  };
  const definitionOf = (name: string) => {
    const found = definitions.find((one) => one.name === name);
    if (found) return found;
    throw new PermanentError('unknown-template', `there is no template “${name}”`);
  };
  const publishedTemplate = async (
    template: string,
    brandId: string,
    { hash, files, code }: PublishedLooks,
  ) => {
    const here = await codeOf(templatesRoot, definitionOf(template));
    return loadVersion(
      { template, hash, brand: brandId, files, otherCode: otherCode(code, here) },
      { templates: { root: templatesRoot, definition: definitionOf }, brands: await brands() },
    );
  };
  const compiled = async (name: string, brandId: string, unhurried?: typeof pause) => {
    const definition = definitionOf(name);
    const only = new Map([[brandId, await brand(brandId)]]);
    const set = await loadTemplates({
      root: templatesRoot,
      definitions: [definition],
      brands: only,
      reload: reloads === 0 ? '' : String(reloads),
      ...(unhurried && { pause: unhurried }),
    });
    return (locale: string) => set.compiled(name, brandId, locale);
  };
  const names = definitions.map(({ name }) => name);
  const fixtures = (brandId: string) =>
    kept.fixtures.get(brandId, () => readFixtures(project.fixtures, brandId, names));
  const questionOf = async (brandId: string, persona: Persona, at: Date) => {
    const [loaded, known] = await Promise.all([brand(brandId), fixtures(brandId)]);
    return { brand: loaded.brand, fixtures: known, persona, at };
  };
  return {
    root,
    project,
    definitions,
    brands,
    brand,
    template: (name, brandId, published) => {
      if (published)
        return kept.published.get(`${published.hash} ${brandId}`, () =>
          publishedTemplate(name, brandId, published),
        );
      return kept.template.get(`${name} ${brandId}`, () => compiled(name, brandId));
    },
    checkable: async () => ({ brands: [...(await brands()).keys()], templates: names }),
    problems: (brandId, name) =>
      name === null
        ? problemsIn(fixtures(brandId))
        : kept.problems.get(`${name} ${brandId}`, () => problemsIn(compiled(name, brandId, pause))),
    fixtures,
    pictures: (one) => kept.pictures.get(one.id, () => picturesOf(project.brands, one)),
    standing: async (brandId, persona, at) =>
      ledger.standingAt(await questionOf(brandId, persona, at)),
    madeOf: (brandId, persona, at) =>
      // Asked anew with every save, and counted in a database.
      kept.made.get([brandId, persona.id, at.toISOString()].join(' '), async () =>
        ledger.madeOf(await questionOf(brandId, persona, at)),
      ),
    changed: (files) => {
      if (files.some((file) => file.endsWith('.tsx'))) reloads += 1;
      for (const file of files) {
        const [area, folder = '', inner] = placeOf(join(root, file), file, project);
        if (area === 'fixtures') {
          kept.fixtures.forget((brandId) => inner === undefined || brandId === folder);
          kept.made.forget(() => true);
          continue;
        }
        if (folder === 'brands') {
          kept.pictures.forget(() => true);
          kept.brands.forget(() => true);
          kept.made.forget(() => true);
          kept.published.forget(() => true);
        }
        const depends = (key: string) => {
          const [name, brandId] = key.split(' ');
          if (folder === 'brands') return inner === undefined || brandId === inner;
          // Partials, blocks and shared words: everything may use them.
          return definitions.every((one) => one.name !== folder) || name === folder;
        };
        kept.template.forget(depends);
        kept.problems.forget(depends);
      }
    },
  };
}

async function problemsIn(loading: Promise<unknown>): Promise<readonly SourceProblem[]> {
  try {
    await loading;
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
}

/** A file by what it is for, wherever the project has its folders: `fixtures/juniper/…`, `templates/brands/juniper/…`. */
function placeOf(path: string, file: string, { fixtures, brands }: Project): readonly string[] {
  const within = (folder: string, as: string) =>
    path.startsWith(`${folder}${sep}`) ? [as, path.slice(folder.length + 1)].join('/') : undefined;
  const place = within(fixtures, 'fixtures') ?? within(brands, 'templates/brands') ?? file;
  return place.replaceAll('\\', '/').split('/');
}
