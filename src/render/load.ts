import { type CompiledTemplate, isFor, type Template } from '../contract/template.ts';
import { PermanentError } from '../core/errors.ts';
import { readTemplate, type TemplateFolder } from './compile.ts';
import { readPartials } from './mjml/partials.ts';
import { type SourceProblem, TemplateError } from './source/problems.ts';
import { filesIn, type TemplateFiles, type TemplateRoot } from './source/template-files.ts';
import type { LoadedBrand, LoadedBrands } from './voice/brand-files.ts';
import { type BrandUse, leftOverTexts } from './voice/left-over.ts';
import { readLocales } from './voice/locale-files.ts';
import { otherArguments } from './voice/text-checks.ts';

/** Every template, checked, for every brand that has it, in each of its locales. */
export type TemplateSet = {
  /** The templates folder, whose code it is. */
  readonly root: TemplateRoot;
  readonly names: readonly string[];
  /** Templates a brand has; none for one that isn't known. */
  readonly namesFor: (brandId: string) => readonly string[];
  /** @throws PermanentError `unknown-template` */
  readonly definition: (name: string) => Template;
  /**
   * The template as it is sent: in the locale asked for, else its language, else the brand's default.
   * @throws PermanentError `unknown-template` (also where the brand hasn't got it), `unknown-brand`
   */
  readonly compiled: (name: string, brandId: string, locale: string) => CompiledTemplate;
  /** Texts in locale files that none of these templates says: no mistakes, but somebody should look. */
  readonly leftOver: () => readonly SourceProblem[];
  /**
   * Every file of its looks and words in any of the brands that have it, relative to the templates folder, sorted: what it
   * is made of, but for code and for what is true of a programme.
   * @throws PermanentError `unknown-template`
   */
  readonly looksOf: (name: string) => readonly string[];
  /** What templates made elsewhere (`lenient`) were let pass, each once. */
  readonly notes: readonly SourceProblem[];
};

type Setting = {
  /** The templates folder: code is always its. */
  readonly root: TemplateRoot;
  /** Looks and words, where they are a published version's; the folder's when left out. */
  readonly looks?: TemplateFiles;
  readonly definitions: readonly Template[];
  readonly brands: LoadedBrands;
  /** Changes when React files did, so that they are loaded anew: previews only. */
  readonly reload?: string;
  /** Waited for before each piece of work of some milliseconds, by whom others may ask for something meanwhile. */
  readonly pause?: () => Promise<void>;
};

/**
 * Reads, checks and compiles every template for every brand that has it.
 * @throws TemplateError with every mistake in any of them, each with file, line and what to do
 */
export async function loadTemplates({
  root,
  looks,
  definitions,
  brands,
  reload = '',
  pause,
}: Setting): Promise<TemplateSet> {
  const problems: SourceProblem[] = [];
  const files = looks ?? filesIn(root);
  const blockTexts = await readLocales(files, 'blocks', problems);
  const partials = await readPartials(files);
  const reference = [...brands.values()][0]?.brand.defaultLocale ?? 'en';
  problems.push(...otherArguments(blockTexts, reference));
  const templates = new Map<string, { definition: Template; folder: TemplateFolder }>();
  const read = await Promise.all(
    definitions.map(async (definition) =>
      collect(problems, () =>
        readTemplate({
          root,
          files,
          published: looks !== undefined,
          definition,
          partials,
          blockTexts,
          reference,
          reload,
          pause,
        }),
      ),
    ),
  );
  for (const [index, folder] of read.entries()) {
    const definition = definitions[index];
    if (!definition || !folder) continue;
    if (templates.has(definition.name))
      problems.push({ file: 'index.ts', message: `two templates are named "${definition.name}"` });
    templates.set(definition.name, { definition, folder });
  }
  const cache = new Map<string, CompiledTemplate>();
  const uses: BrandUse[] = [];
  const notes = new Map<string, SourceProblem>();
  for (const [name, { definition, folder }] of templates) {
    for (const [brandId, loaded] of brands) {
      if (!isFor(definition, loaded.brand)) continue;
      await pause?.();
      const forBrand = await collect(problems, () => folder.forBrand(loaded));
      if (!forBrand) continue;
      for (const note of forBrand.notes) notes.set(JSON.stringify(note), note);
      uses.push(...forBrand.texts.map((use) => ({ ...use, template: name, brand: brandId })));
      for (const locale of loaded.brand.locales) {
        await pause?.();
        const compiled = await collect(problems, () => forBrand.forLocale(locale));
        if (compiled) cache.set(keyOf(name, brandId, locale), compiled);
      }
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);

  const definition = (name: string) => {
    const found = templates.get(name)?.definition;
    if (!found) throw new PermanentError('unknown-template', `there is no template "${name}"`);
    return found;
  };
  const namesFor = (brandId: string) => {
    const brand = brands.get(brandId)?.brand;
    return [...templates].flatMap(([name, one]) =>
      brand && isFor(one.definition, brand) ? [name] : [],
    );
  };
  const own = new Map([...templates].map(([name, { folder }]) => [name, folder.locales]));
  return {
    root,
    names: [...templates.keys()],
    namesFor,
    definition,
    compiled: (name, brandId, locale) => {
      definition(name);
      const loaded = brands.get(brandId);
      if (!loaded) throw new PermanentError('unknown-brand', `there is no brand "${brandId}"`);
      const compiled = cache.get(keyOf(name, brandId, localeFor(loaded, locale)));
      if (!compiled)
        throw new PermanentError(
          'unknown-template',
          `"${brandId}" has no template "${name}"; it has ${namesFor(brandId).join(', ')}`,
        );
      return compiled;
    },
    notes: [...notes.values()],
    looksOf: (name) => {
      const wanted = definition(name);
      const theirs = [...brands.values()].filter(({ brand }) => isFor(wanted, brand));
      return [
        ...(templates.get(name)?.folder.files() ?? []),
        ...theirs.flatMap(({ sources }) => [...sources.keys()].filter(isLook)),
      ].toSorted();
    },
    leftOver: () => leftOverTexts({ brands, blockTexts, own, uses }),
  };
}

/** The locale a brand writes in when asked for `wanted`: exactly it, its language, the language elsewhere, the default. */
function localeFor({ brand }: Pick<LoadedBrand, 'brand'>, wanted: string): string {
  const language = wanted.split('-')[0] ?? wanted;
  return (
    brand.locales.find((locale) => locale === wanted) ??
    brand.locales.find((locale) => locale === language) ??
    brand.locales.find((locale) => locale.startsWith(`${language}-`)) ??
    brand.defaultLocale
  );
}

/** Of a brand's files: not its programme, which says what is true. */
const isLook = (file: string) => !/\/programme(\..+)?\.json$/.test(file);

const keyOf = (name: string, brand: string, locale: string) => `${name}\n${brand}\n${locale}`;

/** Gathers what is wrong with one thing and goes on with the next. */
async function collect<T>(
  problems: SourceProblem[],
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
