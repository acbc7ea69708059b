import * as fc from 'fast-check';

/*
 * Templates as authors write them, made up: conditions, loops and values wherever they may stand. A place is the
 * number of loops around it, for that is what names mean there. No html element is ever empty: where MJML looks for
 * elements in the html it made, it writes an empty one as <b/>, which is no html any more.
 */

type Template = fc.Arbitrary<string>;

const conditions: readonly (readonly string[])[] = [
  [
    'if data.a',
    'unless data.b',
    'if (eq data.kind "x")',
    'if data.word',
    'if (and data.a data.b)',
    'if (or (not data.a) (and data.b (gt data.items.length 1)))',
    'unless (lookup data.flags data.kind)',
    'if data.items.length includeZero=true',
  ],
  [
    'if wide',
    'unless note',
    'if @first',
    'if @last',
    'if ../data.a',
    'if @root.data.b',
    'if (gt @index 0)',
    'unless (or @last (not wide))',
    'if (lookup @root.data.flags @root.data.kind)',
    'if (eq (lookup this "name") ../data.word)',
  ],
  [
    'if this',
    'if ../wide',
    'unless @first',
    'if ../../data.b',
    'if (eq this "t1")',
    'if (and @last (not (eq this "t2")))',
    'if @../first',
    'unless (or @../last (gt @../index 0))',
    'if (eq @../index @index)',
  ],
];
const values: readonly (readonly string[])[] = [
  [
    'data.word',
    'data.first.name',
    'data.kind',
    'lookup data.labels data.kind',
    'data.items.length',
  ],
  [
    'name',
    '@index',
    'note',
    '../data.word',
    '@root.data.kind',
    'this.name',
    'lookup ../data.labels @root.data.kind',
  ],
  [
    'this',
    '../name',
    '@index',
    '../../data.word',
    'join this "-" @index',
    'join @../index "-" @../key',
  ],
];

const pick = (lists: readonly (readonly string[])[], place: number) =>
  fc.constantFrom(...(lists[place] ?? []));
const value = (place: number): Template =>
  fc.tuple(pick(values, place), braces).map(([name, written]) => written(name));

/** Braces that keep the white space around them, or do away with it on either side. */
const braces = fc.constantFrom(['', ''], ['', ''], ['', ''], ['~', ''], ['', '~'], ['~', '~']).map(
  ([before = '', after = '']) =>
    (inside: string) =>
      `{{${before}${inside}${after}}}`,
);

const joined = (part: Template, most: number, least = 1): Template =>
  fc.array(part, { minLength: least, maxLength: most }).map((parts) => parts.join('\n'));

/** Something, or something on a condition. */
function maybe(part: Template, place: number, weight = 2): Template {
  const condition = pick(conditions, place);
  return fc.oneof(
    { weight: 4, arbitrary: part },
    {
      weight,
      arbitrary: fc
        .tuple(
          condition,
          part,
          fc.option(part),
          fc.array(fc.tuple(condition, part), { maxLength: 2 }),
          braces,
        )
        .map(([test, then, otherwise, chain, written]) => {
          const [helper] = test.split(' ');
          const middle = chain
            .map(([other, made]) => `${written(`else ${other}`)}${made}`)
            .join('');
          const last = otherwise === null ? '' : `${written('else')}${otherwise}`;
          return `${written(`#${test}`)}${then}${middle}${last}${written(`/${helper ?? ''}`)}`;
        }),
    },
  );
}

/** The same by the names a loop gives its things and places. */
const byNames = (inner: string) =>
  inner
    .replaceAll('{{name}}', '{{one.name}}')
    .replaceAll('{{note}}', '{{one.note}}')
    .replaceAll('#if wide', '#if one.wide');

