import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { openTemplates } from '../src/app/templates.ts';
import { openVersions } from '../src/app/versions.ts';
import type { View } from '../src/contract/template.ts';
import { transaction } from '../src/postgres/pool.ts';
import { bundleOf, type Bundle, readBundle } from '../src/render/version/bundle.ts';
import { publishVersion } from '../src/render/version/template-versions.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';
import { sampleMail } from './sample-mail.ts';

/*
 * Somebody who can write to the tables of versions plants what they like, with hashes that are right. Nothing of it may run,
 * and nothing may be read or written by a path they chose. What ran would leave a mark: a global, or a file.
 */
let database: FreshDatabase;
let deployment: Awaited<ReturnType<typeof openTemplates>>;
let ground: string;
beforeAll(async () => {
  database = await freshDatabase();
  deployment = await openTemplates();
  ground = await mkdtemp(join(tmpdir(), 'laurel-hostile-'));
});
afterAll(async () => {
  await rm(ground, { recursive: true, force: true });
  await database.close();
});

const mark = () => join(ground, 'ran');
const marks = () => [Reflect.get(globalThis, 'laurelRan'), existsSync(mark())];

/** A program that leaves its mark however it is run: as a module, as a script, as an expression. */
const program = () =>
  `(globalThis.laurelRan = true, process.getBuiltinModule?.('node:fs').writeFileSync(${JSON.stringify(mark())}, ''))`;
/** The same where quotes or brackets of generated code would have to be left first. */
const breakouts = () =>
  [`"`, `'`, '`', `"]`, `')`, '${', `\\"`, `\u2028`, `*/`, `-->`, `</script>`].flatMap((end) => [
    `${end};${program()};//`,
    `${end}+${program()}+${end}`,
  ]);

