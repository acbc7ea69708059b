import type { Brand } from '../../brand/brand.ts';
import type { Template } from '../../contract/template.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { anything } from '../anything.ts';
import type { TextUse } from '../handlebars/lint.ts';
import type { SourceProblem } from '../source/problems.ts';
import { type LocaleFile, layersFor, type LocaleFiles } from './locale-files.ts';
import type { Voice } from './voice.ts';

/** Texts a template uses and this voice hasn't got, or can't say with what it is given. */
export function textProblems(
  uses: readonly TextUse[],
  { messages, locale }: Voice,
  definition: Pick<Template, 'name' | 'headline'>,
  layers: readonly LocaleFile[],
): SourceProblem[] {
  const { name } = definition;
  const problems: SourceProblem[] = [];
  const given = headlineNames(definition);
  for (const key of ['subject', 'preheader']) {
    const layer = layers.find(({ texts }) => key in texts);
    if (!layer) {
      problems.push({ file: `${name}/locales/${locale}.json`, message: `has no text "${key}"` });
      continue;
    }
    for (const said of messages.argumentsOf(key)) {
      const meant = given.includes(said) ? undefined : nearestName(said, given);
      if (meant !== undefined)
        problems.push({
          file: layer.file,
          line: layer.lineOf(key),
          path: key,
          message: `says {${said}}, which the template’s headline doesn’t give; did you mean {${meant}}?`,
        });
    }
  }
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

/**
 * What a template gives its subject, as far as that can be told without data; it may give other names for some. None where it
 * can't be told: then no name is held to be misspelt.
 */
function headlineNames({ headline }: Pick<Template, 'headline'>): readonly string[] {
  try {
    const made: unknown = Reflect.apply(headline, undefined, [anything]);
    return ['name', ...Object.keys(Object(made))];
  } catch {
    return [];
  }
}

/** Texts every brand needs. */
export function brandTextProblems(
  { brand }: { readonly brand: Brand },
  { messages, locale }: Voice,
): SourceProblem[] {
  const keys = ['points', ...brand.programme.entitlements.map(({ id }) => `entitlements.${id}`)];
  return keys
    .filter((key) => !messages.has(key))
    .map((key) => ({
      file: `brands/${brand.id}/locales/${locale}.json`,
      message: `has no text "${key}"`,
    }));
}

/**
 * Texts of one folder that say other names than the same text in the reference locale: a translation that dropped
 * `{points}` is wrong in every mail, one that says `{nmae}` fails in each.
 */
export function otherArguments(files: LocaleFiles, reference: string): SourceProblem[] {
  const layers = layersFor(files, reference);
  return [...files.values()].flatMap((file) =>
    layers.includes(file)
      ? []
      : Object.keys(file.texts).flatMap((key) => {
          const model = layers.find(({ texts }) => key in texts);
          if (!model) return [];
          const wanted = model.argumentsOf(key).toSorted().join(', ');
          const said = file.argumentsOf(key).toSorted().join(', ');
          if (wanted === said) return [];
          const message = `says ${braced(said)}, but ${braced(wanted)} in ${model.file}`;
          return [{ file: file.file, line: file.lineOf(key), path: key, message }];
        }),
  );
}

const braced = (names: string) => (names === '' ? 'no {…}' : `{${names}}`);

/** A brand's own words that one of its locales lacks: there it would speak in the templates' words, not its own. */
export function untranslated(
  brand: Pick<Brand, 'locales' | 'defaultLocale'>,
  locales: LocaleFiles,
): SourceProblem[] {
  const own = layersFor(locales, brand.defaultLocale);
  return brand.locales.flatMap((locale) => {
    const layers = layersFor(locales, locale);
    const [file] = layers;
    if (!file || languageOf(locale) === languageOf(brand.defaultLocale)) return [];
    return own.flatMap((model) =>
      Object.keys(model.texts)
        .filter((key) => layers.every(({ texts }) => !(key in texts)))
        .map((key) => ({
          file: file.file,
          message: `has no text "${key}"; the brand's own is in ${model.file}:${model.lineOf(key)}`,
        })),
    );
  });
}

/** `de` of `de-AT`. */
export const languageOf = (locale: string) => locale.split('-')[0] ?? locale;
