import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { camelCase } from '../../core/camel-case.ts';
import { namesIn } from '../voice/locale-files.ts';
import { headPartial } from './brand-tokens.ts';
import type { SourceFile } from './expand.ts';

/** Shared pieces and looks of blocks by file name: `points-banner.mjml`, `footer.text.hbs`. */
export type Partials = ReadonlyMap<string, SourceFile>;

/** Reads `partials/` and `blocks/`; the former win. */
export async function readPartials(root: string): Promise<Partials> {
  const [blocks, shared] = await Promise.all([
    readPieces(root, 'blocks', true),
    readPieces(root, 'partials', false),
  ]);
  return new Map([['head.mjml', headPartial], ...blocks, ...shared]);
}

/** Every `.mjml`, `.html` and `.text.hbs` of a folder; for a template's own pieces, without its body. */
export async function readPieces(
  root: string,
  folder: string,
  areBlocks: boolean,
): Promise<[string, SourceFile][]> {
  const names = (await namesIn(join(root, folder))).filter((name) =>
    /\.(mjml|html|text\.hbs)$/.test(name),
  );
  return Promise.all(
    names.map(async (name): Promise<[string, SourceFile]> => {
      const source = await readFile(join(root, folder, name), 'utf8');
      const block = areBlocks ? { block: camelCase(name.replace(/\..*$/, '')) } : {};
      return [name, { file: `${folder}/${name}`, source, ...block }];
    }),
  );
}
