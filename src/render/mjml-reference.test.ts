import * as fc from 'fast-check';
import Handlebars from 'handlebars';
import mjml2html from 'mjml';
import { expect, it } from 'vitest';

import { loadNote, viewOf } from '../../test/fixtures-render/folder.ts';
import { asciiEntities } from './escape.ts';
import { minifyHtml } from './minify.ts';

/** Conditions and loops everywhere they may stand. */
const body = `<mjml>
<mj-body>
  {{#if data.banner}}
  <mj-section background-color="#eeeeee"><mj-column><mj-text>{{data.banner}}</mj-text></mj-column></mj-section>
  {{else}}
  <mj-wrapper><mj-section><mj-column><mj-text>none</mj-text></mj-column></mj-section></mj-wrapper>
  {{/if}}
  <mj-section>
    <mj-column width="50%"><mj-text>left</mj-text></mj-column>
    {{#if data.right}}<mj-column width="50%"><mj-text>right</mj-text></mj-column>{{/if}}
  </mj-section>
  <mj-section{{#if data.right}} padding="40px"{{/if}}>
    {{#each data.items}}<mj-column><mj-text>{{@index}} {{name}} {{../data.first.name}}</mj-text></mj-column>{{else}}<mj-column><mj-text>none</mj-text></mj-column>{{/each}}
    {{#if data.banner}}<mj-column><mj-text>{{data.banner}}</mj-text></mj-column>{{else if data.right}}<mj-column><mj-text>R</mj-text></mj-column>{{/if}}
  </mj-section>
  <mj-section>
    {{#each data.items}}<mj-column width="{{#if hidden}}20%{{else}}30%{{/if}}"><mj-text>{{name}}</mj-text></mj-column>{{/each}}
  </mj-section>
  <mj-raw>{{#with data.first}}</mj-raw><mj-section background-color="{{#if hidden}}#000{{else}}#fff{{/if}}"><mj-column><mj-text>{{name}}</mj-text></mj-column></mj-section><mj-raw>{{/with}}</mj-raw>
  {{#each data.items}}
  <mj-section>
    {{#unless hidden}}
    <mj-column width="30%"><mj-image src="https://a.example/x.png" alt="{{name}}" /></mj-column>
    {{/unless}}
    <mj-column width="70%">
      <mj-text>{{@index}} {{name}}{{#if note}} – {{note}}{{else}}!{{/if}}</mj-text>
      {{#if note}}<mj-divider border-color="#cccccc" /><mj-text>{{note}}</mj-text>{{/if}}
    </mj-column>
  </mj-section>
  {{/each}}
  <mj-wrapper>
    {{#if data.right}}<mj-section><mj-column><mj-text>wrapped</mj-text></mj-column></mj-section>{{/if}}
    <mj-section><mj-group>{{#if data.right}}<mj-column width="50%"><mj-text>g1</mj-text></mj-column>{{/if}}<mj-column width="50%"><mj-text>g2</mj-text></mj-column></mj-group></mj-section>
  </mj-wrapper>
  <mj-hero height="100px">{{#if data.right}}<mj-text>hero</mj-text>{{/if}}<mj-text>always</mj-text></mj-hero>
  <mj-section><mj-column>
    <mj-table>
      {{#each data.items}}
      <tr title="{{#if note}}{{note}}{{else}}-{{/if}}"><td>{{name}}</td>{{#if hidden}}<td>hidden</td>{{else}}<td>{{note}}</td>{{/if}}</tr>
      {{/each}}
    </mj-table>
    <mj-raw><p>{{#with data.first}}{{name}}{{/with}}</p></mj-raw>
  </mj-column></mj-section>
</mj-body>
</mjml>`;

/** What people do: Handlebars first, then MJML, mail by mail. */
async function reference(data: unknown): Promise<string> {
  const { html } = await mjml2html(Handlebars.compile(body)({ data }), {
    validationLevel: 'strict',
    fonts: {},
  });
  return normal(html.replace('lang="und" dir="auto"', 'lang="en" dir="ltr"'));
}

/** The same document tree written the same way; widths no column of this mail uses don't matter. */
const normal = (html: string) =>
  asciiEntities(minifyHtml(html))
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<!\[endif\]-->\s*<!--\[if mso \| IE\]>/g, '')
    .replace(/>\s+/g, '>')
    .replace(/\s+</g, '<')
    .replaceAll(' lang="und" dir="auto"', ' lang="en" dir="ltr"')
    .replaceAll('&#x27;', '&#39;')
    .replaceAll('&#x60;', '&#96;')
    .replaceAll('&#x3D;', '=');

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((one) => `x${one.replace(/[\s\p{C}]/gu, '')}x`);
const item = fc.record({
  name: text,
  note: fc.option(text, { nil: null }),
  hidden: fc.boolean(),
});
const data = fc.record({
  banner: fc.option(text, { nil: null }),
  right: fc.boolean(),
  items: fc.array(item, { maxLength: 4 }),
  first: fc.option(item, { nil: null }),
});

/** Values that run the other way are kept apart from their line; MJML knows nothing of that. */
const withoutIsolates = (html: string) => html.replace(/&#829[67];|[\u2068\u2069]/g, '');

it('is, compiled once, the document that MJML makes of each single mail', async () => {
  const set = await loadNote({ 'note/body.mjml': body });
  const compiled = set.compiled('note', 'roast', 'en');
  await fc.assert(
    fc.asyncProperty(data, async (one) => {
      const html = withoutIsolates(compiled.render(viewOf({ data: one })).html);
      expect(normal(html)).toBe(withoutIsolates(await reference(one)));
    }),
    { numRuns: 30 },
  );
});
