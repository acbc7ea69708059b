import { camelCase } from '../../core/camel-case.ts';
import type { TemplateFiles } from '../source/template-files.ts';
import { headPartial } from './brand-tokens.ts';
import type { SourceFile } from './expand.ts';

/** Shared pieces and looks of blocks by file name: `points-banner.mjml`, `footer.text.hbs`. */
export type Partials = ReadonlyMap<string, SourceFile>;

/** Reads `partials/` and `blocks/`; the former win. */
export async function readPartials(files: TemplateFiles): Promise<Partials> {
  const [blocks, shared] = await Promise.all([
    readPieces(files, 'blocks', true),
    readPieces(files, 'partials', false),
  ]);
  return new Map([['head.mjml', headPartial], ...blocks, ...shared]);
}

/** Every `.mjml`, `.html` and `.text.hbs` of a folder; for a template's own pieces, without its body. */
export async function readPieces(
  files: TemplateFiles,
  folder: string,
  areBlocks: boolean,
): Promise<[string, SourceFile][]> {
  const names = (await files.names(folder)).filter((name) => /\.(mjml|html|text\.hbs)$/.test(name));
  const pieces = names.map(async (name): Promise<[string, SourceFile][]> => {
    const source = await files.read(`${folder}/${name}`);
    // Gone since its folder was looked at, as when an editor saves: whoever places it says that it isn't there.
    if (source === undefined) return [];
    const block = areBlocks ? { block: camelCase(name.replace(/\..*$/, '')) } : {};
    return [[name, { file: `${folder}/${name}`, source, ...block }]];
  });
  return (await Promise.all(pieces)).flat();
}
