import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { loadConfig } from '../../src/config.ts';
import { type Camera, openCamera } from './camera.ts';
import { compare } from './compare.ts';
import { libraryMails } from './mails.ts';

const { chromiumPath: executablePath } = loadConfig(process.env);
let camera: Camera;
let html: string;
let picture: Buffer;

beforeAll(async () => {
  camera = await openCamera({ executablePath });
  const { value } = await libraryMails().next();
  html = value?.html ?? '';
  picture = await camera.take(html);
});
afterAll(() => camera.close());

/** The mail with something planted in it, against itself. */
async function planted(change: (html: string) => string) {
  const changed = change(html);
  expect(changed).not.toBe(html);
  return (await compare(picture, await camera.take(changed)))?.what ?? 'nothing';
}
const styled = (css: string) => (mail: string) =>
  mail.replace('</head>', `<style>${css}</style></head>`);

it('is not bothered by another way to draw letters', async () => {
  const other = await openCamera({
    executablePath,
    lettering: ['--font-render-hinting=full', '--enable-lcd-text'],
  });
  try {
    expect(await compare(picture, await other.take(html))).toBeNull();
  } finally {
    await other.close();
  }
});

it.each([
  ['a block that is gone', styled('.member{display:none}')],
  ['a heading that says more', (mail: string) => mail.replace('</h1>', '<br>And more</h1>')],
])('sees %s', async (_, change) => {
  expect(await planted(change)).toMatch(/^is \d+ × \d+ pixels, was/);
});

it.each([
  ['words that are gone', styled('h1{visibility:hidden}')],
  ['a small line that is gone', styled('h1+p{visibility:hidden}')],
  ['a ground in a slightly other colour', styled('.surface>table{background:#f4f4ff!important}')],
  ['text in another colour', styled('h1{color:#8a1020!important}')],
  ['a column that moved', styled('.surface table table{position:relative;left:8px}')],
  [
    'dark mode that is lost',
    (mail: string) => mail.replaceAll('prefers-color-scheme', 'no-scheme'),
  ],
  ['corners that are round', styled('.card,.card>table{border-radius:40px!important}')],
])('sees %s', async (_, change) => {
  expect(await planted(change)).toMatch(/^looks different in \d+ places$/);
});

it('shows what was, what is and the difference side by side', async () => {
  const difference = await compare(
    picture,
    await camera.take(styled('h1{color:red!important}')(html)),
  );
  const [{ width: one }, { width: all }] = [
    await sharp(picture).metadata(),
    await sharp(await difference?.picture()).metadata(),
  ];
  expect(all).toBe(3 * one + 40);
});
