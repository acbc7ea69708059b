import type { Template } from '../core/template.ts';
import type { LoadedBrand } from './brand-files.ts';
import type { TextUse } from './lint.ts';
import { camelCase } from './partials.ts';
import type { Part } from './parts.ts';
import type { SourceProblem } from './problems.ts';
import type { Voice } from './voice.ts';

/** Blocks a part never shows, and blocks it shows that were never decided on. */
export function unplaced(
  definition: Template,
  parts: readonly Part[],
  name: string,
): SourceProblem[] {
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

/** Texts a template uses and this voice hasn't got, or can't say with what it is given. */
export function textProblems(
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

/** Texts every brand needs. */
export function brandTextProblems(
  { brand }: LoadedBrand,
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
