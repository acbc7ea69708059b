import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PermanentError } from '../core/errors.ts';
import type { CompiledTemplate, Template, View } from '../core/template.ts';
import type { LoadedBrand } from './brand-files.ts';
import { brandTokens } from './brand-tokens.ts';
import { cleanLine } from './escape.ts';
import { expandMjml, type FindPartial, placeholders, type SourceFile } from './expand.ts';
import { compileHandlebars } from './handlebars.ts';
import { lintHandlebars, type TextUse } from './lint.ts';
import { layersFor, type LocaleFile, type LocaleFiles, readLocales } from './locale-files.ts';
import { dirPlaceholder, localePlaceholder, mjmlToHtml } from './mjml.ts';
import { scanMustaches } from './mustache.ts';
import { camelCase, type Partials, readPieces } from './partials.ts';
import { type SourceProblem, TemplateError } from './problems.ts';
import { lintReact, reactSources } from './react-source.ts';
import { loadReactBody, reactToHtml } from './react.ts';
import { expandText, textOfHtml, tidyText } from './text-part.ts';
import { type Voice, voiceOf } from './voice.ts';

/** Compiles a template for a brand, then for each of its locales. @throws TemplateError */
export type CompileTemplate = (
  loaded: LoadedBrand,
) => Promise<(locale: string) => CompiledTemplate>;

type Context = View & { readonly subject: string; readonly preheader: string };

/** One part of the mail for one brand: what it says, from which files, and how it is made for a voice. */
type Part = {
  readonly texts: readonly TextUse[];
  readonly files: ReadonlyMap<string, string>;
  readonly forVoice: (voice: Voice) => (context: Context) => string;
};

type Setting = {
  readonly root: string;
  readonly definition: Template;
  readonly partials: Partials;
  readonly blockTexts: LocaleFiles;
  readonly reload: string;
};

/** Bumped when the engine itself changes what comes out. */
const engineVersion = '1';

/** Reads a template's folder. @throws TemplateError */
export async function readTemplate({
  root,
  definition,
  partials: shared,
  blockTexts,
  reload,
}: Setting): Promise<CompileTemplate> {
  const { name } = definition;
  const folder = join(root, name);
  const problems: SourceProblem[] = [];
  const read = (file: string) => sourceFile(join(folder, file), `${name}/${file}`);
  const [mjml, tsx, js, text, source, built, locales, own] = await Promise.all([
    read('body.mjml'),
    read('body.tsx'),
    read('body.js'),
    read('text.hbs'),
    read('template.ts'),
    read('template.js'),
    readLocales(folder, name, problems),
    readPieces(root, name, false),
  ]);
  const react = tsx ?? js;
  const partials: Partials = new Map([...shared, ...own]);
  if (mjml && react) problems.push({ file: name, message: 'has body.mjml and body.tsx; keep one' });
  if (!mjml && !react) problems.push({ file: name, message: 'has no body.mjml or body.tsx' });
  const reactBody = react && (await reactPart({ root, folder, react, reload }));
  if (problems.length > 0) throw new TemplateError(problems);
  const base = new Map([source, built].flatMap((one) => (one ? [[one.file, one.source]] : [])));

  return async (loaded) => {
    const html = mjml ? await mjmlPart(mjml, partials, loaded) : reactBody;
    const plain = text && textPart(text, partials, loaded);
    const parts = [html, plain].filter((part) => part !== undefined);
    const missing = unplaced(definition, parts, name);
    if (missing.length > 0) throw new TemplateError(missing);
    return (locale) => {
      const layers = [
        layersFor(loaded.locales, locale),
        layersFor(locales, locale),
        layersFor(blockTexts, locale),
      ].flat();
      const voice = voiceFor(loaded, locale, layers);
      const wrong = [
        ...textProblems(
          parts.flatMap(({ texts }) => texts),
          voice,
          definition,
        ),
        ...brandTextProblems(loaded, voice),
      ];
      if (wrong.length > 0) throw new TemplateError(wrong);
      const version = versionOf([
        ...base,
        ...parts.flatMap(({ files }) => [...files]),
        ...[...loaded.sources].filter(([file]) => !file.includes('/locales/')),
        ...layers.map((layer): [string, string] => [layer.file, layer.source]),
      ]);
      const renderHtml = html?.forVoice(voice);
      const renderText = plain?.forVoice(voice);
      return {
        definition,
        version,
        locale,
        render: (view) =>
          guarded(name, () => {
            const { subject, preheader } = headline(definition, view, voice);
            const context = { ...view, subject, preheader };
            const rendered = renderHtml?.(context) ?? '';
            return {
              subject,
              preheader,
              html: rendered,
              text: renderText ? tidyText(renderText(context)) : textOfHtml(rendered),
            };
          }),
      };
    };
  };
}