/** Something, or something once for each. */
function each(part: (place: number) => Template, place: number): Template {
  if (place > 1) return part(place);
  const list = ['data.items', 'tags'][place] ?? '';
  return fc.oneof(
    { weight: 5, arbitrary: part(place) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(part(place + 1), fc.option(part(place)), fc.boolean())
        .map(([inner, none, named]) => {
          const otherwise = none === null ? '' : `${named ? '{{^}}' : '{{else}}'}${none}`;
          return named && place === 0
            ? `{{#each ${list} as |one at|}}${byNames(inner)}${otherwise}{{/each}}`
            : `{{#each ${list}}}${inner}${otherwise}{{/each}}`;
        }),
    },
    ...(place === 0
      ? [
          {
            weight: 1,
            arbitrary: fc
              .tuple(part(1), fc.boolean())
              .map(([inner, named]) =>
                named
                  ? `{{#with data.first as |one|}}${inner.replaceAll('{{name}}', '{{one.name}}')}{{/with}}`
                  : `{{#with data.first}}${inner}{{/with}}`,
              ),
          },
        ]
      : []),
  );
}

/** ` name="value"`, now and then; its value or all of it may depend on a condition. */
function attribute(name: string, options: readonly string[], place: number): Template {
  const option = fc.constantFrom(...options);
  const whole = option.map((one) => ` ${name}="${one}"`);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 3, arbitrary: whole },
    {
      weight: 1,
      arbitrary: fc
        .tuple(pick(conditions, place), option, option)
        .map(
          ([test, a, b]) =>
            ` ${name}="{{#${test}}}${a}{{else}}${b}{{/${test.split(' ')[0] ?? ''}}}"`,
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(pick(conditions, place), whole)
        .map(([test, all]) => ` {{#${test}}}${all.trim()}{{/${test.split(' ')[0] ?? ''}}}`),
    },
  );
}

const attributes = (place: number, all: Readonly<Record<string, readonly string[]>>): Template =>
  fc
    .tuple(...Object.entries(all).map(([name, options]) => attribute(name, options, place)))
    .map((parts) => parts.join(''));

const paddings = ['0', '10px', '4px 12px', '1px 2px 3px 4px'];
const colours = ['#eeeeee', '#222', 'rgb(1,2,3)'];

function html(place: number): Template {
  const inline = fc.oneof(
    value(place),
    fc.constant('plain &amp; simple'),
    value(place).map((one) => `<b title="${one}">${one}.</b>`),
    attribute('style', ['color:red', 'color:#00f;padding:1px'], place).map(
      (style) => `<span${style}>s</span>`,
    ),
    fc.constant('<a href="{{link @root.data.url}}">link</a>'),
    fc.constant(
      '<i>{{#each @root.data.labels}}{{@key}}={{this}}{{#unless @last}}, {{/unless}}{{/each}}.</i>',
    ),
    fc.constant('x{{! a comment }}{{!-- {{another}} --}}y'),
    fc.constant('{{> bit}}'),
  );
  return fc.oneof(
    joined(maybe(inline, place, 3), 3),
    each((inner) => maybe(inline, inner), place).map((one) => `<p>- ${one}</p>`),
  );
}

const cell = (place: number): Template =>
  fc
    .tuple(attributes(place, { align: ['left', 'right'], class: ['x', 'y z'] }), html(place))
    .map(([all, inner]) => `<td${all}>- ${inner}</td>`);

const row = (place: number): Template =>
  fc
    .tuple(attributes(place, { title: ['one', 'two'] }), joined(maybe(cell(place), place), 2))
    .map(([all, cells]) => `<tr${all}><td>-</td>${cells}</tr>`);

