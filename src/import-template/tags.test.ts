import { expect, it } from 'vitest';

import { theirHandlebars } from '../../test/fixtures-import/reference.ts';
import { importTemplate } from './import.ts';

const importing = (source: string, kind: 'html' | 'mjml' = 'html') => {
  const { files, changed, open } = importTemplate({
    name: 'x',
    file: `theirs.${kind}`,
    kind,
    source,
    beside: () => undefined,
    locales: ['en'],
    brands: [],
  });
  return { body: files.get(`templates/x/body.${kind}`) ?? '', changed, open };
};

/** What a reader sees, by Handlebars itself: the fields are those of the message's data. */
const seen = (source: string, data: object) =>
  theirHandlebars(
    source,
    new Map(),
    String,
  )({ ...data, data })
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();

const dialects: readonly (readonly [string, string, string, string])[] = [
  ['Handlebars', '{{#if vip}}', '{{else}}', '{{/if}}'],
  ['Mailchimp', '*|IF:VIP|*', '*|ELSE:|*', '*|END:IF|*'],
  ['Liquid', '{% if vip %}', '{% else %}', '{% endif %}'],
  ['Liquid without blanks', '{%- if vip -%}', '{%-else-%}', '{%-endif-%}'],
  ['EJS', '<% if (vip) { %>', '<% } else { %>', '<% } %>'],
  ['ERB', '<% if vip %>', '<% else %>', '<% end %>'],
];
const wrappings: readonly (readonly [string, string])[] = [
  ['<!-- ', ' -->'],
  ['<!--', '-->'],
  ['<!--\n  ', '\n-->'],
  ['<!-- begin: ', ' (for the shop) -->'],
  ['<!--\t', '\t--!>'],
];

it.each(
  dialects.flatMap((dialect) => wrappings.map((wrapping) => [...dialect, ...wrapping] as const)),
)(
  'R1: a condition in comments holds: %s %s %s %s in %j %j',
  (_, start, otherwise, end, before, after) => {
    const tag = (one: string) => `${before}${one}${after}`;
    const source = `<p>A</p>${tag(start)}<p>20 % for you</p>${tag(otherwise)}<p>Hello</p>${tag(end)}<p>Z</p>`;
    const { body, changed } = importing(source);
    expect(seen(body, { vip: true })).toBe('A 20 % for you Z');
    expect(seen(body, { vip: false })).toBe('A Hello Z');
    expect(changed.filter((one) => one.includes('stood in a comment'))).toHaveLength(3);
  },
);

it.each([
  ['[[#if vip]]', '[[else]]', '[[/if]]'],
  ['[[ if vip ]]', '[[ else ]]', '[[ end ]]'],
  ['<?php if ($vip): ?>', '<?php else: ?>', '<?php endif; ?>'],
  ['{% case vip %}', '{% when "x" %}', '{% endcase %}'],
])('R1: what isn’t read is told with its line, in comments, too: %s', (...tags) => {
  for (const wrap of [(tag: string) => tag, (tag: string) => `<!-- ${tag} -->`]) {
    const { open, body } = importing(tags.map((tag) => `${wrap(tag)}\n<p>x</p>`).join('\n'));
    expect(body).not.toMatch(/vip|endif/);
    for (const [at, tag] of tags.entries())
      expect(open).toContainEqual(
        expect.stringContaining(`theirs.html:${1 + 2 * at}: ${tag} is left out`),
      );
  }
});

it('R1: conditions for Outlook, and what looks like a comment and is none, stay with what is in them', () => {
  const source = [
    '<!--[if mso]><p>{{a}}</p><![endif]-->',
    '<!--[if !mso]><!--><p>{{#if b}}{{b}}{{/if}}</p><!--<![endif]-->',
    '<!--[if !mso]><!-- --><p>{{c}}</p><!-- <![endif]-->',
    '<!--><p>{{d}}</p><!-- {{e}} -->',
  ].join('\n');
  const { body, open } = importing(source);
  for (const name of ['a', 'b', 'c', 'd']) expect(body).toContain(`{{data.${name}}}`);
  expect(body).not.toContain('data.e');
  expect(open).toContainEqual(
    'theirs.html:4: {{e}} is left out with the comment it stands in, which nobody sees',
  );
});

it('R1: what begins and ends in one comment is seen by nobody; what begins in one ends in another, nested', () => {
  const source = `<!-- {{#if a}}{{x}}{{else}}{{y}}{{/if}} {{#each list}} -->
<b>{{n}}</b><!-- {{#if a}} --><i>!</i><!-- {{else if b}} --><u>?</u><!-- {{/if}}{{/each}} {{#unless a}} --> none <!-- {{/unless}} -->`;
  const { body, open } = importing(source);
  const theirs = (data: object) => seen(source.replaceAll(/\{\{(?=[xy]\}\})/g, '{{'), data);
  for (const data of [
    { a: true, b: false, list: [{ n: 1, a: true }, { n: 2, b: true }, { n: 3 }] },
    { a: false, list: [] },
  ])
    expect(seen(body, data)).toBe(theirs(data));
  for (const tag of ['{{#if a}}', '{{x}}', '{{else}}', '{{y}}', '{{/if}}'])
    expect(open).toContainEqual(
      `theirs.html:1: ${tag} is left out with the comment it stands in, which nobody sees`,
    );
});

const section = (words: string) =>
  `<mj-section><mj-column><mj-text>${words}</mj-text></mj-column></mj-section>`;

it('R1: in MJML, around sections and within columns', () => {
  const { body } = importing(
    `<mjml><mj-body><!-- {{#if vip}} -->${section('V')}<!-- {{else}} -->${section('G')}<!-- {{/if}} --></mj-body></mjml>`,
    'mjml',
  );
  expect(body).toContain('{{#if data.vip}}<mj-section>');
  expect(body).toContain('{{else}}<mj-section>');
});

it.each([
  [
    '{{#files}}<ul>{{#each .}}<li>{{name}} {{../../title}}</li>{{/each}}</ul>{{/files}}{{^files}}none{{/files}}',
  ],
  ['{{#order.files}}{{#each this}}{{name}}{{#if last}}.{{else}}, {{/if}}{{/each}}{{/order.files}}'],
  [
    '{{#files}}{{#if title}}!{{/if}}{{#each .}}{{#tags}}{{#each .}}[{{.}}]{{/each}}{{/tags}}{{/each}}{{/files}}',
  ],
])('R9: a section that opens a list around its loop is one loop: %s', (source) => {
  const { body } = importing(source);
  // As Postmark documents it: a section opens what it names, and only each loops.
  const opened = source
    .replaceAll(/\{\{#([\w.]*(?:files|tags))\}\}/g, '{{#with $1}}')
    .replaceAll(/\{\{\/([\w.]*(?:files|tags))\}\}/g, '{{/with}}')
    .replace('{{^files}}none{{/with}}', '{{#unless files}}none{{/unless}}');
  const list = [
    { name: 'a', last: false, tags: ['x', 'y'] },
    { name: 'b', last: true, tags: [] },
  ];
  expect(seen(body, { title: 'T', files: list, order: { files: list } })).not.toBe('');
  for (const files of [list, []]) {
    const data = { title: 'T', files, order: { files } };
    expect(seen(body, data)).toBe(seen(opened, data));
  }
});
