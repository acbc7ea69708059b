import { createHash } from 'node:crypto';

import { directionOf, type Direction } from '../brand/direction.ts';
import { nameIn } from '../brand/tiers.ts';
import type { CompiledTemplate, Rendered, Template, View } from '../contract/template.ts';
import { PermanentError, TemporaryError } from '../core/errors.ts';
import { cleanLine } from './escape.ts';
import type { TextUse } from './handlebars/lint.ts';
import { shapeJson, viewShape } from './handlebars/view-shape.ts';
import { spellOut } from './mime/pre-encoded.ts';
import { headPartial } from './mjml/brand-tokens.ts';
import type { SourceFile } from './mjml/expand.ts';
import { type Partials, readPieces } from './mjml/partials.ts';
import { type Made, markupPart, reactPart, textPart } from './parts.ts';
import { plainByShape } from './react/plain-by-shape.ts';
import { codeVersion, remembered } from './remembered.ts';
import { type SourceProblem, TemplateError } from './source/problems.ts';
import { located, locationInStack, locationText } from './source/source-location.ts';
import {
  filesIn,
  folderWith,
  type TemplateFiles,
  type TemplateRoot,
} from './source/template-files.ts';
import { unknownBlocks, unplaced } from './template-checks.ts';
import { textOfHtml, tidyText } from './text/text-part.ts';
import { contained, seenOnly } from './voice/bidi.ts';
import type { LoadedBrand } from './voice/brand-files.ts';
import { layersFor, type LocaleFile, type LocaleFiles, readLocales } from './voice/locale-files.ts';
import { brandTextProblems, otherArguments, textProblems } from './voice/text-checks.ts';
import { type Voice, voiceOf } from './voice/voice.ts';

/** A template's folder, read; compiles for a brand, then for each of its locales. */
export type TemplateFolder = {
  readonly locales: LocaleFiles;
  /** The files of its looks and words, but for the brands': those that what was compiled so far has looked at. */
  readonly files: () => ReadonlySet<string>;
  /** @throws TemplateError */
  readonly forBrand: (loaded: LoadedBrand) => Promise<{
    readonly texts: readonly TextUse[];
    /** What a lenient template was let pass. */
    readonly notes: readonly SourceProblem[];
    /** @throws TemplateError */
    readonly forLocale: (locale: string) => Promise<CompiledTemplate>;
  }>;
};

type Setting = {
  /** Where its code is. */
  readonly root: TemplateRoot;
  /** Its looks and words. */
  readonly files: TemplateFiles;
  /** They are a published version's: one with a body of its own doesn't need the folder's. */
  readonly published: boolean;
  readonly definition: Template;
  readonly partials: Partials;
  readonly blockTexts: LocaleFiles;
  /** The locale whose texts say which arguments those of the others must have. */
  readonly reference: string;
  readonly reload: string;
  /** Waited for before each piece of work of some milliseconds. */
  readonly pause?: (() => Promise<void>) | undefined;
};

/** Bumped when the engine itself changes what comes out. */
const engineVersion = '1';

/** Reads a template's folder. @throws TemplateError */
export async function readTemplate(setting: Setting): Promise<TemplateFolder> {
  const template = await readSources(setting);
  return {
    locales: template.locales,
    files: () => template.used,
    forBrand: async (loaded) => {
      const { brand } = loaded;
      const usual = directionOf(brand.defaultLocale);
      const parts = await partsFor(template, loaded, usual);
      const mirrored = brand.locales.every((locale) => directionOf(locale) === usual)
        ? parts
        : await partsFor(template, loaded, usual === 'ltr' ? 'rtl' : 'ltr');
      return {
        texts: parts.texts,
        notes: parts.notes,
        forLocale: (locale) =>
          compileFor(template, loaded, locale, directionOf(locale) === usual ? parts : mirrored),
      };
    },
  };
}

type Sources = Awaited<ReturnType<typeof readSources>>;

