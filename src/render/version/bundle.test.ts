import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';
import { z } from 'zod';

import {
  brandFiles,
  folderWith,
  mjmlText,
  note,
  words,
} from '../../../test/fixtures-render/folder.ts';
import { loadTemplates } from '../load.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { bundleOf, looksIn, madeFor, readBundle } from './bundle.ts';
import { codeOf, contentHash, otherCode } from './code.ts';
import { loadVersion } from './load-version.ts';

const files = {
  ...brandFiles,
  'note/body.mjml': mjmlText('x'),
  'note/locales/en.json': words,
  'note/template.ts': `import { one } from '../shared.ts';\nexport const note = { name: 'note', one };`,
  'shared.ts': 'export const one = 1;',
  'other.ts': 'export const two = 2;',
  'partials/unused.mjml': '<mj-section></mj-section>',
};

async function deskWith(more: Readonly<Record<string, string>> = {}) {
  const root = await folderWith({ ...files, ...more });
  const brands = await loadBrands(root);
  const templates = await loadTemplates({ root, definitions: [note()], brands });
  return { root, deployment: { templates, brands }, bundle: await readBundle(templates, 'note') };
}

it('holds how it looks and what it says: no code, nothing that is true of a programme, nothing it has no use for', async () => {
  const { bundle } = await deskWith();
  expect([...bundle.files.keys()]).toEqual([
    'brands/roast/brand.json',
    'brands/roast/locales/en.json',
    'note/body.mjml',
    'note/locales/en.json',
  ]);
  expect([...(bundle.code?.keys() ?? [])].toSorted()).toEqual([
    'note/template.ts',
    'shared.ts',
    'view',
  ]);
});

const hashWith = async (more?: Readonly<Record<string, string>>) =>
  (await deskWith(more)).bundle.hash;

it('has the same hash for the same files wherever they lie, and another for any other, code included', async () => {
  const hash = await hashWith();
  expect(await hashWith({ 'other.ts': '', 'partials/unused.mjml': '' })).toBe(hash);
  expect(await hashWith({ 'shared.ts': 'export const one = 2;' })).not.toBe(hash);
  expect(await hashWith({ 'note/body.mjml': mjmlText('y') })).not.toBe(hash);
});

it('knows the code it was made for by its files, and by what looks are given', async () => {
  const { root } = await deskWith();
  const before = await codeOf(root, note());
  await writeFile(join(root, 'shared.ts'), 'export const one = 3;');
  expect(otherCode(before, await codeOf(root, note()))).toEqual(['shared.ts']);
  const narrower = { ...note(), schema: z.strictObject({ topic: z.string() }) };
  expect(otherCode(before, await codeOf(root, narrower))).toEqual(['shared.ts', 'view']);
});

const map = (file: string, content: string) =>
  JSON.stringify({ version: 3, sources: [`../../${file}`], sourcesContent: [content] });

it('is made for the same code where that is built: source maps keep what was written', async () => {
  const { root } = await deskWith();
  const source = await readFile(join(root, 'note/template.ts'), 'utf8');
  const shared = await readFile(join(root, 'shared.ts'), 'utf8');
  const built = await folderWith({
    'note/template.js': `import { one } from '../shared.js';`,
    'note/template.js.map': map('note/template.ts', source),
    'shared.js': 'export const one=1;',
    'shared.js.map': map('shared.ts', shared),
  });
  expect(await codeOf(built, note())).toEqual(await codeOf(root, note()));
});

it('of a version from before code was left out, looks and words count, and its hash is what it was', () => {
  const old = new Map([
    ['note/template.ts', Buffer.from('export {}')],
    ['note/text.hbs', Buffer.from('Hello')],
  ]);
  const hash = contentHash(
    `laurel template 1\nnote\n${[...old].map(([path, content]) => `${path}\n${contentHash(content)}\n`).join('')}`,
  );
  const bundle = bundleOf('note', old, null);
  expect(bundle.hash).toBe(hash);
  expect(looksIn(bundle)).toEqual(new Map([['note/text.hbs', 'Hello']]));
  expect([...madeFor(bundle).keys()]).toEqual(['note/template.ts']);
});

it('refuses a path that leads out of its folder', () => {
  expect(() => bundleOf('note', new Map([['../x', Buffer.from('')]]), null)).toThrow(
    'no path within',
  );
});

it('says which brand it was not published for', async () => {
  const { bundle, deployment } = await deskWith();
  const looks = { template: 'note', hash: bundle.hash, files: looksIn(bundle), otherCode: [] };
  await expect(loadVersion({ ...looks, brand: 'juniper' }, deployment)).rejects.toThrow(
    'publish it anew for this brand',
  );
});
