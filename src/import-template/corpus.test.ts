import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, it, vi } from 'vitest';

import {
  theirHandlebars,
  theirMergeTags,
  theirMjml,
} from '../../test/fixtures-import/reference.ts';
import { documentTrees } from '../../test/fixtures-render/document-tree.ts';
import { brandFiles, folderWith, viewOf } from '../../test/fixtures-render/folder.ts';
import type { Template } from '../contract/template.ts';
import { loadTemplates } from '../render/load.ts';
import { loadBrands } from '../render/voice/brand-files.ts';
import { decode } from './decode.ts';
import { importTemplate } from './import.ts';

vi.mock('../render/remembered.ts', async (original) => ({
  ...(await original<object>()),
  remembered: (_kind: string, _of: unknown, make: () => unknown) => make(),
}));

const project = new URL('../..', import.meta.url).pathname;
const corpus = join(project, 'test', 'fixtures-import');
const unsubscribe = 'https://mail.example/u/1';

const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value;

type Data = Record<string, unknown>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null;

/** The datasets beside a template: as its producer sends them. */
function datasets(path: string): Data[] {
  const file = path.replace(/\.\w+$/, '.json');
  if (!existsSync(file)) return [{}];
  const all: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return Array.isArray(all) ? all.filter(isData) : [];
}

/** Imports a file as it is, without its data, and loads what was written. */
async function imported(path: string) {
  const kind = extname(path) === '.mjml' ? 'mjml' : 'html';
  const beside = (name: string) => {
    const found = join(path, '..', name);
    return existsSync(found) ? decode(readFileSync(found)).text : undefined;
  };
  const source = decode(readFileSync(path)).text;
  const result = importTemplate({
    name: 'from-elsewhere',
    file: basename(path),
    source,
    kind,
    beside,
    locales: ['en'],
    brands: ['roast'],
  });
  const written = [...result.files].map(([file, content]) => [
    file.replace(/^templates\//, ''),
    content
      .replaceAll("'../../src/", `'${project}src/`)
      .replaceAll("'../fields.ts'", `'${project}templates/fields.ts'`)
      .replaceAll("'zod'", `'${import.meta.resolve('zod')}'`),
  ]);
  const root = await folderWith({ ...brandFiles, ...Object.fromEntries(written) });
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(`${root}/from-elsewhere/template.ts`).href
  );
  const definition = Object.values(module ?? {}).find(isTemplate);
  if (!definition) throw new Error('template.ts exports no template');
  const set = await loadTemplates({
    root,
    definitions: [definition],
    brands: await loadBrands(root),
  });
  const compiled = set.compiled('from-elsewhere', 'roast', 'en');
  const render = (data: Data) =>
    compiled.render(
      viewOf({ data: definition.schema.parse(data), links: { unsubscribe, preferences: null } }),
    );
  return { ...result, source, beside, kind, render };
}

const longDate = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'Europe/Berlin',
});

/** The same template by its own tools. */
async function theirs(
  {
    source,
    beside,
    kind,
  }: Pick<Awaited<ReturnType<typeof imported>>, 'source' | 'beside' | 'kind'>,
  data: Data,
  subject: string,
  preheader: string,
): Promise<string> {
  const own = { unsubscribe, unsubscribe_url: unsubscribe, unsub: unsubscribe, ...data };
  const included = new Map(
    [...source.matchAll(/<mj-include path="\.\/([\w.-]+)"/g)].map(([, name = '']) => [
      name,
      beside(name) ?? '',
    ]),
  );
  const partials = new Map(
    [...source.matchAll(/\{\{>\s*(\w+)/g)].map(([, name = '']) => [
      name,
      beside(`partials/${name}.hbs`) ?? '',
    ]),
  );
  const merged = source.includes('*|')
    ? theirMergeTags(source, {
        'mc:subject': subject,
        mc_preview_text: preheader,
        'list:company': 'Roast & Co GmbH',
        ...own,
      })
    : theirHandlebars(
        [...included].reduce(
          (text, [name, piece]) => text.replace(`<mj-include path="./${name}" />`, () => piece),
          source
            .replace(/%recipient\.(\w+)%/g, '{{$1}}')
            .replaceAll('%unsubscribe_url%', '{{unsubscribe}}'),
        ),
        partials,
        (value) => longDate.format(new Date(String(value))),
      )(own);
  return kind === 'mjml' ? theirMjml(merged, included) : merged;
}

/** What a mail may not have, and addresses as browsers read them. */
const comparable = (html: string) =>
  documentTrees(
    html
      .replace(
        /<script\b[\s\S]*?<\/script>|<link\b[^>]*>|@import[^;]*;|@font-face\s*\{[^}]*\}/gi,
        '',
      )
      .replace(/ (?:on\w+|mc:\w+)="[^"]*"/gi, '')
      .replace(/<title>[\s\S]*?<\/title>/i, '')
      .replace(/(<style[\s\S]*?<\/style>)|\P{ASCII}/gu, (one, css: string | undefined) =>
        css === undefined
          ? `&#${one.codePointAt(0) ?? 0};`
          : css.replace(/\P{ASCII}/gu, (char) => `\\${(char.codePointAt(0) ?? 0).toString(16)} `),
      )
      .replace(
        /((?:href|src)=["']?)(https?:\/\/[^"'\s>]*)/gi,
        (_, name: string, address: string) => {
          const url = new URL(address.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
          return `${name}${url.href.replaceAll('&', '&amp;')}`;
        },
      ),
  );

const files = ['mjml', 'html'].flatMap((folder) =>
  readdirSync(join(corpus, folder))
    .filter((file) => /\.(mjml|html|hbs)$/.test(file) && !/-footer/.test(file))
    .map((file) => `${folder}/${file}`),
);
const samples = readdirSync(join(project, 'test/fixtures-render/mjml-samples')).map(
  (file) => `../fixtures-render/mjml-samples/${file}`,
);

it('tries what there is', () => {
  expect(files.length).toBeGreaterThan(10);
  expect(samples.length).toBeGreaterThan(10);
});

describe('a template from elsewhere, unmodified', () => {
  it.each([...files, ...samples])('%s comes out as its own tools make it', async (file) => {
    const path = join(corpus, file);
    const made = await imported(path);
    const all = datasets(path);
    expect(all.length).toBeGreaterThan(0);
    for (const data of all) {
      const { html, subject, preheader } = made.render(data);
      const reference = await theirs(made, data, subject, preheader);
      expect(comparable(html)).toEqual(comparable(reference));
    }
  });
});