function content(place: number): Template {
  return fc.oneof(
    fc
      .tuple(
        attributes(place, {
          'font-size': ['13px', '20px'],
          padding: paddings,
          align: ['center'],
          'mj-class': ['one', 'two', 'one two'],
        }),
        html(place),
      )
      .map(([all, inner]) => `<mj-text${all}>${inner}</mj-text>`),
    fc
      .tuple(
        attributes(place, {
          href: ['https://a.example/'],
          'background-color': colours,
          width: ['90px'],
        }),
        value(place),
      )
      .map(([all, inner]) => `<mj-button${all}>go ${inner}</mj-button>`),
    fc
      .tuple(
        attributes(place, {
          width: ['50px', '4000px'],
          padding: paddings,
          href: ['https://a.example/'],
        }),
        value(place),
      )
      .map(([all, alt]) => `<mj-image src="https://a.example/x.png" alt="${alt}"${all} />`),
    attributes(place, { 'border-width': ['1px', '4px'], width: ['50%', '100px'] }).map(
      (all) => `<mj-divider${all} />`,
    ),
    attributes(place, { height: ['5px', '50px'] }).map((all) => `<mj-spacer${all} />`),
    fc
      .tuple(
        attributes(place, { cellpadding: ['4'], 'font-size': ['11px'] }),
        joined(
          each((inner) => maybe(row(inner), inner), place),
          2,
        ),
      )
      .map(([all, rows]) => `<mj-table${all}>${rows}</mj-table>`),
    html(place).map((inner) => `<mj-raw><tr><td>- ${inner}</td></tr></mj-raw>`),
    fc
      .tuple(
        attributes(place, { mode: ['vertical', 'horizontal'], 'icon-size': ['30px'] }),
        joined(
          maybe(
            fc
              .tuple(fc.constantFrom('facebook', 'github'), value(place))
              .map(
                ([name, label]) =>
                  `<mj-social-element name="${name}" href="https://a.example/">${label}</mj-social-element>`,
              ),
            place,
          ),
          2,
        ),
      )
      .map(([all, inner]) => `<mj-social${all}>${inner}</mj-social>`),
    fc
      .tuple(
        attributes(place, { align: ['left'], ...(place === 0 && { hamburger: ['hamburger'] }) }),
        joined(
          maybe(
            value(place).map(
              (label) => `<mj-navbar-link href="https://a.example/">${label}</mj-navbar-link>`,
            ),
            place,
          ),
          2,
        ),
      )
      .map(([all, inner]) => `<mj-navbar${all}>${inner}</mj-navbar>`),
    fc
      .tuple(value(place), maybe(fc.constant('<mj-accordion-text>more</mj-accordion-text>'), place))
      .map(
        ([title, text]) =>
          `<mj-accordion><mj-accordion-element><mj-accordion-title>${title}</mj-accordion-title>${text}</mj-accordion-element></mj-accordion>`,
      ),
  );
}

const column = (place: number): Template =>
  fc
    .tuple(
      attributes(place, {
        width: ['50%', '30%', '120px'],
        padding: paddings,
        'background-color': colours,
        'border-radius': ['4px'],
        'css-class': ['one', 'one two'],
        'vertical-align': ['middle'],
        'mj-class': ['one', 'two'],
      }),
      joined(maybe(content(place), place), 2),
    )
    .map(([all, inner]) => `<mj-column${all}>${inner}</mj-column>`);

const group = (place: number): Template =>
  fc
    .tuple(
      attributes(place, { width: ['50%'], direction: ['rtl'] }),
      joined(maybe(column(place), place), 2),
    )
    .map(([all, inner]) => `<mj-group${all}>${inner}</mj-group>`);

/** Groups have no gutter: rules of MJML for one column's gutter would be read by a group's column, too, if to no effect. */
const section = (place: number): Template =>
  fc
    .tuple(
      attributes(place, {
        padding: paddings,
        'background-color': colours,
        'background-url': ['https://a.example/b.png'],
        direction: ['rtl'],
        'full-width': ['full-width'],
        'css-class': ['s', 's t'],
      }),
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .tuple(
              attribute('gutter', ['10px'], place),
              joined(
                each((inner) => maybe(column(inner), inner), place),
                3,
              ),
            )
            .map(([gutter, columns]) => `${gutter}>${columns}`),
        },
        {
          weight: 1,
          arbitrary: joined(fc.oneof(maybe(group(place), place), column(place)), 2).map(
            (columns) => `>${columns}`,
          ),
        },
      ),
    )
    .map(([all, rest]) => `<mj-section${all}${rest}</mj-section>`);