async function mjmlPart(
  body: SourceFile,
  partials: Partials,
  { brand }: LoadedBrand,
): Promise<Part> {
  const find: FindPartial = (name) => partials.get(`${name}.mjml`);
  const expanded = expandMjml(body, find, brandTokens(brand));
  const { problems, texts } = lintFiles(expanded.files, body.file);
  const all = [...expanded.problems, ...problems];
  if (all.length > 0) throw new TemplateError(all);
  const html = await mjmlToHtml(expanded, body.file);
  const { sites } = expanded;
  const origins = [...html.matchAll(placeholders)].flatMap(([, index]) => {
    const site = sites[Number(index)];
    return site?.kind === 'value' ? [site] : [];
  });
  const source = html.replace(
    placeholders,
    (_, index: string) => sites[Number(index)]?.source ?? '',
  );
  return {
    texts,
    files: expanded.files,
    forVoice: (voice) =>
      compileHandlebars(
        source
          .replaceAll(localePlaceholder, voice.locale)
          .replaceAll(dirPlaceholder, directionOf(voice.locale)),
        { mode: 'html', voice, origins },
      ),
  };
}

function textPart(body: SourceFile, partials: Partials, { brand }: LoadedBrand): Part {
  const expanded = expandText(body, (name) => partials.get(`${name}.text.hbs`), brandTokens(brand));
  const { problems, texts } = lintFiles(expanded.files, body.file);
  const all = [...expanded.problems, ...problems];
  if (all.length > 0) throw new TemplateError(all);
  const { source, origins, files } = expanded;
  return {
    texts,
    files,
    forVoice: (voice) => compileHandlebars(source, { mode: 'text', voice, origins }),
  };
}

async function reactPart({
  root,
  folder,
  react,
  reload,
}: Pick<Setting, 'root' | 'reload'> & {
  readonly folder: string;
  readonly react: SourceFile;
}): Promise<Part> {
  const path = join(folder, react.file.split('/').at(-1) ?? '');
  const files = await reactSources(root, path);
  const linted = [...files].map(([file, source]) => lintReact(source, file));
  const problems = linted.flatMap((one) => one.problems);
  if (problems.length > 0) throw new TemplateError(problems);
  const body = await loadReactBody(path, react.file, reload);
  return {
    texts: linted.flatMap(({ texts }) => texts),
    files,
    forVoice: ({ messages, format, link }) => {
      const props = { t: messages.text, format, link };
      return ({ subject, preheader, ...view }) =>
        reactToHtml(body, { ...props, view, subject, preheader });
    },
  };
}

function lintFiles(files: ReadonlyMap<string, string>, body: string) {
  const problems: SourceProblem[] = [];
  const texts: TextUse[] = [];
  for (const [file, source] of files) {
    // What the scan refuses, Handlebars' own parser may not survive.
    if (scanMustaches(source, file).problems.length > 0) continue;
    const linted = lintHandlebars(source, file, { atRoot: file === body });
    problems.push(...linted.problems);
    texts.push(...linted.texts);
  }
  return { problems, texts };
}

