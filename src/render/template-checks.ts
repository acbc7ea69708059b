import type { Template } from '../contract/template.ts';
import { camelCase } from '../core/camel-case.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Part } from './parts.ts';
import type { SourceProblem } from './source/problems.ts';

/** Blocks it places of which there are none: where no compiler looked at it. */
export function unknownBlocks({ name, blocks, views }: Template): SourceProblem[] {
  const known = Object.keys(views);
  return blocks
    .filter((block) => !Object.hasOwn(views, block))
    .map((block) => {
      const near = nearestName(block, known);
      const instead = near ? `did you mean ${near}?` : `there are ${known.join(', ')}`;
      return { file: `${name}/template.ts`, message: `there is no block "${block}"; ${instead}` };
    });
}

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
