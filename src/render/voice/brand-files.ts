import { z } from 'zod';

import { type Brand, BrandIdentity, Programme } from '../../brand/brand.ts';
import { Preferences } from '../../brand/preferences.ts';
import { Sending } from '../../brand/sending.ts';
import { Triggers } from '../../brand/triggers.ts';
import { isTimeZone } from '../../core/locale.ts';
import { type JsonFile, parseJson } from '../source/json-file.ts';
import { type SourceProblem, TemplateError } from '../source/problems.ts';
import { filesIn, type TemplateFiles, type TemplateRoot } from '../source/template-files.ts';
import { contrastProblems } from './contrast.ts';
import { isLocale, type LocaleFiles, readLocales } from './locale-files.ts';
import { languageOf, otherArguments, untranslated } from './text-checks.ts';

/** A brand as its files say it is. */
export type LoadedBrand = {
  readonly brand: Brand;
  readonly locales: LocaleFiles;
  /** Contents by file, relative to the templates folder: a template's version depends on them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Where what stands in its `triggers.json`. */
  readonly triggerLines?: JsonFile['lineOf'];
  /** And in its `sending.json`. */
  readonly sendingLines?: JsonFile['lineOf'];
  /** And in its `preferences.json`. */
  readonly preferenceLines?: JsonFile['lineOf'];
};

export type LoadedBrands = ReadonlyMap<string, LoadedBrand>;

/**
 * Reads `<root>/brands/<id>/`: `brand.json`, `programme.json` and `locales/*.json`.
 * @throws TemplateError with every mistake in every brand, each with file, line and JSON path
 */
export async function loadBrands(root: TemplateRoot): Promise<Map<string, LoadedBrand>> {
  const problems: SourceProblem[] = [];
  const brands = new Map<string, LoadedBrand>();
  const files = filesIn(root);
  const ids = (await files.names('brands')).filter((name) => !name.includes('.'));
  const loaded = await Promise.all(ids.map((id) => loadBrand(files, id, problems)));
  for (const [index, brand] of loaded.entries()) if (brand) brands.set(ids[index] ?? '', brand);
  if (ids.length === 0) problems.push({ file: 'brands', message: 'there is no brand in here' });
  if (problems.length > 0) throw new TemplateError(problems);
  return brands;
}

/**
 * Reads a brand's looks and words, `brand.json` and `locales/*.json`; its programme is the one in force.
 * @throws TemplateError
 */
export async function loadBrandLooks(
  files: TemplateFiles,
  { id, programme, programmes }: Brand,
): Promise<LoadedBrand> {
  const problems: SourceProblem[] = [];
  const looks = await readLooks(files, id, problems);
  if (!looks || problems.length > 0) throw new TemplateError(problems);
  const { identity, locales } = looks;
  return {
    brand: {
      ...identity.value,
      programme,
      ...(programmes && { programmes }),
      locales: [...locales.keys()],
    },
    locales,
    sources: sourcesOf([identity.json, ...locales.values()]),
  };
}

async function loadBrand(
  files: TemplateFiles,
  id: string,
  problems: SourceProblem[],
): Promise<LoadedBrand | undefined> {
  const [looks, versions, triggers, sending, preferences] = await Promise.all([
    readLooks(files, id, problems),
    readProgrammes(files, `brands/${id}`, problems),
    readOptional(files, `brands/${id}/triggers.json`, Triggers, problems),
    readOptional(files, `brands/${id}/sending.json`, Sending, problems),
    readOptional(files, `brands/${id}/preferences.json`, Preferences, problems),
  ]);
  const [programme] = versions;
  if (!looks || !programme) return undefined;
  const { identity, locales } = looks;
  problems.push(...versions.flatMap(programmeProblems), ...versionProblems(versions));
  const brand = {
    ...identity.value,
    programme: programme.value,
    programmes: versions
      .map((one) => one.value)
      .toSorted((one, other) => (one.effectiveFrom ?? '').localeCompare(other.effectiveFrom ?? '')),
    ...(triggers && { triggers: triggers.value }),
    ...(sending && { sending: sending.value }),
    ...(preferences && { preferences: preferences.value }),
    locales: [...locales.keys()],
  };
  problems.push(...versions.flatMap((one) => unnamed(one.json, thingsOf(one.value), brand)));
  if (preferences) problems.push(...topicProblems(preferences, brand));
  return {
    brand,
    ...(triggers && { triggerLines: triggers.json.lineOf }),
    ...(sending && { sendingLines: sending.json.lineOf }),
    ...(preferences && { preferenceLines: preferences.json.lineOf }),
    locales,
    sources: sourcesOf([identity.json, ...versions.map((one) => one.json), ...locales.values()]),
  };
}

