import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { templates } from '../../templates/index.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { checkSending } from './check.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'laurel-sending-'));
  await mkdir(join(root, 'brands'));
  const juniper = join(import.meta.dirname, '../../templates/brands/juniper');
  await cp(juniper, join(root, 'brands/juniper'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

const said = async (values: object) => {
  await writeFile(join(root, 'brands/juniper/sending.json'), JSON.stringify({ values }, null, 2));
  try {
    checkSending(await loadBrands(root), templates);
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

it('a value of a template that there isn’t, or that is transactional, is told with file, line and name', async () => {
  const commercial = templates.find((one) => one.class === 'commercial')?.name ?? '';
  expect(await said({ [commercial]: 80 })).toBe('nothing');
  expect(await said({ [commercial]: 80, 'order-confirmatio': 90, shipped: 10 })).toBe(
    [
      'brands/juniper/sending.json:4 values.order-confirmatio: there is no template "order-confirmatio"; is it "order-confirmation"?',
      'brands/juniper/sending.json:5 values.shipped: is transactional: it always goes, and is worth nothing against others',
    ].join('\n'),
  );
});

const topic = (id: string, ...about: string[]) => ({
  id,
  names: { en: id, de: id, fr: id, ar: id },
  templates: about,
});

it('so is a topic’s', async () => {
  const topics = [topic('news', 'early-acces'), topic('orders', 'year-in-review', 'shipped')];
  const text = JSON.stringify({ topics }, null, 2);
  await writeFile(join(root, 'brands/juniper/preferences.json'), text);
  const told = await said({});
  expect(told.split('\n')).toEqual([
    expect.stringMatching(
      /^brands\/juniper\/preferences.json:\d+ topics.0.templates.0: there is no template "early-acces"; is it "early-access"\?$/,
    ),
    expect.stringMatching(
      /^brands\/juniper\/preferences.json:\d+ topics.1.templates.1: is transactional: it always goes, and can’t be switched off$/,
    ),
  ]);
});
