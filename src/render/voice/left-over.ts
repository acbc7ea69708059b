import type { TextUse } from '../handlebars/lint.ts';
import type { SourceProblem } from '../source/problems.ts';
import type { LoadedBrands } from './brand-files.ts';
import type { LocaleFile, LocaleFiles } from './locale-files.ts';

/** A text a template says in the mails of a brand. */
export type BrandUse = TextUse & { readonly template: string; readonly brand: string };

type Setting = {
  readonly brands: LoadedBrands;
  readonly blockTexts: LocaleFiles;
  /** Templates' own texts by template. */
  readonly own: ReadonlyMap<string, LocaleFiles>;
  readonly uses: readonly BrandUse[];
};

/** Texts in locale files that no mail says: left over from what was rewritten, or misspelt. */
export function leftOverTexts({ brands, blockTexts, own, uses }: Setting): SourceProblem[] {
  const saidBy = (which: (use: BrandUse) => boolean) =>
    new Set(['subject', 'preheader', ...uses.filter(which).map(({ key }) => key)]);
  return [
    ...unused(
      blockTexts,
      saidBy(() => true),
    ),
    ...[...own].flatMap(([name, files]) =>
      unused(
        files,
        saidBy(({ template }) => template === name),
      ),
    ),
    ...[...brands].flatMap(([id, { brand, locales }]) => {
      const said = saidBy((use) => use.brand === id);
      for (const entitlement of brand.programme.entitlements)
        said.add(`entitlements.${entitlement.id}`);
      return unused(locales, said.add('points'));
    }),
  ];
}

const unused = (files: LocaleFiles, said: ReadonlySet<string>) =>
  [...files.values()].flatMap((file) => keysOutside(file, said));

/** Which bonuses there are is the ledger's business. */
const ofBonus = (key: string) => key.startsWith('bonuses.');

const keysOutside = ({ file, texts, lineOf }: LocaleFile, said: ReadonlySet<string>) =>
  Object.keys(texts)
    .filter((key) => !said.has(key) && !ofBonus(key))
    .map((key) => ({
      file,
      line: lineOf(key),
      path: key,
      message: 'is said nowhere; take it out, or mend its name',
    }));
