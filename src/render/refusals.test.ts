import { Parser } from 'htmlparser2';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';

import {
  brandFiles,
  folderWith,
  loadNote,
  mjml,
  mjmlText,
  note,
  viewOf,
  words,
} from '../../test/fixtures-render/folder.ts';
import { loadTemplates } from './load.ts';
import { warmMjml } from './mjml/mjml.ts';
import { TemplateError } from './source/problems.ts';
import { textOfHtml } from './text/text-part.ts';
import { loadBrands } from './voice/brand-files.ts';

const section = (html: string) =>
  `<mj-section><mj-column><mj-text>${html}</mj-text></mj-column></mj-section>`;

const twenty = (name: string) => `{{> ${name}}}`.repeat(20);

async function refusal(body: string, more: Record<string, string> = {}): Promise<string> {
  const error = await loadNote({ 'note/body.mjml': body, ...more }).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(TemplateError);
  return error instanceof TemplateError ? error.message : '';
}

describe('a template is refused before anything is sent, with file, line and what to write instead:', () => {
  it.each<[what: string, body: string, message: RegExp | string]>([
    [
      'unescaped output',
      mjmlText('\n{{{data.x}}}'),
      'note/body.mjml:5: {{{data.x}}} would put text into the mail unescaped; write {{…}}',
    ],
    ['unescaped output, the other way', mjmlText('{{&data.x}}'), 'unescaped; write {{…}}'],
    ['raw blocks', mjmlText('{{{{raw}}}} {{{{/raw}}}}'), 'unescaped'],
    [
      'an unknown helper',
      mjmlText('\n\n{{shout data.x}}'),
      /note\/body\.mjml:6: there is no helper shout; there are t, money/,
    ],
    ['an unknown helper within', mjmlText('{{money (shout 1)}}'), 'there is no helper shout'],
    ['a helper of somebody else', mjmlText('{{log data "x"}}'), 'there is no helper log'],
    ['log', mjmlText('{{log data}}'), 'there is no helper log'],
    [
      'an unknown block',
      mjmlText('{{#data.items}}x{{/data.items}}'),
      '{{#data.items}} is not known',
    ],
    ['an unknown name', mjmlText('{{dta.x}}'), 'dta.x: there is no dta; did you mean data?'],
    [
      'an unknown name at the root',
      mjmlText('{{#each data.x}}{{@root.member2}}{{/each}}'),
      'there is no member2',
    ],
    [
      'a helper without a value',
      mjmlText('{{points}}'),
      'for the field of that name write {{this.points}}',
    ],
    ['too many values', mjmlText('{{points 1 2}}'), 'points takes 1 values, got 2'],
    [
      'a name the helper does not know',
      mjmlText('{{date data.x zone="UTC"}}'),
      'date takes no zone=',
    ],
    ['an unknown date style', mjmlText('{{date data.x "LLLL"}}'), 'date takes one of short, long'],
    ['a computed text key', mjmlText('{{t data.key}}'), 't takes its key written out'],
    ['a decorator', mjmlText('{{* foo}}'), 'decorators are not used here'],
    ['an inline partial', mjmlText('{{#*inline "x"}}{{/inline}}'), 'decorators are not used here'],
    [
      'a partial block',
      mjmlText('{{#> layout}}{{/layout}}'),
      'partial blocks and decorators are not used here',
    ],
    ['a computed partial', mjmlText('{{> (lookup . "x")}}'), 'a partial is a plain name'],
    ['a partial out of another folder', mjmlText('{{> ../secret}}'), 'a partial is a plain name'],
    ['an unknown partial', mjmlText('{{> nope}}'), 'there is no partial nope.mjml'],
    ['an unclosed {{', mjmlText('{{data.x'), 'this {{ is never closed'],
    ['an unclosed block', mjmlText('{{#if data.x}}a'), /is not closed in this file/],
    ['a wrong close', mjmlText('{{#if data.x}}a{{/each}}'), "if doesn't match each"],
    ['escaped braces', mjmlText('\\{{data.x}}'), 'braces cannot be escaped'],
    [
      'broken Handlebars',
      mjmlText('{{data.x (}}'),
      /note\/body\.mjml:4: is not valid Handlebars near “\{\{data\.x \(\}\}”$/,
    ],
    ...[
      ['{{#if data.x == "a"}}', '{{/if}}', 'to compare, write (eq a b)'],
      ['{{#if (data.x === 1)}}', '{{/if}}', 'to compare, write (eq a b)'],
      ['{{#if data.x != 1}}', '{{/if}}', 'to compare, write (not (eq a b))'],
      ['{{ data.x || "b" }}', '', 'for “or”, write (or a b)'],
      ['{{data.x | upper}}', ' {{data.y}}', 'there are no filters: write {{helper value}}'],
      ['{{data.x}}}', '', 'for a brace behind a value, write &#125;'],
      ['{{ }}', '', 'a name is missing'],
    ].map(([source = '', rest = '', instead = '']): [string, string, string] => [
      `R13: what another language would write, ${source}`,
      mjmlText(`${source}${rest}`),
      `note/body.mjml:4: is not valid Handlebars near “${source}”: ${instead}`,
    ]),

    [
      'a value in an unquoted attribute',
      mjmlText('<td width={{data.w}}>x</td>'),
      'width needs quotes',
    ],
    ['an unquoted attribute', mjmlText('<b title=x>x</b>'), 'title needs quotes'],
    ['a value as an attribute', mjmlText('<b {{data.x}}>x</b>'), 'cannot stand in a tag'],
    ['a value as a tag', mjmlText('<{{data.x}}>x'), /is written &lt;/],
    [
      'a bare address',
      mjmlText('<a href="{{data.url}}">x</a>'),
      'href takes one {{link …}} and nothing else',
    ],
    [
      'an address in pieces',
      mjmlText('<a href="https://a.example/{{data.id}}">x</a>'),
      'href takes one {{link …}}',
    ],
    [
      'a link with more around it',
      mjmlText('<a href="{{link data.url}}{{data.x}}">x</a>'),
      'href takes one {{link …}}',
    ],
    [
      'a picture of unknown origin',
      mjmlText('<img src="{{data.url}}" alt="">'),
      'src takes one {{link …}}',
    ],
    [
      'a script address',
      mjmlText('<a href="javascript:alert(1)">x</a>'),
      'href must be http, https',
    ],
    [
      'a value in style',
      mjmlText('<b style="color:{{data.x}}">x</b>'),
      'cannot stand in style; ask for it: style="{{#if …}}a{{else}}b{{/if}}"; colours are brand tokens',
    ],
    [
      'a value in mj-style',
      '<mjml><mj-head><mj-style>.x { color: {{data.x}} }</mj-style></mj-head><mj-body></mj-body></mjml>',
      'cannot stand in CSS; colours are brand tokens',
    ],
    [
      'a value in inline mj-style',
      '<mjml><mj-head><mj-style inline="inline">.x { color: {{data.x}} }</mj-style></mj-head><mj-body></mj-body></mjml>',
      'cannot stand in CSS; colours are brand tokens',
    ],
    [
      'inline mj-style that asks for neighbours',
      '<mjml><mj-head>{{> head}}<mj-style inline="inline">.x td:first-child { color: red }</mj-style></mj-head><mj-body>{{#if data.x}}<mj-section></mj-section>{{/if}}</mj-body></mjml>',
      '.x td:first-child: an inlined rule may not ask for what stands beside an element',
    ],
    [
      'CSS from elsewhere',
      '<mjml><mj-head><mj-style>@import "https://x.example/a.css";</mj-style></mj-head><mj-body></mj-body></mjml>',
      'CSS must not load anything',
    ],
    [
      'a value MJML calculates with',
      mjml(
        '<mj-section><mj-column width="{{data.w}}"><mj-text>x</mj-text></mj-column></mj-section>',
      ),
      'cannot stand in width: MJML calculates with it',
    ],
    ['a computed span', mjmlText('<td colspan="{{data.n}}">x</td>'), 'cannot stand in colspan'],
    [
      'an enormous span',
      mjmlText('<td colspan="99999999">x</td>'),
      'colspan must be a number up to 50',
    ],
    ['a script', mjmlText('<script>alert(1)</script>'), '<script> is refused'],
    ['a handler', mjmlText('<b onclick="x()">x</b>'), 'onclick: mails run no scripts'],
    [
      'a value in a comment for Outlook',
      mjml('<!--[if mso]>{{data.x}}<![endif]-->'),
      'cannot stand in a comment',
    ],

    [
      'text MJML would drop',
      mjml('<mj-section>Hello</mj-section>'),
      'MJML drops text here; put it into <mj-text>',
    ],
    [
      'a value MJML would drop',
      mjml('<mj-section>{{data.x}}</mj-section>'),
      'MJML drops {{data.x}} here',
    ],
    ['html MJML would drop', mjml('<mj-section><p>x</p></mj-section>'), 'MJML drops <p> here'],
    [
      'conditions that make too many variants',
      mjml(
        `\n<mj-section>${['a', 'b', 'c', 'd', 'e', 'f', 'g']
          .map((x) => `{{#if data.${x}}}<mj-column><mj-text>${x}</mj-text></mj-column>{{/if}}`)
          .join('')}</mj-section>`,
      ),
      /note\/body\.mjml:5: <mj-section> would come in more than 64 variants, for MJML calculates with \{\{#if data\.a\}\}, .*; give its columns a width/,
    ],
    [
      'a condition that reaches out of a comment',
      mjml('<!-- {{#if data.x}} --><mj-section></mj-section><!-- {{/if}} -->'),
      'note/body.mjml:4: a condition that reaches out of this comment would not be followed',
    ],
    [
      'MJML within text',
      mjmlText('<mj-button>x</mj-button>'),
      'MJML does not read <mj-button> within <mj-text>',
    ],
    [
      'half a tag in a condition',
      mjmlText('<td {{#if data.x}}title="x">{{/if}}</td>'),
      '{{#if data.x}} is not closed within the tag of <td>; put the condition into one attribute',
    ],
    [
      'a condition across elements',
      mjml('{{#if data.x}}<mj-section>{{/if}}</mj-section>'),
      'must be opened and closed on the same side',
    ],
    [
      'a condition around half an element',
      mjmlText('<b>{{#if data.x}}</b>{{/if}}'),
      'was opened before it',
    ],
    [
      'a condition across attributes',
      mjmlText('<b title="{{#if data.x}}" lang="{{/if}}">x</b>'),
      'is not closed within title',
    ],
    ['an unclosed tag', mjmlText('<b>x'), /<\/mj-text> where <b> of line 4 must be closed first/],
    ['a stray closing tag', mjmlText('x</b>'), '</b> where <mj-text>'],
    ['an unclosed MJML tag', mjml('<mj-section><mj-column>'), 'must be closed first'],
    [
      'an unknown MJML element',
      mjml('\n<mj-sektion></mj-sektion>'),
      /note\/body\.mjml:5: .*mj-sektion/,
    ],
    ['an unknown MJML attribute', mjml('<mj-section colour="red"></mj-section>'), /colour/],
    ['an element where it must not be', mjml('<mj-text>x</mj-text>'), /mj-text/],
    [
      'mj-include',
      mjml('<mj-include path="../../etc/passwd" />'),
      '<mj-include> is refused: put what it includes beside body.mjml or into partials/, as name.mjml, and write {{> name}} instead',
    ],
    [
      'a value for an attribute of any name',
      '<mjml><mj-head><mj-html-attributes><mj-selector path=".x"><mj-html-attribute name="onclick">{{data.x}}</mj-html-attribute></mj-selector></mj-html-attributes></mj-head><mj-body></mj-body></mjml>',
      'cannot stand in <mj-html-attribute>',
    ],
    [
      'a font from elsewhere',
      '<mjml><mj-head><mj-font name="x" href="https://x.example/f.css" /></mj-head><mj-body></mj-body></mjml>',
      '<mj-font> is refused',
    ],
    ['no MJML at all', 'Hello', 'MJML drops text here'],
    ['nothing at all', '', 'must be one <mjml> element'],

    [
      'an unknown brand token',
      mjmlText('\n[[akzent]]'),
      'note/body.mjml:5: [[akzent]] is not a brand token',
    ],
    [
      'a brand token this brand lacks',
      mjml('<mj-section><mj-column><mj-image alt="" src="[[logoUrl]]" /></mj-column></mj-section>'),
      'or this brand has none',
    ],
    ['a brand token in a value', mjmlText('{{link "[[siteUrl]]"}}'), 'write brand.siteUrl'],
    ['half a brand token', mjmlText('[[accent'), 'a [[ that is not a brand token'],
    ['a reserved text', mjmlText('lrl0s1x'), 'reserved for Laurel itself'],

    [
      '20,000 nested conditions',
      mjmlText('{{#if a}}'.repeat(20_000)),
      /over 200 KB|nested more than 50/,
    ],
    [
      '60 nested conditions',
      mjmlText(`${'{{#if data}}'.repeat(60)}${'{{/if}}'.repeat(60)}`),
      'blocks are nested more than 50 deep',
    ],
    [
      '60 nested elements',
      mjmlText(`${'<b>'.repeat(60)}${'</b>'.repeat(60)}`),
      'elements are nested more than 50 deep',
    ],
    ['50,000 values', mjmlText('{{a}}'.repeat(39_000)), 'more than 5000 {{…}} in one file'],
    ['250 KB', mjmlText('x'.repeat(250_000)), 'is over 200 KB'],
  ])('%s', async (_, body, message) => {
    expect(await refusal(body)).toMatch(message);
  });

  it('a name its data does not have, also in loops, branches and partials', async () => {
    const schema = z.strictObject({
      order: z.strictObject({ id: z.string() }).optional(),
      items: z.array(z.strictObject({ name: z.string(), note: z.string().nullable() })),
      any: z.record(z.string(), z.unknown()),
    });
    const root = await folderWith({
      ...brandFiles,
      'note/locales/en.json': words,
      'partials/p.mjml': '{{@root.data.item}}{{whatever}}',
      'note/body.mjml': mjmlText(
        `{{data.order.id}}{{data.any.thing.else}}{{brand.programme.name}}{{data.items.length}}
{{data.order.number}}
{{#each data.items}}{{name}}{{note}}{{../data.order.id}}{{@root.data.items.0.name}}
{{titel}}
{{../data.orders}}{{/each}}
{{#each data.items as |item|}}{{item.name}}
{{item.nam}}{{/each}}
{{#with data.order}}{{id}}
{{#if idd}}x{{/if}}{{/with}}
{{brand.nam}}{{> p}}`,
      ),
    });
    const error = await loadTemplates({
      root,
      definitions: [{ ...note(), schema, headline: () => ({ topic: 'x' }) }],
      brands: await loadBrands(root),
    }).catch((caught: unknown) => caught);
    expect(error instanceof TemplateError && error.message.split('\n')).toEqual([
      'note/body.mjml:5: data.order.number: there is no number; there are id',
      'note/body.mjml:7: titel: there is no titel; there are name, note',
      'note/body.mjml:8: ../data.orders: there is no orders; did you mean order?',
      'note/body.mjml:10: item.nam: there is no nam; did you mean name?',
      'note/body.mjml:12: idd: there is no idd; did you mean id?',
      'note/body.mjml:13: brand.nam: there is no nam; did you mean name?',
      'partials/p.mjml:1: @root.data.item: there is no item; did you mean items?',
      expect.stringContaining(
        'partials/p.mjml:1: whatever: there is no whatever; there are data, brand',
      ),
    ]);
  });

  it('a loop that makes more columns than can be written out', async () => {
    const schema = z.strictObject({ items: z.array(z.string()).max(40) });
    const root = await folderWith({
      ...brandFiles,
      'note/locales/en.json': words,
      'note/body.mjml': mjml(
        '<mj-section>\n{{#each data.items}}<mj-column><mj-text>{{this}}</mj-text></mj-column>{{/each}}</mj-section>',
      ),
    });
    const error = await loadTemplates({
      root,
      definitions: [{ ...note(), schema, headline: () => ({ topic: 'x' }) }],
      brands: await loadBrands(root),
    }).catch(String);
    expect(error).toContain(
      'note/body.mjml:5: {{#each data.items}} makes columns, of which MJML must know the number, and data.items may have 40; at most 12 are written out: limit it in the schema (.max(12)), or loop over rows of a table in <mj-table>',
    );
  });

  it('a partial that contains itself', async () => {
    const message = await refusal(mjml('{{> a}}'), {
      'partials/a.mjml': '{{> b}}',
      'partials/b.mjml': '\n{{> a}}',
    });
    expect(message).toContain('partials/b.mjml:2: partial a contains itself');
  });

  it('partials that grow out of bounds together', async () => {
    const message = await refusal(mjml('{{> a}}'), {
      'partials/a.mjml': twenty('b'),
      'partials/b.mjml': twenty('c'),
      'partials/c.mjml': twenty('d'),
      'partials/d.mjml': section('x'.repeat(100)),
    });
    expect(message).toContain('is over 200 KB with its partials');
  });

  it('a partial that leaves something open', async () => {
    expect(
      await refusal(mjml('{{> a}}</mj-section>'), { 'partials/a.mjml': '<mj-section>' }),
    ).toMatch('partials/a.mjml:1: <mj-section> is not closed in this file');
    expect(
      await refusal(mjmlText('{{> a}}{{/if}}'), { 'partials/a.mjml': '{{#if data.x}}' }),
    ).toMatch('partials/a.mjml:1: {{#if data.x}} is not closed in this file');
  });

  it.each(['.mjmlconfig', '.mjmlconfig.js'])('a working folder with a %s', async (file) => {
    const folder = await folderWith({ [file]: '{}' });
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    expect(await refusal(mjmlText('x'))).toContain(`${file}: is refused`);
    await expect(warmMjml()).rejects.toThrow(`${file}: is refused`);
  });

  it('mistakes in a text part', async () => {
    const error = await loadNote({
      'note/body.mjml': mjmlText('x'),
      'note/text.hbs': 'a\n{{{data.x}}}\n',
    }).catch(String);
    expect(error).toContain('note/text.hbs:2: {{{data.x}}} would put text into the mail unescaped');
    const unknown = await loadNote({
      'note/body.mjml': mjmlText('x'),
      'note/text.hbs': 'a\n{{shout data.x}}\n{{> nope}}\n[[nope]]',
    }).catch(String);
    expect(unknown).toContain('note/text.hbs:2: there is no helper shout');
    expect(unknown).toContain('note/text.hbs:3: there is no partial nope.text.hbs');
    expect(unknown).toContain('note/text.hbs:4: [[nope]] is not a brand token');
  });

  it('everything wrong with it at once', async () => {
    const message = await refusal(mjmlText('{{shout 1}}\n<a href="{{data.x}}">x</a>\n[[nope]]'));
    expect(message.split('\n').map((line) => line.slice(0, 17))).toEqual([
      'note/body.mjml:4:',
      'note/body.mjml:5:',
      'note/body.mjml:6:',
    ]);
  });
});

const noteOf = async (files: Record<string, string>) =>
  (await loadNote(files)).compiled('note', 'roast', 'en').render(viewOf({ data: {} }));

it('R13: what it says to write for braces that people are to read is what they read', async () => {
  const [, advice = ''] =
    /write (\{\{join .*\}\})/.exec(await refusal(mjmlText('\\{{name}}'))) ?? [];
  expect(advice).not.toBe('');
  const body = { 'note/body.mjml': mjmlText(`Write ${advice}.`) };
  for (const files of [
    body,
    { ...body, 'note/text.hbs': `Write ${advice}.` },
    { 'note/body.html': `<html><body><p>Write ${advice}.</p></body></html>` },
  ]) {
    const { html, text } = await noteOf(files);
    expect(textOfHtml(html)).toContain('Write {{name}}.');
    expect(text).toContain('Write {{name}}.');
  }
});

it.each([
  ['{{name}}', '&#123;&#123;name}} '],
  ['{{data.n}}', '&lcub;&lcub;data.n&rcub;&rcub; '],
  ['{data.n}', '&#x7b;data.n} '],
  ['{A<b>a}', '<b>{</b>{{data.n}}<b>}</b> '],
  ['{{data.n}}', '<b>{</b><i>{</i>data.n}} '],
  ['{A<b>a', '{<!-- for authors -->{{data.n}} '],
  ['{{{A<b>a}}}', '{{join "{{" "{"}}{{data.n}}{{join "}}" "}"}} '],
])('R13: braces are read as they are written, in html and text: %s of %s', async (read, source) => {
  const data = { n: 'A<b>a' };
  for (const files of [
    { 'note/body.mjml': mjmlText(`Read ${source}{{data.n}}`) },
    { 'note/body.html': `<html><body><p>Read ${source}{{data.n}}</p></body></html>` },
  ]) {
    const { html, text } = (await loadNote(files))
      .compiled('note', 'roast', 'en')
      .render(viewOf({ data }));
    const seen: string[] = [];
    const parser = new Parser({ ontext: (said) => seen.push(said) }, { decodeEntities: true });
    parser.end(html);
    expect(seen.join('')).toContain(`Read ${read} A<b>a`);
    expect(text).toContain(`Read ${read} A<b>a`);
  }
});
