import type { Brand } from '../brand/brand.ts';
import { isFor, type Template } from '../contract/template.ts';
import { noSuch } from '../core/nearest-name.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { LoadedBrand, LoadedBrands } from '../render/voice/brand-files.ts';

/** Where a brand's file names a template, and why it has to be a commercial one. */
type Mention = {
  readonly template: string;
  readonly path: readonly (string | number)[];
  readonly otherwise: string;
};
type NamingFile = {
  readonly name: string;
  readonly lines: (of: LoadedBrand) => LoadedBrand['sendingLines'];
  readonly mentions: (brand: Brand) => readonly Mention[];
};

const files: readonly NamingFile[] = [
  {
    name: 'sending.json',
    lines: ({ sendingLines }) => sendingLines,
    mentions: ({ sending }) =>
      Object.keys(sending?.values ?? {}).map((template) => ({
        template,
        path: ['values', template],
        otherwise: 'is transactional: it always goes, and is worth nothing against others',
      })),
  },
  {
    name: 'preferences.json',
    lines: ({ preferenceLines }) => preferenceLines,
    mentions: ({ preferences }) =>
      (preferences?.topics ?? []).flatMap(({ templates }, topic) =>
        templates.map((template, place) => ({
          template,
          path: ['topics', topic, 'templates', place],
          otherwise: 'is transactional: it always goes, and can’t be switched off',
        })),
      ),
  },
];

/**
 * Looks whether what every brand's `sending.json` and `preferences.json` say of templates is about commercial ones it has.
 * @throws TemplateError with file, line and path of each mistake
 */
export function checkSending(brands: LoadedBrands, templates: readonly Template[]): void {
  const problems: SourceProblem[] = [];
  for (const loaded of brands.values()) {
    const { brand } = loaded;
    const theirs = templates.filter((template) => isFor(template, brand));
    for (const { name: file, lines, mentions } of files) {
      const lineOf = lines(loaded);
      for (const { template: name, path, otherwise } of mentions(brand)) {
        const template = theirs.find((one) => one.name === name);
        if (template?.class === 'commercial') continue;
        problems.push({
          file: `brands/${brand.id}/${file}`,
          ...(lineOf && { line: lineOf(path) }),
          path: path.join('.'),
          message: template
            ? otherwise
            : noSuch(
                'template',
                name,
                theirs.map((one) => one.name),
              ),
        });
      }
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);
}
