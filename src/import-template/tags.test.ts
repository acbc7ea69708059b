import * as fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { expect, it } from 'vitest';

import { theirMustachio } from '../../test/fixtures-import/mustachio.ts';
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
  ['{% ifchanged vip %}', '{% tablerow %}', '{% endifchanged %}'],
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

it.each([
  ['%%[if @vip then]%%', '%%first_name%%'],
  ['<#if vip>', '${user.name}'],
  ['[% IF vip %]', '[% name %]'],
  ['#if($vip)', '$!{name}'],
  ['{if $vip}', '{$name}'],
  ['@if (Model.Vip) {', '@Model.Name'],
  ['<!-- ko if: vip -->', '#{name}'],
  ['<!--#if expr="vip" -->', '@@name@@'],
])('R1: of other languages nothing goes to everybody untold: %s, %s', (condition, value) => {
  const { open } = importing(
    `<style>p{color:red}</style>\n${condition}\n<p>20 % for ${value}</p><p>{{name}}</p>`,
  );
  const told = open.filter((one) => one.includes('isn’t read'));
  expect(told).toHaveLength(2);
  expect(told[0]).toContain(`theirs.html:2: ${condition}`);
  expect(told[1]).toContain(`theirs.html:3: ${value}`);
});

it('R1: nor in attributes', () => {
  const { open } = importing(
    '<p\n th:if="a">x</p><p v-if="a">x</p><p ng-repeat="a in b" x-show="a">x</p><a href="{url}">x</a>',
  );
  expect(
    open.filter((one) => one.includes('isn’t read')).map((one) => one.split(' is ')[0]),
  ).toEqual([
    'theirs.html:2: th:if',
    'theirs.html:2: v-if',
    'theirs.html:2: ng-repeat',
    'theirs.html:2: x-show',
    'theirs.html:2: {url}',
  ]);
});

