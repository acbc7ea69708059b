import { filesIn, shownPath } from '../src/render/source/template-files.ts';
import type { SourceFile } from './protocol.ts';
import type { Workshop } from './workshop.ts';

/**
 * The files that a template is made of, those people edit first: its own, its words in the language it is looked at in, and how
 * the blocks it places look.
 * @throws what `workshop.template` throws for one that isn't there
 */
export async function sourcesOf(
  { definitions, project: { root } }: Workshop,
  template: string,
): Promise<SourceFile[]> {
  const files = filesIn(root);
  const definition = definitions.find(({ name }) => name === template);
  const own = (await files.names(template)).map((name) => `${template}/${name}`);
  const words = (await files.names(`${template}/locales`)).map(
    (name) => `${template}/locales/${name}`,
  );
  const all = await files.names('blocks');
  const engine = own.some((path) => path.endsWith('body.tsx')) ? '.tsx' : '.mjml';
  const looks = (definition?.blocks ?? [])
    .map((block) => `${block}${engine}`)
    .filter((name) => all.includes(name))
    .map((name) => `blocks/${name}`);
  const paths = [...own.toSorted(bodyFirst), ...words, ...looks].filter((path) =>
    /\.(mjml|html|tsx|ts|hbs|json)$/.test(path),
  );
  const read = await Promise.all(
    paths.map(async (path) => ({ file: shownPath(root, path), text: await files.read(path) })),
  );
  return read.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

const bodyFirst = (one: string, other: string) =>
  Number(other.includes('/body.')) - Number(one.includes('/body.'));