/** Blocks a part never shows, and blocks it shows that were never decided on. */
function unplaced(definition: Template, parts: readonly Part[], name: string): SourceProblem[] {
  const problems: SourceProblem[] = [];
  for (const { files } of parts) {
    const sources = [...files.values()].join('\n');
    const file = [...files.keys()][0] ?? name;
    for (const block of definition.blocks) {
      const camel = camelCase(block);
      const placed =
        new RegExp(`\\{\\{~?>\\s*${block}\\s*~?\\}\\}`).test(sources) ||
        new RegExp(`\\bblocks\\.${camel}\\b`).test(sources) ||
        new RegExp(`\\{[^}]*\\b${camel}\\b[^}]*\\}\\s*=\\s*[\\w.]*blocks\\b`).test(sources);
      if (!placed)
        problems.push({
          file,
          message: `block "${block}" is listed in template.ts but not placed`,
        });
    }
    const declared = new Set(definition.blocks.map(camelCase));
    for (const [used, source] of files)
      for (const { index, 1: block } of source.matchAll(/\bblocks\.([A-Za-z]\w*)/g))
        if (block !== undefined && !declared.has(block) && !used.startsWith('blocks/'))
          problems.push({
            file: used,
            line: source.slice(0, index).split('\n').length,
            message: `block "${block}" is not listed in template.ts`,
          });
    for (const used of files.keys()) {
      const block = /^blocks\/([\w-]+)\.(mjml|text\.hbs)$/.exec(used)?.[1];
      if (block !== undefined && !definition.blocks.includes(block))
        problems.push({
          file,
          message: `places block "${block}", which is not listed in template.ts`,
        });
    }
  }
  return problems;
}

function voiceFor({ brand }: LoadedBrand, locale: string, layers: readonly LocaleFile[]): Voice {
  return voiceOf({
    locale,
    timeZone: brand.timeZone,
    brandName: brand.name,
    programmeName: brand.programme.name,
    layers: layers.map(({ texts }) => texts),
  });
}

function textProblems(
  uses: readonly TextUse[],
  { messages, locale }: Voice,
  { name }: Template,
): SourceProblem[] {
  const problems: SourceProblem[] = [];
  for (const key of ['subject', 'preheader'])
    if (!messages.has(key))
      problems.push({ file: `${name}/locales/${locale}.json`, message: `has no text "${key}"` });
  for (const { key, args, file, line } of uses) {
    if (!messages.has(key)) {
      const place = file.startsWith('blocks/') || file.startsWith('partials/') ? 'blocks' : name;
      const message = `there is no text "${key}" in ${locale}; add it to ${place}/locales/${locale}.json`;
      problems.push({ file, line, message });
    } else if (args !== null) {
      for (const argument of messages.argumentsOf(key))
        if (!args.includes(argument))
          problems.push({
            file,
            line,
            message: `text "${key}" in ${locale} says {${argument}}, which is not given: ${argument}=…`,
          });
    }
  }
  return problems;
}

function brandTextProblems({ brand }: LoadedBrand, { messages, locale }: Voice): SourceProblem[] {
  const keys = ['points', ...brand.programme.entitlements.map(({ id }) => `entitlements.${id}`)];
  return keys
    .filter((key) => !messages.has(key))
    .map((key) => ({
      file: `brands/${brand.id}/locales/${locale}.json`,
      message: `has no text "${key}"`,
    }));
}

function headline(definition: Template, view: View, { messages }: Voice) {
  const args = { ...definition.headline({ ...view.data }), name: view.member?.firstName ?? '' };
  const subject = cleanLine(messages.text('subject', args), 255);
  if (subject === '') throw new PermanentError('bad-text', 'text "subject" is empty');
  return { subject, preheader: cleanLine(messages.text('preheader', args), 500) };
}

/** Whatever goes wrong in rendering goes wrong for good, and says in which template. */
function guarded<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof PermanentError ? error.code : 'render-failed';
    throw new PermanentError(code, `template "${name}": ${message}`, { cause: error });
  }
}

const directionOf = (locale: string) => (/^(ar|he|fa|ur)\b/.test(locale) ? 'rtl' : 'ltr');

function versionOf(sources: readonly (readonly [string, string])[]): string {
  const hash = createHash('sha256').update(engineVersion);
  for (const [file, source] of new Map(sources.map(([file, source]) => [file, source])))
    hash.update(`\n${file}\n${source.length}\n`).update(source);
  return hash.digest('hex').slice(0, 16);
}

async function sourceFile(path: string, file: string): Promise<SourceFile | undefined> {
  try {
    return { file, source: await readFile(path, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
