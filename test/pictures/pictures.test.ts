import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { loadConfig } from '../../src/config.ts';
import { pictureLibrary } from './album.ts';
import { compare } from './compare.ts';
import { accepted, acceptedNames } from './expected.ts';

const project = join(import.meta.dirname, '..', '..');
const folder = join(project, '.laurel', 'pictures');
const names = await acceptedNames();
/** What is wrong with each, once all are taken. */
const found = new Map<string, string | null>();

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await pictureLibrary(loadConfig(process.env).chromiumPath, async (name, picture) => {
    const before = await accepted(name);
    const difference = before && (await compare(before, picture));
    if (before && !difference) {
      found.set(name, null);
      return;
    }
    const file = join(folder, `${name}.png`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, difference ? await difference.picture() : picture);
    found.set(
      name,
      `${name} ${difference?.what ?? 'has no accepted picture'}: look at ${relative(project, file)}` +
        `${difference ? ' (accepted, now, difference)' : ''}; where it is as it should be, npm run pictures accepts it`,
    );
  });
});

it.each(names)('%s looks as it was accepted', (name) => {
  expect(found.has(name) ? found.get(name) : `${name} is no mail any more: npm run pictures`).toBe(
    null,
  );
});

it('has an accepted picture of every mail', () => {
  expect([...found.keys()].filter((name) => !names.includes(name))).toEqual([]);
});
