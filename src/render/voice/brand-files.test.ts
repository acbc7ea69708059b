import { expect, it } from 'vitest';

import {
  brandFiles,
  brandJson,
  folderWith,
  programmeJson,
} from '../../../test/fixtures-render/folder.ts';
import { TemplateError } from '../source/problems.ts';
import { loadBrands } from './brand-files.ts';

it('reads identity, programme and texts, flat and nested', async () => {
  const brands = await loadBrands(await folderWith(brandFiles));
  const roast = brands.get('roast');
  expect(roast?.brand).toMatchObject({ id: 'roast', locales: ['en'] });
  expect(roast?.brand.programme.maxOffers).toBe(3);
  expect(roast?.locales.get('en')?.texts).toHaveProperty(['entitlements.free-bag']);
});

it('names every mistake in every file at once, with file, line and path', async () => {
  const root = await folderWith({
    'brands/roast/brand.json': {
      ...brandJson,
      id: 'toast',
      timeZone: 'Mars/Olympus',
      font: 'Georgia; } *',
      siteUrl: 'javascript:alert(1)',
      name: '{{x}}',
    },
    'brands/roast/programme.json': {
      ...programmeJson,
      entitlements: [{ id: 'x', type: 'x', tiers: ['platinum'], appliesTo: 'order' }],
      tiers: [programmeJson.tiers[1], programmeJson.tiers[0]],
    },
    'brands/roast/locales/en.json': '{\n  "points": "{count, plural, one {#}",\n  "n": 1\n}',
    'brands/other/brand.json': '{\n  "id": "other",\n}',
    'brands/other/programme.json': { ...programmeJson, burn: { points: 0 } },
  });
  const error = await loadBrands(root).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TemplateError);
  const message = String(error);
  expect(message).toMatch(/brands\/other\/brand\.json:3: is not JSON/);
  expect(message).toMatch(/brands\/other\/programme\.json:6 burn\.points: /);
  expect(message).toMatch(/brands\/roast\/brand\.json:2 id: must be the folder's name, roast/);
  expect(message).toMatch(/timeZone: is not a time zone/);
  expect(message).toMatch(/font: must be font names/);
  expect(message).toMatch(/siteUrl: /);
  expect(message).toMatch(/"\{\{x\}\}" contains/);
  expect(message).toMatch(/tiers\.1\.threshold: must be above that of gold, 1000/);
  expect(message).toMatch(/entitlements\.0\.tiers\.0: there is no tier "platinum"/);
  expect(message).toMatch(/locales\/en\.json:2 points: is not an ICU message/);
  expect(message).toMatch(/locales\/en\.json:3 n: must be a text/);
});

it('P6: a file of texts that can’t be read is all that is wrong, once', async () => {
  const root = await folderWith({
    ...brandFiles,
    'brands/roast/brand.json': { ...brandJson, manner: { de: 'de-x-du' } },
    'brands/roast/locales/de.json': '{\n  "a" "b"\n}',
  });
  const error = await loadBrands(root).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ problems: [{ file: 'brands/roast/locales/de.json', line: 2 }] });
});

it('says when a brand has no texts in its own language', async () => {
  const root = await folderWith({
    'brands/roast/brand.json': { ...brandJson, defaultLocale: 'de' },
    'brands/roast/programme.json': programmeJson,
    'brands/roast/locales/en.json': {},
  });
  await expect(loadBrands(root)).rejects.toThrow('defaultLocale: has no locales/de.json');
});

it('reads further versions of a programme, the earliest first', async () => {
  const root = await folderWith({
    ...brandFiles,
    'brands/roast/programme.json': { ...programmeJson, version: '2', effectiveFrom: '2026-01-01' },
    'brands/roast/programme.2025.json': { ...programmeJson, version: '1' },
  });
  const roast = (await loadBrands(root)).get('roast');
  expect(roast?.brand.programmes?.map(({ version }) => version)).toEqual(['1', '2']);
});

it('names what is wrong in how points are earned, and two versions for one date', async () => {
  const when = { tiers: ['platinum'], from: '2026-03-02', to: '2026-03-01' };
  const earn = {
    points: 1,
    perAmount: 1,
    multipliers: [{ id: 'x', times: 1.12345678, when: {} }],
    extras: [{ id: 'y', points: 5, when }],
  };
  const root = await folderWith({
    ...brandFiles,
    'brands/roast/programme.new.json': { ...programmeJson, earn },
    'brands/roast/programme.other.json': { ...programmeJson, accrual: 'guess' },
  });
  const message = String(await loadBrands(root).catch((caught: unknown) => caught));
  expect(message).toMatch(/programme\.new\.json:\d+ earn\.multipliers\.0\.times: at most six/);
  expect(message).toMatch(/programme\.other\.json:\d+ accrual: /);
  const again = await folderWith({
    ...brandFiles,
    'brands/roast/programme.new.json': {
      ...programmeJson,
      earn: { ...earn, multipliers: [] },
      rewards: [1, 2].map(() => ({
        rewardId: 'mug',
        name: 'Mug',
        kind: 'gift',
        at: { lifetimePoints: 5 },
      })),
    },
  });
  const then = String(await loadBrands(again).catch((caught: unknown) => caught));
  expect(then).toMatch(/extras\.0\.when\.tiers\.0: there is no tier "platinum"/);
  expect(then).toMatch(/extras\.0\.when\.to: is before 2026-03-02/);
  expect(then).toMatch(/rewards\.1\.rewardId: "mug" is there twice/);
  expect(then).toMatch(/programme\.new\.json:\d+ effectiveFrom: is in force from the beginning/);
});

it('names what is wrong with topics: a name that is missing, an id or a template that is there twice', async () => {
  const root = await folderWith({
    ...brandFiles,
    'brands/roast/preferences.json': {
      topics: [
        { id: 'news', names: { de: 'Neues' }, templates: ['hello'] },
        { id: 'news', names: { en: 'News' }, templates: ['other', 'hello'] },
      ],
    },
  });
  const error = await loadBrands(root).catch((caught: unknown) => caught);
  expect(error instanceof TemplateError && error.problems).toMatchObject([
    { path: 'topics.0.names', message: 'has no name in en' },
    { path: 'topics.1.id', message: 'topic "news" is there twice' },
    { path: 'topics.1.templates.1', message: '"hello" is about the topic "news" already' },
  ]);
});
