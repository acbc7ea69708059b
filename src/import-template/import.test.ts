import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { samples } from '../../test/fixtures-import/samples.ts';
import { brandFiles, folderWith } from '../../test/fixtures-render/folder.ts';
import { testFolder } from '../../test/folder.ts';
import { checkTemplates } from '../check/run.ts';
import type { Template } from '../contract/template.ts';
import { registered } from './folder.ts';
import { importTemplate } from './import.ts';
import { personaFor, withPersona } from './persona.ts';

const project = new URL('../..', import.meta.url).pathname;
const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'schema' in value;

/** Imports into a project of one brand, loads what was written and checks it. */
async function imported(source: string, kind: 'mjml' | 'html') {
  const result = importTemplate({
    name: 'from-elsewhere',
    file: `theirs.${kind}`,
    source,
    kind,
    beside: () => undefined,
    locales: ['en'],
    brands: ['roast'],
  });
  const files = Object.fromEntries(
    [...result.files].map(([file, content]) => [
      file,
      content
        .replaceAll("'../../src/", `'${project}src/`)
        .replaceAll("'../fields.ts'", `'${project}templates/fields.ts'`)
        .replaceAll("'zod'", `'${import.meta.resolve('zod')}'`),
    ]),
  );
  const brands = Object.fromEntries(
    Object.entries(brandFiles).map(([file, content]) => [`templates/${file}`, content]),
  );
  const root = await folderWith({ ...brands, ...files });
  const module: unknown = await import(
    /* @vite-ignore */ pathToFileURL(`${root}/templates/from-elsewhere/template.ts`).href
  );
  const definition = Object.values(module ?? {}).find(isTemplate);
  if (!definition) throw new Error('template.ts exports no template');
  const report = await checkTemplates({
    root: `${root}/templates`,
    folder: testFolder,
    definitions: [definition],
  });
  return { ...result, ...report };
}

it.each(Object.entries(samples))(
  '%s loads, renders and passes the checks',
  async (_, { kind, source, says, never }) => {
    const { findings, mails, files } = await imported(source, kind);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(mails).toBeGreaterThan(0);
    const all = [...files.values()].join('\n');
    for (const one of says) expect(all).toContain(one);
    for (const one of never ?? []) expect(all).not.toContain(one);
  },
);

/** What is told of a body, by file and line. */
const toldOf = (source: string, kind: 'mjml' | 'html' = 'html') =>
  importTemplate({
    name: 'x',
    file: `theirs.${kind}`,
    kind,
    source,
    beside: () => undefined,
    locales: ['en', 'de'],
    brands: [],
  });

const told = (line: number, what: string) =>
  expect.stringMatching(new RegExp(`^theirs\\.html:${line}: .*${what}`));

it('says what it changed and what needs a person: file, line and what to write instead', () => {
  const { changed, open } = toldOf(`<p style="color:{{shade}}">
{{{html}}} {{formatDate at "MM"}}
{{shout name}} {{> nowhere}} {{#page 3}}{{x}}{{/page}}
<style>.a { color: {{shade}} }</style> *|CURRENT_YEAR|* {{#each things}}{{/each}}{{/if}}
<a href="{{shout url}}/x">x</a> {{#orders}}{{id}}{{/orders}}</p>`);
  expect(changed).toContain('fields are read from the message’s data: {{name}} is {{data.name}}');
  expect(open).toEqual(
    expect.arrayContaining([
      told(1, 'style="color:\\{\\{shade\\}\\}" is left out: .*ask for it'),
      told(2, '\\{\\{\\{html\\}\\}\\} puts html into the mail unescaped'),
      told(
        3,
        'shout name\\}\\} is left out, for there is no helper shout.*send what it would give',
      ),
      told(3, 'nowhere\\}\\} names a partial that wasn’t found'),
      told(3, '#page 3\\}\\} is left out, for there is no \\{\\{#page'),
      told(4, 'shade\\}\\} is left out of the style sheet: colours are brand tokens'),
      told(4, 'CURRENT_YEAR\\|\\* is left out: send the year as a field'),
      told(4, '/if\\}\\} closes nothing'),
      told(5, 'shout url\\}\\} in an address'),
      told(5, '#orders\\}\\} is read as \\{\\{#each'),
      expect.stringMatching(/translate locales/),
    ]),
  );
});

it('tells columns MJML has to count, and what it can’t include', () => {
  const { open, files } = toldOf(
    `<mjml><mj-body><mj-include path="./gone.mjml" />
<mj-section background-color="{{theme}}">{{#each boxes}}<mj-column><mj-text>{{t}}</mj-text></mj-column>{{/each}}</mj-section></mj-body></mjml>`,
    'mjml',
  );
  expect([...files.values()].join('\n')).toContain('.max(12)');
  expect(open[0]).toMatch(
    /^theirs\.mjml:1: <mj-include path="\.\/gone\.mjml" \/> is left out: the file isn’t there/,
  );
  expect(open[1]).toMatch(/^theirs\.mjml:2: background-color="\{\{theme\}\}" is left out/);
});

it('takes an example of the data for what it is', () => {
  const { inferred } = importTemplate({
    name: 'x',
    file: 'theirs.html',
    kind: 'html',
    source: '{{#each lines}}{{a}}{{/each}}{{#is_new}}x{{/is_new}}{{#who}}{{name}}{{/who}}{{total}}',
    beside: () => undefined,
    locales: ['en'],
    brands: [],
    data: {
      lines: [{ a: 1 }, { a: 2, b: 'x' }],
      is_new: true,
      who: { name: 'Ana' },
      total: '€5',
      at: 'x',
    },
  });
  expect(inferred).toEqual([
    'texts: lines[].b, who.name, total, at',
    'numbers: lines[].a',
    'yes or no: is_new',
    'lists: lines',
    'may be left out: lines[].b, is_new, who',
    'text part: made of the html, with its conditions',
  ]);
});

it('adds a persona once', () => {
  const persona = personaFor('order-note', { customer: { first_name: 'Bo' } });
  expect(persona).toMatchObject({ id: 'order-note-reader', name: 'Bo', memberId: null });
  const once = withPersona('[]', persona);
  expect(withPersona(once, persona)).toBe(once);
});

it('adds its line to the registry, once', () => {
  const registry = `import { a } from './a/template.ts';\n\nexport const templates = [\n  a,\n];\n`;
  const once = registered(registry, 'my-note');
  expect(once).toBe(
    `import { a } from './a/template.ts';\nimport { myNote } from './my-note/template.ts';\n\nexport const templates = [\n  a,\n  myNote,\n];\n`,
  );
  expect(registered(once, 'my-note')).toBe(once);
});