it('R1: what people write is none of it', () => {
  const { open } = importing(
    '<style>@media screen{p{color:red}}</style><!-- {a} ${b} --><!--[if mso]><p>x</p><![endif]--><p style="width:50%">5% of $5 #end @if we {{#if a}}{{b}}{{/if}}: 100%% #1 {1} $ {} a||b</p><script>var a = {b: ${c}}</script>',
  );
  expect(open.filter((one) => one.includes('isn’t read'))).toEqual([]);
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

/** What a reader sees of what Postmark's engine makes. */
const seenThere = (source: string, data: object) =>
  theirMustachio(source, data)
    .replace(/<[^>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();

it.each([
  '{{#files}}<ul>{{#each . }}<li>{{name}} {{../../title}}</li>{{/each}}</ul>{{/files}}{{^files}}none{{/files}}',
  '{{#order.files}}{{#each .}}{{name}} of {{../../id}}, {{/each}}{{/order.files}}',
  '{{#each order.files}}{{name}} of {{../../id}} in {{../../../title}}, {{/each}}{{#title}}!{{/title}}',
  '{{#files}}{{#title}}!{{/title}}{{#each .}}{{#tags}}{{#each .}}[{{.}} of {{../../name}}]{{/each}}{{/tags}}{{/each}}{{/files}}',
  '{{#order}}{{^discount}}none on {{../id}}{{/discount}}{{#discount}}{{code}} on {{../id}} of {{../../title}}{{/discount}}{{/order}}',
  '{{#each files}}{{#is_last}}{{../name}} is the last of {{../../../title}}{{/is_last}}{{^is_last}}{{../name}}, {{/is_last}}{{/each}}',
])('R9: sections mean what Postmark’s engine makes of them: %s', (source) => {
  const { body } = importing(source);
  const list = [
    { name: 'a', is_last: false, tags: ['x', 'y'] },
    { name: 'b', is_last: true, tags: [] },
  ];
  for (const files of [list, []])
    for (const discount of [{ code: 'C' }, null]) {
      const data = { title: 'T', files, order: { id: 7, files, discount } };
      expect(seen(body, data)).toBe(seenThere(source, data));
    }
});

type Shape = { readonly [name: string]: 'text' | 'flag' | Shape | readonly [Shape] };
const person: Shape = { name: 'text', is_new: 'flag', home: { city: 'text', zip: 'text' } };
const shop: Shape = {
  title: 'text',
  is_open: 'flag',
  owner: person,
  files: [{ name: 'text', is_last: 'flag', author: person, parts: [{ code: 'text' }] }],
};
/** What stands further out, as Postmark counts it: null is what has no names. */
type Out = readonly (Shape | null)[];
const isShape = (value: Shape[string] | undefined): value is Shape =>
  typeof value === 'object' && !Array.isArray(value);

/** Templates in Postmark's words, of names that lead somewhere. */
function template(out: Out, depth: number): fc.Arbitrary<string> {
  const said = out.flatMap((shape, at) => {
    const up = '../'.repeat(out.length - 1 - at);
    return Object.entries(shape ?? {}).map(([name, of]) => ({ up, shape, name, of }));
  });
  // Handlebars takes what is opened once more within itself for no step.
  const innermost = out.findLast((one) => one !== null);
  type Piece = () => fc.Arbitrary<string>;
  const pieces = said.flatMap(({ up, shape, name, of }): Piece[] => {
    const path = up + name;
    const outer = out.slice(0, out.length - up.length / 3);
    if (of === 'text') return [() => fc.constant(`<b>{{${path}}}</b>`)];
    if (depth === 0) return [];
    const block = (opening: string, closing: string, ...more: Out): Piece => {
      const within = [...outer, ...more];
      return () =>
        template(within, depth - 1).map((inner) => `<i>${opening}+${inner}${closing}</i>`);
    };
    const entered = (at: string, ...more: Out) => block(`{{#${at}}}`, `{{/${at}}}`, ...more);
    const not = block(`{{^${path}}}`, `{{/${path}}}`, null);
    if (of === 'flag') return [not, entered(path, null)];
    if (isShape(of))
      return [
        not,
        ...(of === innermost ? [] : [entered(path, of)]),
        ...Object.entries(of).flatMap(([inner, deep]) =>
          isShape(deep) && deep !== innermost ? [entered(`${path}.${inner}`, of, deep)] : [],
        ),
      ];
    const [item] = typeof of === 'string' ? [] : of;
    return shape === null || !item || item === innermost
      ? []
      : [
          not,
          block(`{{#each ${path}}}`, ',{{/each}}', null, item),
          block(`{{#${path}}}<u>{{#each .}}`, `;{{/each}}</u>{{/${path}}}`, null, item),
        ];
  });
  if (pieces.length === 0) return fc.constant('');
  // Made as they are drawn: all there are would be millions.
  const piece = fc.constantFrom(...pieces).chain((make) => make());
  return fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => all.join(''));
}

const valueOf = (of: Shape[string]): fc.Arbitrary<unknown> => {
  if (of === 'text') return fc.stringMatching(/^[a-z]{2,4}$/);
  if (of === 'flag') return fc.boolean();
  if (isShape(of))
    return fc.record(
      Object.fromEntries(Object.entries(of).map(([name, one]) => [name, valueOf(one)])),
    );
  const [item] = typeof of === 'string' ? [] : of;
  return item ? fc.array(valueOf(item), { maxLength: 3 }) : fc.constant(null);
};

it('R9: whatever is said in them, as deep as one likes', () => {
  let [tried, showing] = [0, 0];
  // A section says that it is Postmark's.
  const source = template([shop], 3).map((one) => `{{#is_open}}*{{/is_open}}${one}`);
  fc.assert(
    fc.property(source, valueOf(shop), (said, data) => {
      if (typeof data !== 'object' || data === null) throw new TypeError('no data');
      const { body } = importing(said);
      const expected = seenThere(said, data);
      tried += 1;
      if (expected.length > 4) showing += 1;
      expect(seen(body, data)).toBe(expected);
    }),
    { numRuns: 400, endOnFailure: true },
  );
  expect(tried).toBe(400);
  expect(showing).toBeGreaterThan(200);
});

const liquid = new Liquid();
const seenInLiquid = (source: string, data: object) =>
  String(liquid.parseAndRenderSync(source, data))
    .replace(/<[^>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
const rows = (names: readonly string[]) => names.map((name) => ({ name, tags: [{ name: 'x' }] }));

it.each([
  '{% for line in files %}{{ title }} {{ line.name }} {{ owner.name }} {% if is_open %}open{% endif %}{% endfor %}',
  '{% for a in files %}{% for b in a.tags %}{{ a.name }}{{ b.name }}{{ name }}{% endfor %}{% endfor %}',
  '{% for a in files %}{% if forloop.first %}first{% elsif forloop.last %}last{% endif %}{{ forloop.index0 }}{% unless forloop.last %}, {% endunless %}{% endfor %}',
  '{% case name %}{% when "a", "n" %}A{% when "b" or "c" %}B{% else %}other{% endcase %}',
  "{% for a in files %}{% case a.name %}{% when 'a' %}A{% when name %}its own{% endcase %}{% else %}none{% endfor %}",
  '{{- title -}} {% if name == "n" and is_open %}{{ name -}}{% endif %} {{ title }}',
  '{% if is_open %}{% for i in (1..1) %}once {% endfor %}{% if name %}{{ name }}{% endif %}{% endif %}',
])('R9: names mean what Liquid’s own engine makes of them: %s', (source) => {
  const { body } = importing(source);
  for (const files of [rows(['a', 'n', 'b']), rows(['n']), []])
    for (const is_open of [true, false]) {
      const data = { title: 'T', name: 'n', is_open, owner: { name: 'O' }, files };
      expect(seen(body, data)).toBe(seenInLiquid(source, data));
    }
});

it('R9: a choice that stands in comments holds', () => {
  const { body } = importing(
    '<!-- {% case tier %} --><!-- {% when "gold" %} --><p>Gold</p><!-- {% when "silver", "bronze" %} --><p>Metal</p><!-- {% else %} --><p>New</p><!-- {% endcase %} -->',
  );
  const read = (tier: string) => seen(body, { tier });
  expect(['gold', 'bronze', 'none'].map(read)).toEqual(['Gold', 'Metal', 'New']);
});

it('R9: what of a loop can’t be said is told, and its blocks still close one another', () => {
  const { body, open } = importing(
    '{% if a %}{% for i in range(3) %}x{% endfor %}{% for b in c limit:2 %}{{ forloop.index }}{{ b.d }}{% endfor %}{% endif %}[[e.f]]',
  );
  expect(body).toContain('{{#if data.a}}x{{#each data.c as |b|}}{{b.d}}{{/each}}{{/if}}');
  for (const said of ['{% for i in range(3) %} is left out', '{% endfor %} is left out'])
    expect(open).toContainEqual(expect.stringContaining(said));
  expect(open).toContainEqual(expect.stringMatching(/limit:2 is left out: all of the list/));
  expect(open).toContainEqual(expect.stringMatching(/forloop\.index \}\} is left out/));
  expect(open).toContainEqual(
    expect.stringMatching(/\[\[e\.f\]\] is of a language that isn’t read/),
  );
});

/** Templates in Liquid's words, within loops of these names over things with a name, a flag and tags. */
function liquidTemplate(loops: readonly string[], depth: number): fc.Arbitrary<string> {
  const heads = ['', 'owner.', ...loops.map((name) => `${name}.`)];
  const texts = heads.map((head) => `${head}name`);
  const flags = [
    ...heads.map((head) => `${head}is_new`),
    ...(loops.length > 0 ? ['forloop.first', 'forloop.last'] : []),
  ];
  const lists = ['tags', ...loops.map((name) => `${name}.tags`)];
  const value = fc.constantFrom(...texts).map((path) => `<b>{{ ${path} }}</b>`);
  if (depth === 0) return value;
  const inner = liquidTemplate(loops, depth - 1);
  // A loop's name may be that of one around it, or of a field.
  const loop = fc
    .constantFrom('a', 'b', 'owner')
    .chain((name) =>
      fc
        .tuple(
          fc.constantFrom(...lists),
          liquidTemplate([...loops.filter((one) => one !== name), name], depth - 1),
          inner,
        )
        .map(
          ([list, round, none]) =>
            `{% for ${name} in ${list} %}<i>${round}</i>{% else %}${none}{% endfor %}`,
        ),
    );
  const condition = fc
    .tuple(fc.constantFrom('if', 'unless'), fc.constantFrom(...flags), inner, inner)
    .map(
      ([word, flag, one, other]) => `{% ${word} ${flag} %}${one}{% else %}${other}{% end${word} %}`,
    );
  const choice = fc
    .tuple(fc.constantFrom(...texts), inner, inner)
    .map(
      ([path, one, two]) =>
        `{% case ${path} %}{% when "n1", 'n4' %}${one}{% when 'n2' %}2{% else %}${two}{% endcase %}`,
    );
  return fc
    .array(fc.oneof(value, loop, condition, choice), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(' '));
}

const named = { name: fc.constantFrom('n1', 'n2', 'n3'), is_new: fc.boolean() };
const tags = fc.array(
  fc.record({
    ...named,
    tags: fc.array(fc.record({ ...named, tags: fc.constant([]) }), { maxLength: 2 }),
  }),
  { maxLength: 3 },
);

it('R9: whatever is said in Liquid, as deep as one likes', () => {
  let [tried, showing] = [0, 0];
  fc.assert(
    fc.property(
      liquidTemplate([], 3),
      fc.record({ ...named, owner: fc.record({ ...named, tags }), tags }),
      (said, data) => {
        const source = `{% if is_new %}*{% endif %}${said}`;
        const expected = seenInLiquid(source, data);
        tried += 1;
        if (expected.length > 4) showing += 1;
        expect(seen(importing(source).body, data)).toBe(expected);
      },
    ),
    { numRuns: 400, endOnFailure: true },
  );
  expect(tried).toBe(400);
  expect(showing).toBeGreaterThan(200);
});