/** A brand need not have any. */
async function readOptional<T>(
  files: TemplateFiles,
  file: string,
  schema: z.ZodType<T>,
  problems: SourceProblem[],
): Promise<Parsed<T> | undefined> {
  const source = await files.read(file);
  return source === undefined ? undefined : read(files, file, schema, problems);
}

async function readLooks(files: TemplateFiles, id: string, problems: SourceProblem[]) {
  const folder = `brands/${id}`;
  const [identity, locales, names] = await Promise.all([
    read(files, `${folder}/brand.json`, WrittenIdentity, problems),
    readLocales(files, folder, problems),
    files.names(`${folder}/locales`),
  ]);
  if (!identity) return undefined;
  // One that can't be read is told as such, and isn't missing.
  const there = new Set(names.map((name) => name.replace(/\.json$/, '')));
  problems.push(...identityProblems(id, identity, there));
  problems.push(...otherArguments(locales, identity.value.defaultLocale));
  problems.push(...untranslated({ ...identity.value, locales: [...locales.keys()] }, locales));
  return { identity, locales };
}

const sourcesOf = (files: readonly Pick<JsonFile, 'file' | 'source'>[]) =>
  new Map(files.map(({ file, source }) => [file, source]));

/** `programme.json` first, then every `programme.<name>.json`; nothing where the first is wrong. */
async function readProgrammes(
  files: TemplateFiles,
  folder: string,
  problems: SourceProblem[],
): Promise<Parsed<Programme>[]> {
  const further = (await files.names(folder)).filter((name) => /^programme\..+\.json$/.test(name));
  const [first, ...rest] = await Promise.all(
    ['programme.json', ...further].map((name) =>
      read(files, `${folder}/${name}`, Programme, problems),
    ),
  );
  return first ? [first, ...rest.flatMap((one) => one ?? [])] : [];
}

type Parsed<T> = { readonly json: JsonFile; readonly value: T };

