import { isFor, type Template } from '../contract/template.ts';
import { noSuch } from '../core/nearest-name.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';
import type { LoadedBrands } from '../render/voice/brand-files.ts';

/**
 * Looks whether what every brand's `sending.json` says of templates' values is about commercial templates it has.
 * @throws TemplateError with file, line and path of each mistake
 */
export function checkSending(brands: LoadedBrands, templates: readonly Template[]): void {
  const problems: SourceProblem[] = [];
  for (const { brand, sendingLines } of brands.values()) {
    const theirs = templates.filter((template) => isFor(template, brand));
    for (const name of Object.keys(brand.sending?.values ?? {})) {
      const template = theirs.find((one) => one.name === name);
      if (template?.class === 'commercial') continue;
      const path = ['values', name];
      problems.push({
        file: `brands/${brand.id}/sending.json`,
        ...(sendingLines && { line: sendingLines(path) }),
        path: path.join('.'),
        message: template
          ? 'is transactional: it always goes, and is worth nothing against others'
          : noSuch(
              'template',
              name,
              theirs.map((one) => one.name),
            ),
      });
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);
}
