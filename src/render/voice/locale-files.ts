import { type JsonFile, parseJson } from '../source/json-file.ts';
import { type SourceProblem, TemplateError } from '../source/problems.ts';
import type { TemplateFiles } from '../source/template-files.ts';
import { pluralProblems } from './plural-categories.ts';
import { argumentNames, compileMessage, type MessageTexts } from './text-messages.ts';

/** One `locales/<locale>.json`. */
export type LocaleFile = {
  readonly file: string;
  readonly source: string;
  /** Flat: nested keys are joined with dots. */
  readonly texts: MessageTexts;
  readonly lineOf: (key: string) => number;
  /** Names each text says. */
  readonly argumentsOf: (key: string) => readonly string[];
};

/** Locale files of one folder by locale. */
export type LocaleFiles = ReadonlyMap<string, LocaleFile>;

/** Reads `<folder>/locales/*.json`; no folder, no locales. Mistakes are added to `problems`. */
export async function readLocales(
  files: TemplateFiles,
  folder: string,
  problems: SourceProblem[],
): Promise<LocaleFiles> {
  const names = await files.names(`${folder}/locales`);
  const read = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name): Promise<[string, LocaleFile][]> => {
        const locale = name.replace(/\.json$/, '');
        const path = `${folder}/locales/${name}`;
        if (!isLocale(locale)) {
          problems.push({ file: path, message: 'is not named after a locale such as en or de-AT' });
          return [];
        }
        const source = await files.read(path);
        if (source === undefined) return [];
        try {
          const json = parseJson(source, path);
          return [[locale, localeFile(json, locale, problems)]];
        } catch (error) {
          if (!(error instanceof TemplateError)) throw error;
          problems.push(...error.problems);
          return [];
        }
      }),
  );
  return new Map(read.flat());
}

/** The texts for a locale: those of the locale itself before those of its language. */
export function layersFor(files: LocaleFiles, locale: string): LocaleFile[] {
  const language = locale.split('-')[0] ?? locale;
  return [files.get(locale), language === locale ? undefined : files.get(language)].filter(
    (file) => file !== undefined,
  );
}

function localeFile(json: JsonFile, locale: string, problems: SourceProblem[]): LocaleFile {
  const texts: Record<string, string> = {};
  const paths = new Map<string, readonly string[]>();
  const named = new Map<string, readonly string[]>();
  const lineOf = (key: string) => json.lineOf(paths.get(key) ?? []);
  flatten(json.value, []);
  return {
    file: json.file,
    source: json.source,
    texts,
    lineOf,
    argumentsOf: (key) => named.get(key) ?? [],
  };

  function flatten(value: unknown, path: readonly string[]) {
    const key = path.join('.');
    const refuse = (message: string) =>
      problems.push({ file: json.file, line: json.lineOf(path), path: key, message });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value))
        if (path.length > 0 || name !== '$schema') flatten(inner, [...path, name]);
    } else if (typeof value !== 'string') refuse('must be a text');
    else if (key in texts) refuse('is there twice');
    else {
      try {
        const ast = compileMessage(value, locale, 'UTC').getAst();
        named.set(key, argumentNames(ast));
        for (const problem of pluralProblems(ast, locale)) refuse(problem);
      } catch (error) {
        refuse(`is not an ICU message: ${error instanceof Error ? error.message : String(error)}`);
      }
      texts[key] = value;
      paths.set(key, path);
    }
  }
}

/** Whether a name is a locale's, in the spelling that is the rule. */
export function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name)[0] === name;
  } catch {
    return false;
  }
}
