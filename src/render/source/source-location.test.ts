import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  brandFiles,
  folderWith,
  loadNote,
  mjml,
  mjmlText,
  note,
  viewOf,
} from '../../../test/fixtures-render/folder.ts';
import { loadTemplates, type TemplateSet } from '../load.ts';
import { loadBrands } from '../voice/brand-files.ts';
import { locationInStack } from './source-location.ts';

const column = (html: string) =>
  `<mj-section><mj-column><mj-text>\n  ${html}\n</mj-text></mj-column></mj-section>`;
const fine = mjmlText('fine');

const failure = (set: TemplateSet, data: Record<string, unknown>, name = 'note') => {
  try {
    set
      .compiled(name, 'roast', 'en')
      .render(viewOf({ data, blocks: { pointsBanner: { usablePoints: 'many' } } }));
    return 'it was rendered';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('what fails for one person’s data names the line and column its author wrote', () => {
  it.each<[string, Record<string, string>, Record<string, unknown>, string]>([
    [
      'a helper in an MJML template',
      { 'note/body.mjml': mjml(column('Total: {{money data.total "EUR"}}')) },
      { total: 'much' },
      'note/body.mjml:5:10 {{money data.total "EUR"}}: ',
    ],
    [
      'a value that can’t be shown',
      { 'note/body.mjml': mjml(column('{{data.total}} {{data.more}}')) },
      { more: Number.NaN },
      'note/body.mjml:5:18 {{data.more}} is NaN',
    ],
    [
      'a helper in a condition',
      { 'note/body.mjml': mjml(column('{{#if data.x}}{{else if (points data.n)}}y{{/if}}')) },
      { n: 'many' },
      'note/body.mjml:5:17 {{else if (points data.n)}}: ',
    ],
    [
      'in a loop',
      { 'note/body.mjml': mjml(column('{{#each data.items}}{{number price}};{{/each}}')) },
      { items: [{ price: 1 }, { price: null }] },
      'note/body.mjml:5:23 {{number price}}: ',
    ],
    [
      'in a condition that MJML calculates with',
      {
        'note/body.mjml': mjml(
          `<mj-section>\n{{#if data.wide}}<mj-column><mj-text>{{number data.n}}</mj-text></mj-column>{{/if}}<mj-column><mj-text>x</mj-text></mj-column></mj-section>`,
        ),
      },
      { wide: true, n: 'x' },
      'note/body.mjml:5:38 {{number data.n}}: ',
    ],
    [
      'around the whole of the body',
      {
        'note/body.mjml': `<mjml><mj-head>{{> head}}</mj-head>\n<mj-body {{#if (points data.n)}}width="800px"{{/if}}>${column('x')}</mj-body></mjml>`,
      },
      { n: 'x' },
      'note/body.mjml:2:10 {{#if (points data.n)}}: ',
    ],
    [
      'in a partial',
      {
        'note/body.mjml': mjml('\n{{> total}}'),
        'partials/total.mjml': `\n${column('{{points data.n}}')}`,
      },
      { n: 'x' },
      'partials/total.mjml:3:3 {{points data.n}}: ',
    ],
    [
      'in a component',
      {
        'note/body.mjml': mjml(`\n<laurel-total />${column('x')}`),
        'partials/total.mjml': `\n${column('{{points data.n}}')}`,
      },
      { n: 'x' },
      'partials/total.mjml:3:3 {{points data.n}}: ',
    ],
    [
      'in a component with slots, on the line where it is used',
      {
        'note/body.mjml': mjml(`\n<laurel-total of="{{points data.n}}" />`),
        'partials/total.mjml': column('[[@of]]'),
      },
      { n: 'x' },
      'note/body.mjml:5 {{points data.n}}: ',
    ],
    [
      'in an html template',
      { 'note/body.html': '<html><body>\n<p>{{points data.n}}</p></body></html>' },
      { n: 'x' },
      'note/body.html:2:4 {{points data.n}}: ',
    ],
    [
      'in text.hbs',
      { 'note/body.mjml': fine, 'note/text.hbs': 'Hello\n\nYou have {{points data.n}}\n' },
      { n: 'x' },
      'note/text.hbs:3:10 {{points data.n}}: ',
    ],
    [
      'in a text of a template, and where that is written',
      {
        'note/body.mjml': mjml(column('{{t "total" n=data.n}}')),
        'note/locales/en.json': '{"subject": "a",\n "preheader": "b",\n "total": "{n, number}"}',
      },
      { n: 'x' },
      'note/body.mjml:5:3 {{t "total" n=data.n}}: text "total" (note/locales/en.json:3) needs a number',
    ],
    [
      'in the subject',
      {
        'note/body.mjml': fine,
        'note/locales/en.json': '{"preheader": "b",\n "subject": "{topic, number}"}',
      },
      {},
      'text "subject" (note/locales/en.json:2) needs a number for {topic}',
    ],
  ])('%s', async (_, files, data, expected) => {
    expect(failure(await loadNote(files), data)).toContain(`template "note": ${expected}`);
  });

  it('in a block’s look, in html and in text', async () => {
    const look = '{{points usablePoints}}';
    const body = { 'note/body.mjml': mjml('{{> points-banner}}') };
    const files = {
      'blocks/points-banner.mjml': `\n${column(look)}`,
      'blocks/points-banner.text.hbs': `\n${look}`,
    };
    const blocks = ['points-banner'];
    const html = await loadNote({ ...body, ...files }, { blocks });
    expect(failure(html, {})).toContain('blocks/points-banner.mjml:3:3 {{points usablePoints}}: ');
    const plain = { ...files, 'blocks/points-banner.mjml': column('x') };
    const text = await loadNote(
      { ...body, ...plain, 'note/text.hbs': '{{> points-banner}}' },
      { blocks },
    );
    expect(failure(text, {})).toContain('blocks/points-banner.text.hbs:2:1 {{points');
  });

  it('a React component, also one only React itself renders', async () => {
    const root = join(import.meta.dirname, '../../../test/fixtures-render/react');
    const set = await loadTemplates({
      root,
      definitions: ['broken', 'hooked'].map((name) => ({ ...note(), name })),
      brands: await loadBrands(await folderWith(brandFiles)),
    });
    expect(failure(set, {}, 'broken')).toMatch(
      /^template "broken": broken\/body\.tsx:2:\d+: no such luck$/,
    );
    expect(failure(set, { words: 42 }, 'hooked')).toMatch(
      /^template "hooked": hooked\/body\.tsx:15:\d+: .*toUpperCase is not a function$/,
    );
  });
});

const of = (stack: string, root: string) =>
  locationInStack(Object.assign(new Error('x'), { stack: `Error: x\n${stack}` }), root);

it('a stack is read whatever runs the program: sources, build, an address with a version', () => {
  const inner = '    at escape (/srv/laurel/src/render/escape.ts:3:1)\n';
  expect(
    of(
      `${inner}    at Body (file:///srv/laurel/templates/a/body.tsx?v=12:7:9)`,
      '/srv/laurel/templates',
    ),
  ).toEqual({ file: 'a/body.tsx', line: 7, column: 9 });
  expect(
    of(`${inner}    at /srv/laurel/templates/a/body.tsx:7:9`, '/srv/laurel/dist/templates'),
  ).toEqual({ file: 'a/body.tsx', line: 7, column: 9 });
  expect(
    of(
      `${inner}    at Body (file:///srv/laurel/dist/templates/a/body.js:1:2)`,
      '/srv/laurel/dist/templates',
    ),
  ).toEqual({ file: 'a/body.js', line: 1, column: 2 });
  expect(of(inner, '/srv/laurel/templates')).toBeUndefined();
});