/** What a template is made of, as far as it is the same for every brand. @throws TemplateError */
async function readSources(setting: Setting) {
  const { root, files: looks, published, definition, partials: shared, blockTexts } = setting;
  const { name } = definition;
  const problems: SourceProblem[] = [];
  const read = (file: string) => sourceFile(looks, `${name}/${file}`);
  const readCode = (file: string) => sourceFile(filesIn(root), `${name}/${file}`);
  const [mjml, plainHtml, tsx, js, text, source, built, locales, own] = await Promise.all([
    read('body.mjml'),
    read('body.html'),
    readCode('body.tsx'),
    readCode('body.js'),
    read('text.hbs'),
    readCode('template.ts'),
    readCode('template.js'),
    readLocales(looks, name, problems),
    readPieces(looks, name, false),
  ]);
  const react = published && (mjml ?? plainHtml) ? undefined : (tsx ?? js);
  const all: Partials = new Map([...shared, ...own]);
  const used = new Set(
    [mjml, plainHtml, text, ...locales.values(), ...blockTexts.values()].flatMap((one) =>
      one ? [one.file] : [],
    ),
  );
  const partials: Pick<Partials, 'get'> = {
    get: (key) => {
      const found = all.get(key);
      if (found && found !== headPartial) used.add(found.file);
      return found;
    },
  };
  problems.push(
    ...bodyProblems(setting, [mjml, plainHtml, react]),
    ...otherArguments(locales, setting.reference),
    ...unknownBlocks(definition),
  );
  if (problems.length > 0) throw new TemplateError(problems);
  const lenient = definition.lenient === true;
  await setting.pause?.();
  const reactBody =
    react &&
    (await reactPart({
      root: await folderWith(root, react.file),
      react,
      reload: setting.reload,
      lenient,
    }));
  return {
    root,
    definition,
    lenient,
    pause: setting.pause,
    locales,
    blockTexts,
    partials,
    used,
    engine: mjml ? ('mjml' as const) : ('html' as const),
    markup: mjml ?? plainHtml,
    reactBody,
    text,
    plainOf: plainByShape(),
    shape: viewShape(definition),
    code: new Map([source, built].flatMap((one) => (one ? [[one.file, one.source]] : []))),
  };
}