type Plant = {
  readonly about: string;
  /** Changes to a version's files: null takes one away. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly code?: Readonly<Record<string, string>> | null;
};

const mjmlBody = (inner: string) => (text: string) =>
  text.replace('</mj-body>', `${inner}</mj-body>`);

async function published(template: string): Promise<Bundle> {
  return readBundle(deployment.templates, template);
}

/** Stores it as somebody with the tables would, and has a worker load it and make a mail of it for each brand that has it. */
async function use(
  template: string,
  { files, code }: Omit<Plant, 'about'>,
): Promise<readonly string[]> {
  const bundle = await published(template);
  const changed = new Map(bundle.files);
  for (const [path, text] of Object.entries(files))
    if (text === null) changed.delete(path);
    else changed.set(path, Buffer.from(text));
  const made = code === undefined ? bundle.code : code && new Map(Object.entries(code));
  // Their hash is right where it can be; `bundleOf` itself refuses what leads out of the folder.
  const planted = tryBundle(template, changed, made) ?? { ...bundle, files: changed, code: made };
  await transaction(database.pool, (db) =>
    publishVersion(db, 'main', planted, { by: 'mallory', note: null, overlooked: 0 }),
  );
  const versions = openVersions(database.pool, deployment);
  const ends: string[] = [];
  for (const brand of ['juniper'] as const) {
    try {
      const load = await versions.load({ template, hash: planted.hash, brand });
      const set = {
        compiled: (_: string, __: string, locale: string) => {
          const compiled = load(locale);
          return { ...compiled, render: (view: View) => compiled.render(view) };
        },
      };
      sampleMail({ set, brands: deployment.brands }, { template, brand, locale: 'en' });
      ends.push('used');
    } catch (error) {
      const known = error instanceof Error && 'code' in error;
      ends.push(known ? `${error.name} ${String(error.code)}` : String(error));
    }
  }
  return ends;
}

function tryBundle(...given: Parameters<typeof bundleOf>): Bundle | undefined {
  try {
    return bundleOf(...given);
  } catch {
    return undefined;
  }
}

/** Everything below these folders. */
async function filesBelow(...folders: readonly string[]): Promise<string[]> {
  const names = await Promise.all(
    folders.map(async (folder) =>
      existsSync(folder)
        ? (await readdir(folder, { recursive: true })).map((name) => join(folder, name))
        : [],
    ),
  );
  return names.flat().toSorted();
}

const refusals = new Set([
  'used',
  'TemporaryError version-unloadable',
  'PermanentError bad-text',
  'PermanentError render-failed',
]);

const extras = (): Readonly<Record<string, string>> => {
  const run = program();
  const module = `${run}; export default () => ${run}; export const t = { name: 'address-confirmation', schema: {} };`;
  return Object.fromEntries(
    [
      'address-confirmation/template.ts',
      'address-confirmation/template.js',
      'address-confirmation/body.tsx',
      'address-confirmation/body.js',
      'address-confirmation/body.mjs',
      'address-confirmation/index.js',
      'address-confirmation/package.json',
      'package.json',
      'index.ts',
      'node_modules/zod/index.js',
      'src/core/errors.ts',
      'blocks/shipped.tsx',
      'brands/juniper/programme.json',
      'brands/juniper/brand.ts',
      'address-confirmation/.mjmlconfig',
      '.mjmlconfig.js',
      'address-confirmation/locales/__proto__',
      'address-confirmation/locales/en.json/x',
      '__proto__',
      'constructor',
      '__proto__/polluted.mjml',
      'address-confirmation/__proto__.mjml',
      'brands/__proto__/brand.json',
      'address-confirmation -> etc',
      'partials/con',
      'partials/a:b.mjml',
      'a\nb',
      ' ',
    ].map((path) => [path, module]),
  );
};

const templatesRoot = join(import.meta.dirname, '../templates');

const strays = [
  'address-confirmation/link.mjml -> ../../x',
  '../evil.mjs',
  '../../evil.mjs',
  '/tmp/evil.mjs',
  'address-confirmation/../../evil.mjs',
  './evil.mjs',
  'a//b',
  '..',
];

it('extra files with programs in them are never looked at, in versions of now and of before', async () => {
  const before = await filesBelow(ground, templatesRoot);
  const old = await use('address-confirmation', { files: extras(), code: null });
  expect([...old, ...(await use('address-confirmation', { files: extras() }))]).toEqual([
    'used',
    'used',
  ]);
  expect(marks()).toEqual([undefined, false]);
  expect(await filesBelow(ground, templatesRoot)).toEqual(before);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
}, 60_000);

it.each(strays)(
  'a path that leads elsewhere is refused, and nothing is written there: %s',
  async (path) => {
    for (const code of [undefined, null])
      for (const end of await use('address-confirmation', {
        files: { [path]: program() },
        ...(code === null && { code }),
      }))
        expect(end).toBe('TemporaryError version-unloadable');
    expect(existsSync('/tmp/evil.mjs')).toBe(false);
    expect(marks()).toEqual([undefined, false]);
  },
  60_000,
);

it('a React template runs the body of the deployment, whatever bodies a version brings', async () => {
  const body = `export default () => ${program()};`;
  const ends = await use('early-access', {
    files: {
      'early-access/body.tsx': body,
      'early-access/template.ts': body,
      'blocks/Footer.tsx': body,
    },
  });
  expect(ends.length).toBeGreaterThan(0);
  expect(new Set(ends)).toEqual(new Set(['used']));
  expect(marks()).toEqual([undefined, false]);
}, 60_000);

it(
  'what stands in a body, a text, words or a brand is never run',
  { timeout: 300_000 },
  async () => {
    const bundle = await published('address-confirmation');
    const text = (path: string) => bundle.files.get(path)?.toString() ?? '';
    const body = text('address-confirmation/body.mjml');
    const words: Record<string, unknown> = JSON.parse(text('address-confirmation/locales/en.json'));
    const brand: Record<string, unknown> = JSON.parse(text('brands/juniper/brand.json'));
    const run = program();
    const section = (inner: string) =>
      mjmlBody(`<mj-section><mj-column><mj-text>${inner}</mj-text></mj-column></mj-section>`)(body);
    const bodies = [
      section(breakouts().join(' ')),
      section(
        breakouts()
          .map((one) => `{{eq ${JSON.stringify(one)} 1}}`)
          .join(' '),
      ),
      ...[
        '{{constructor.constructor "x"}}',
        '{{#with (lookup this "constructor")}}{{#with (lookup this "constructor")}}{{this "x"}}{{/with}}{{/with}}',
        '{{__proto__.polluted}}',
        '{{helperMissing "x"}}',
        '{{out 1 0}}',
        '{{valueOf 1}}',
        '{{hasOwnProperty "x"}}',
        '{{toString 1}}',
        '{{> (lookup . "x")}}',
        '{{> ../../../../etc/passwd}}',
        '{{> __proto__}}',
        '{{> constructor}}',
        '{{@root.constructor}}',
        '{{{data}}}',
        `{{#> layout}}${run}{{/layout}}`,
        `{{* decorator}}`,
      ].map(section),
      ...[
        `<mj-include path="/etc/passwd" />`,
        `<mj-include path="file://${ground}/x.mjml" />`,
        `<mj-raw><script>${run}</script></mj-raw>`,
        `<mj-include path="../../../../../../etc/hostname" type="html" />`,
        `<mj-raw><%= ${run} %></mj-raw>`,
        `<mj-raw>\${${run}}</mj-raw>`,
      ].map((one) => mjmlBody(one)(body)),
    ];
    const plants: Plant[] = [
      ...bodies.map((one) => ({ about: 'body', files: { 'address-confirmation/body.mjml': one } })),
      ...[run, `\`;${run};//`, `"]+${run}+["`, `\u2028${run}`].flatMap((one) => [
        { about: 'text', files: { 'address-confirmation/text.hbs': `Hello ${one}\n` } },
        {
          about: 'words',
          files: {
            'address-confirmation/locales/en.json': JSON.stringify({ ...words, subject: one }),
          },
        },
        { about: 'not JSON', files: { 'address-confirmation/locales/en.json': one } },
        {
          about: 'brand',
          files: {
            'brands/juniper/brand.json': JSON.stringify({
              ...brand,
              name: one,
              font: one,
              siteUrl: one,
            }),
          },
        },
        {
          about: 'colours',
          files: {
            'brands/juniper/brand.json': text('brands/juniper/brand.json').replaceAll(
              /"#[0-9a-f]{6}"/gi,
              JSON.stringify(one),
            ),
          },
        },
      ]),
      {
        about: 'prototype',
        files: {
          'address-confirmation/locales/en.json': `{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},${JSON.stringify(words).slice(1)}`,
        },
      },
      {
        about: 'prototype of a brand',
        files: {
          'brands/juniper/brand.json': `{"__proto__":{"polluted":"yes"},${JSON.stringify(brand).slice(1)}`,
        },
      },
      {
        about: 'code of no sense',
        files: {},
        code: { __proto__: 'x', constructor: run, '../x': run },
      },
    ];
    const ends = new Map<string, number>();
    for (const { about, ...plant } of plants)
      for (const end of await use('address-confirmation', plant)) {
        expect
          .soft(refusals.has(end), `${about}: ${end} ${JSON.stringify(plant.files).slice(0, 300)}`)
          .toBe(true);
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
    expect(plants.length).toBeGreaterThan(40);
    // Both happen: what is refused, and what is shown as the text that it is.
    expect([...ends.keys()]).toEqual(
      expect.arrayContaining(['used', 'TemporaryError version-unloadable']),
    );
    expect(marks()).toEqual([undefined, false]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect((await filesBelow(ground)).map((file) => relative(ground, file))).toEqual([]);
  },
);

it('and the mark would be seen: the same program, run', async () => {
  await mkdir(join(ground, 'seen'));
  await writeFile(join(ground, 'seen/x.mjs'), `import 'node:fs';\n${program()};`);
  expect(spawnSync(process.execPath, [join(ground, 'seen/x.mjs')]).status).toBe(0);
  expect(marks()).toEqual([undefined, 'getBuiltinModule' in process]);
});