const wrapper = (place: number): Template =>
  fc
    .tuple(
      attributes(place, { padding: paddings, 'background-color': colours, gap: ['12px'] }),
      joined(maybe(section(place), place), 2),
    )
    .map(([all, inner]) => `<mj-wrapper${all}><!-- note -->${inner}</mj-wrapper>`);

const hero = (place: number): Template =>
  fc
    .tuple(
      attributes(place, {
        height: ['100px', '300px'],
        'background-color': colours,
        padding: paddings,
      }),
      joined(maybe(content(place), place), 2),
    )
    .map(([all, inner]) => `<mj-hero${all}>${inner}</mj-hero>`);

const seldom = (text: string, weight: number): Template =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant('') },
    { weight: weight * 4, arbitrary: fc.constant(text) },
    { weight, arbitrary: maybe(fc.constant(text), 0, 1) },
  );

const head: Template = fc
  .tuple(
    seldom(
      '<mj-attributes><mj-text color="#123456" /><mj-class name="one" padding="3px" /><mj-class name="two" color="#654321" width="40%"><mj-text align="right" /></mj-class></mj-attributes>',
      3,
    ),
    seldom('<mj-style>.x { color: green }{{#if data.a}}.y { color: blue }{{/if}}</mj-style>', 3),
    seldom(
      '<mj-style inline="inline">td.x { color: navy } .s b { letter-spacing: 1px }</mj-style>',
      1,
    ),
    seldom(
      '<mj-html-attributes><mj-selector path=".s td"><mj-html-attribute name="data-x">{{#if data.b}}1{{else}}2{{/if}}</mj-html-attribute></mj-selector></mj-html-attributes>',
      1,
    ),
    seldom('<mj-breakpoint width="320px" />', 1),
  )
  .map((parts) => parts.join('\n'));

/** A `body.mjml`, of names `templateData` has. */
export const mjmlTemplate: Template = fc
  .tuple(
    head,
    attributes(0, { width: ['500px'] }),
    joined(
      fc.oneof(
        { weight: 4, arbitrary: each((place) => maybe(section(place), place), 0) },
        { weight: 1, arbitrary: maybe(wrapper(0), 0) },
        { weight: 1, arbitrary: maybe(hero(0), 0) },
        {
          weight: 1,
          arbitrary: html(0).map(
            (inner) => `<mj-raw><div>- ${inner}</div></mj-raw>{{!-- {{between}} --}}`,
          ),
        },
      ),
      2,
    ),
  )
  .map(
    ([inHead, all, body]) =>
      `<mjml>\n<mj-head>{{> head}}${inHead}</mj-head>\n<mj-body${all}>\n${body}\n</mj-body>\n</mjml>`,
  );

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .map((text) => `x${text.replace(/[\s\p{C}]/gu, '')}`);
const item = fc.record(
  {
    name: word,
    note: fc.option(word, { nil: null }),
    wide: fc.boolean(),
    tags: fc.array(fc.constantFrom('t1', 't2', '<i>'), { maxLength: 2 }),
  },
  { noNullPrototype: true },
);

export const templateData = fc.record(
  {
    a: fc.boolean(),
    b: fc.boolean(),
    kind: fc.constantFrom('x', 'y'),
    flags: fc.record({ x: fc.boolean(), y: fc.boolean() }, { noNullPrototype: true }),
    labels: fc.record({ x: word, y: fc.constant('<Y>') }, { noNullPrototype: true }),
    word: fc.option(word, { nil: null }),
    url: fc.constantFrom('https://a.example/?a=1&b=2', 'mailto:a@b.example'),
    items: fc.array(item, { maxLength: 3 }),
    first: fc.option(item, { nil: null }),
  },
  { noNullPrototype: true },
);
