import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import {
  brandFiles,
  folderWith,
  mjmlText,
  note,
  words,
} from '../../../test/fixtures-render/folder.ts';
import { loadTemplates } from '../load.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { type Bundle, bundleOf, readBundle, writeBundle } from './bundle.ts';
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

async function bundleWith(more: Readonly<Record<string, string>> = {}): Promise<Bundle> {
  const root = await folderWith({ ...files, ...more });
  const set = await loadTemplates({ root, definitions: [note()], brands: await loadBrands(root) });
  return readBundle(root, set, 'note');
}

it('holds what the template is made of, and nothing else', async () => {
  expect([...(await bundleWith()).files.keys()]).toEqual([
    'brands/roast/brand.json',
    'brands/roast/locales/en.json',
    'brands/roast/programme.json',
    'note/body.mjml',
    'note/locales/en.json',
    'note/template.ts',
    'shared.ts',
  ]);
});

it('has the same hash for the same files wherever they lie, and another for any other', async () => {
  const { hash } = await bundleWith();
  expect((await bundleWith()).hash).toBe(hash);
  expect((await bundleWith({ 'other.ts': '', 'partials/unused.mjml': '' })).hash).toBe(hash);
  expect((await bundleWith({ 'shared.ts': 'export const one = 2;' })).hash).not.toBe(hash);
});

it.each([
  [`import { readFileSync } from 'node:fs';`, "imports node:fs: what it reads there can't be kept"],
  [`import { x } from '../../elsewhere/x.ts';`, 'is neither in templates/'],
])('refuses code that %s', async (line, message) => {
  await expect(bundleWith({ 'note/template.ts': `export const a = 1;\n${line}` })).rejects.toThrow(
    `note/template.ts:2: imports`,
  );
  await expect(bundleWith({ 'note/template.ts': line })).rejects.toThrow(message);
});

it('refuses a path that leads out of its folder', () => {
  expect(() => bundleOf('note', new Map([['../x', Buffer.from('')]]))).toThrow('no path within');
});

it('is written again where somebody changed what lies there, and shared by several at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'laurel-bundle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bundle = await bundleWith();
  const engine = { src: folder, packages: folder };
  const written = await Promise.all(
    Array.from({ length: 5 }, () => writeBundle(folder, bundle, engine)),
  );
  const [root = ''] = written;
  expect(new Set(written).size).toBe(1);
  await writeFile(join(root, 'shared.ts'), 'changed');
  expect(await writeBundle(folder, bundle, engine)).toBe(root);
  expect(await readFile(join(root, 'shared.ts'), 'utf8')).toBe(files['shared.ts']);
  // Another installation has another copy: its own code is what this one's imports lead to.
  expect(await writeBundle(folder, bundle, { ...engine, src: '/elsewhere' })).not.toBe(root);
});

it('says which brand it was not published for', async () => {
  const bundle = await bundleWith();
  const folder = await mkdtemp(join(tmpdir(), 'laurel-bundle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const root = await writeBundle(folder, bundle, { src: folder, packages: folder });
  await expect(
    loadVersion({ root, template: 'note', hash: bundle.hash, brand: 'juniper' }),
  ).rejects.toThrow('publish it anew for this brand');
});