/** A template has one body. */
function bodyProblems(
  { definition: { name }, published }: Setting,
  found: readonly (SourceFile | undefined)[],
): SourceProblem[] {
  const bodies = found.flatMap((one) => (one ? [one.file.replace(/^.*\//, '')] : []));
  if (bodies.length === 1) return [];
  if (bodies.length > 1) return [{ file: name, message: `has ${bodies.join(' and ')}; keep one` }];
  return [
    {
      file: name,
      message: published
        ? 'was published with a React body, and the code here has none'
        : 'has no body.mjml, body.html or body.tsx',
    },
  ];
}

type Parts = Awaited<ReturnType<typeof partsFor>>;

/** Its body and its text for a brand, in one direction of writing. @throws TemplateError */
async function partsFor(template: Sources, loaded: LoadedBrand, direction: Direction) {
  const { definition, markup, partials, shape, engine: kind, lenient, text } = template;
  await template.pause?.();
  const body = markup
    ? await markupPart(markup, partials, shape, loaded, { kind, direction, lenient })
    : template.reactBody;
  await template.pause?.();
  const plain = text && (await textPart(text, partials, shape, loaded, direction));
  const parts = [body, plain].filter((part) => part !== undefined);
  const missing = unplaced(definition, parts, definition.name);
  if (missing.length > 0) throw new TemplateError(missing);
  return {
    html: body,
    plain,
    texts: parts.flatMap(({ texts }) => texts),
    files: parts.flatMap(({ files }) => [...files]),
    notes: parts.flatMap(({ notes }) => notes ?? []),
  };
}

/** Its parts in the words of a locale, checked. @throws TemplateError */
async function compileFor(
  template: Sources,
  loaded: LoadedBrand,
  locale: string,
  { html, plain, files, texts }: Parts,
): Promise<CompiledTemplate> {
  const { definition, shape, reactBody } = template;
  const { name } = definition;
  const { brand } = loaded;
  const manner = brand.manner[locale] ?? locale;
  const layers = [
    layersFor(loaded.locales, locale),
    layersFor(template.locales, manner),
    layersFor(template.blockTexts, manner),
  ].flat();
  const voice = lazily(() => voiceFor(loaded, locale, layers));
  const version = versionOf([
    ...template.code,
    ...files,
    ...[...loaded.sources].filter(([file]) => !file.includes('/locales/')),
    ...layers.map((layer): [string, string] => [layer.file, layer.source]),
  ]);
  const renderHtml = html && lazily(() => html.forVoice(voice()));
  const textForVoice = plain ? plain.forVoice : html?.textForVoice;
  const renderText = textForVoice && lazily(() => textForVoice(voice()));
  await remembered(
    'checked',
    { code: codeVersion(), name, brand: brand.id, locale, version, shape: shapeJson(shape) },
    () => {
      const wrong = [
        ...textProblems(texts, voice(), definition, layers),
        ...brandTextProblems(loaded, voice()),
      ];
      if (wrong.length > 0) throw new TemplateError(wrong);
      // Voices share one checked source, so what compiles for the brand's own locale compiles for the others.
      if (locale === brand.defaultLocale) {
        renderHtml?.();
        renderText?.();
      }
      return true;
    },
  );
  const textOf = (markup: string): string =>
    reactBody ? tidyText(template.plainOf(markup)) : textOfHtml(markup);
  return {
    definition,
    version,
    locale,
    engine: reactBody ? 'react' : template.engine,
    render: (given) =>
      guarded(template.root, name, () => {
        const view = named(definition, given, voice());
        // What components make of data isn't seen by us; a markup template's values are, each.
        const seen = reactBody ? { ...view, ...contained(pick(view)) } : view;
        const { subject, preheader } = headline(definition, seen, voice());
        const linkedData = definition.linkedData?.({ ...seen.data }, seen.brand) ?? [];
        const context = { ...seen, subject, preheader, linkedData };
        const made = htmlOf(renderHtml?.()(context) ?? '');
        const text = renderText ? tidyText(renderText()(context)) : textOf(made.html);
        return Object.assign(made, { subject, preheader, text });
      }),
  };
}

/** Made when the first mail asks for it. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Pre-encoded html is put together when somebody asks for it: sending doesn't. */
function htmlOf(made: Made): Pick<Rendered, 'html' | 'preEncoded' | 'attachments'> {
  if (typeof made === 'string') return { html: made };
  if ('attachments' in made) return made;
  let spelt: string | undefined;
  return {
    preEncoded: made,
    get html() {
      return (spelt ??= spellOut(made));
    },
  };
}

/** How a brand speaks in a locale with these texts, the first of them first. */
export function voiceFor(
  { brand }: LoadedBrand,
  locale: string,
  layers: readonly LocaleFile[],
): Voice {
  return voiceOf({
    locale,
    formats: brand.formats[locale] ?? locale,
    timeZone: brand.timeZone,
    currency: brand.currency,
    brandName: brand.name,
    programmeName: nameIn(brand.programme, locale),
    layers: layers.map(({ texts }) => texts),
    where: (key) => {
      const layer = layers.find(({ texts }) => key in texts);
      return layer && locationText({ file: layer.file, line: layer.lineOf(key) });
    },
  });
}

/** What of a view comes from elsewhere. */
const pick = ({ member, data, blocks }: View): Pick<View, 'member' | 'data' | 'blocks'> => ({
  member,
  data,
  blocks,
});

/** With names in the brand's own words, where it has some for them. */
function named(definition: Template, view: View, { messages }: Voice): View {
  const said = Object.entries(definition.names?.({ ...view.data }) ?? {}).flatMap(
    ([field, key]) => {
      const text = messages.has(key) ? messages.fixed(key) : null;
      return text === null ? [] : [[field, text] as const];
    },
  );
  return said.length === 0
    ? view
    : { ...view, data: { ...view.data, ...Object.fromEntries(said) } };
}

function headline(definition: Template, view: View, { messages }: Voice) {
  const given = { ...definition.headline({ ...view.data }), name: view.member?.firstName ?? '' };
  const args = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' ? seenOnly(value) : value,
    ]),
  );
  const subject = cleanLine(messages.text('subject', args), 255);
  if (subject === '') throw new PermanentError('bad-text', 'text "subject" is empty');
  return { subject, preheader: cleanLine(messages.text('preheader', args), 500) };
}

/** Whatever goes wrong in rendering goes wrong for good, and says in which template and, where its author wrote that, at which location. */
function guarded<T>(root: TemplateRoot, name: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof TemporaryError) throw thrown;
    const location = locationInStack(thrown, root);
    const error = location ? located(thrown, location) : thrown;
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof PermanentError ? error.code : 'render-failed';
    throw new PermanentError(code, `template "${name}": ${message}`, { cause: error });
  }
}

function versionOf(sources: readonly (readonly [string, string])[]): string {
  const hash = createHash('sha256').update(engineVersion);
  for (const [file, source] of new Map(sources))
    hash.update(`\n${file}\n${source.length}\n`).update(source);
  return hash.digest('hex').slice(0, 16);
}

async function sourceFile(files: TemplateFiles, file: string): Promise<SourceFile | undefined> {
  const source = await files.read(file);
  return source === undefined ? undefined : { file, source };
}