async function read<T>(
  files: TemplateFiles,
  file: string,
  schema: z.ZodType<T>,
  problems: SourceProblem[],
): Promise<Parsed<T> | undefined> {
  const source = await files.read(file);
  if (source === undefined) {
    problems.push({ file, message: 'is missing' });
    return undefined;
  }
  let json: JsonFile;
  try {
    json = parseJson(source, file);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { json, value: parsed.data };
  for (const { path, message } of parsed.error.issues)
    problems.push({ file, line: json.lineOf(path), path: path.map(String).join('.'), message });
  return undefined;
}

/** Addresses are looked at with what the schema can't know, so that one of them hides no other mistake. */
const WrittenIdentity = BrandIdentity.extend({
  siteUrl: z.string(),
  logoUrl: z.string().optional(),
});

/** What the schema can't know. */
function identityProblems(
  id: string,
  { json, value }: Parsed<BrandIdentity>,
  locales: ReadonlySet<string>,
): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const refuse = (path: readonly string[], message: string) =>
    problems.push({ file: json.file, line: json.lineOf(path), path: path.join('.'), message });
  if (value.id !== id) refuse(['id'], `must be the folder's name, ${id}`);
  if (!locales.has(value.defaultLocale))
    refuse(['defaultLocale'], `has no locales/${value.defaultLocale}.json`);
  for (const name of ['formats', 'manner'] as const)
    for (const [locale, other] of Object.entries(value[name])) {
      if (!locales.has(locale)) refuse([name, locale], `has no locales/${locale}.json`);
      if (!isLocale(other) || languageOf(other) !== languageOf(locale))
        refuse([name, locale], `is not a locale of ${languageOf(locale)} such as ar-EG, de-x-du`);
    }
  problems.push(...contrastProblems(json, value));
  if (!isTimeZone(value.timeZone)) refuse(['timeZone'], 'is not a time zone such as Europe/Berlin');
  for (const name of ['font', 'headingFont'] as const)
    if (!/^[\w\s,'-]+$/.test(value[name]))
      refuse([name], "must be font names such as Georgia, 'Times New Roman', serif");
  for (const text of [value.name, value.legal.company, value.legal.address, value.from.name])
    if (/\{\{|\[\[|\p{Cc}/u.test(text))
      refuse([], `"${text}" contains {{, [[ or a control character`);
  for (const name of ['siteUrl', 'logoUrl'] as const) {
    const { error } = BrandIdentity.shape[name].safeParse(value[name]);
    for (const { message } of error?.issues ?? []) refuse([name], message);
    if (/["'<>[\]{}]/.test(value[name] ?? '')) refuse([name], 'must have no quotes or brackets');
  }
  return problems;
}

/** Of several versions, each must say from when it is in force; only the earliest need not. */
function versionProblems(versions: readonly Parsed<Programme>[]): SourceProblem[] {
  const seen = new Map<string, string>();
  return versions.flatMap(({ json, value: { effectiveFrom = 'the beginning' } }) => {
    const other = seen.get(effectiveFrom);
    seen.set(effectiveFrom, json.file);
    if (other === undefined) return [];
    const message = `is in force from ${effectiveFrom}, as ${other} is; say another date`;
    const path = ['effectiveFrom'];
    return [{ file: json.file, line: json.lineOf(path), path: path.join('.'), message }];
  });
}

function programmeProblems({ json, value }: Parsed<Programme>): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const refuse = (path: readonly (string | number)[], message: string) =>
    problems.push({ file: json.file, line: json.lineOf(path), path: path.join('.'), message });
  const tiers = new Set<string>();
  for (const [index, { id, threshold, needs }] of value.tiers.entries()) {
    if (tiers.has(id)) refuse(['tiers', index, 'id'], `tier "${id}" is there twice`);
    tiers.add(id);
    if (index === 0 && (threshold > 0 || needs))
      refuse(['tiers', index], 'everyone has the first tier: it can have no conditions');
    if (threshold > 0 && needs && 'any' in needs)
      refuse(['tiers', index, 'threshold'], 'put it among `needs.any`: one of these is enough');
    const before = value.tiers[index - 1];
    if (before && !needs && threshold <= before.threshold)
      refuse(
        ['tiers', index, 'threshold'],
        `must be above that of ${before.id}, ${before.threshold}`,
      );
  }
  const once = (list: string, field: string, ids: readonly string[]) => {
    for (const [index, one] of ids.entries())
      if (ids.indexOf(one) !== index) refuse([list, index, field], `"${one}" is there twice`);
  };
  once(
    'rewards',
    'rewardId',
    value.rewards.map(({ rewardId }) => rewardId),
  );
  once(
    'engagement',
    'kind',
    value.engagement.map(({ kind }) => kind),
  );
  for (const list of ['multipliers', 'extras'] as const)
    for (const [index, { when }] of value.earn[list].entries()) {
      for (const [place, tier] of (when.tiers ?? []).entries())
        if (!tiers.has(tier))
          refuse(['earn', list, index, 'when', 'tiers', place], `there is no tier "${tier}"`);
      if (when.from !== undefined && when.to !== undefined && when.from > when.to)
        refuse(['earn', list, index, 'when', 'to'], `is before ${when.from}`);
    }
  for (const [index, { tiers: of }] of value.entitlements.entries())
    for (const [place, tier] of of.entries())
      if (!tiers.has(tier))
        refuse(['entitlements', index, 'tiers', place], `there is no tier "${tier}"`);
  return problems;
}

type Named = {
  readonly names: Readonly<Record<string, string>>;
  readonly path: readonly (string | number)[];
};

/** What customers read of a programme. */
const thingsOf = ({ tiers, rewards }: Programme): readonly Named[] => [
  ...tiers.flatMap(({ names, benefits }, index) => [
    { names, path: ['tiers', index] },
    ...benefits.map((benefit, place) => ({
      names: benefit.names,
      path: ['tiers', index, 'benefits', place],
    })),
  ]),
  ...rewards.map(({ names }, index) => ({ names, path: ['rewards', index] })),
];

/** What has no name in one of the brand's languages. */
function unnamed(
  json: JsonFile,
  things: readonly Named[],
  { locales, defaultLocale }: Pick<Brand, 'locales' | 'defaultLocale'>,
): SourceProblem[] {
  const others = locales.filter((locale) => languageOf(locale) !== languageOf(defaultLocale));
  return things.flatMap(({ names, path }) =>
    others
      .filter((locale) => names[locale] === undefined && names[languageOf(locale)] === undefined)
      .map((locale) => ({
        file: json.file,
        line: json.lineOf(path),
        path: path.join('.'),
        message: `has no name in ${locale}; add it to "names"`,
      })),
  );
}

/** A topic needs a name of its own in every language, and a template is about one topic at most. */
function topicProblems(
  { json, value: { topics } }: Parsed<Preferences>,
  brand: Brand,
): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const refuse = (path: readonly (string | number)[], message: string) =>
    problems.push({ file: json.file, line: json.lineOf(path), path: path.join('.'), message });
  const seen = new Map<string, string>();
  for (const [index, { id, names, templates }] of topics.entries()) {
    const at = ['topics', index];
    if (topics.findIndex((one) => one.id === id) !== index)
      refuse([...at, 'id'], `topic "${id}" is there twice`);
    if (names[brand.defaultLocale] === undefined)
      refuse([...at, 'names'], `has no name in ${brand.defaultLocale}`);
    for (const [place, template] of templates.entries()) {
      const other = seen.get(template);
      if (other !== undefined)
        refuse([...at, 'templates', place], `"${template}" is about the topic "${other}" already`);
      seen.set(template, id);
    }
  }
  const things = topics.map(({ names }, index) => ({ names, path: ['topics', index] }));
  return [...problems, ...unnamed(json, things, brand)];
}
