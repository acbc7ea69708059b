import * as fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { expect, it } from 'vitest';

import { loadNote, mjml, mjmlText, viewOf } from '../../../test/fixtures-render/folder.ts';
import { seenIn } from '../../../test/seen.ts';

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

/** Where links lead, by a parser that isn't ours. */
function linksIn(html: string): readonly string[] {
  const links: string[] = [];
  const parser = new Parser({
    onopentag: (name, { href }) => {
      if (name === 'a' && href !== undefined) links.push(href);
    },
  });
  parser.end(html);
  return links;
}

const bodies = [
  mjmlText(
    '<h1>Hello {{data.name}}</h1><p>Order {{data.order}}, {{#if data.gift}}a gift{{else}}for you{{/if}}.</p>',
  ),
  mjmlText(
    '<p><a href="{{link data.url}}">See it</a>{{#if data.gift}} <b>{{data.name}}</b>{{/if}}</p>',
  ),
  mjml(
    `<mj-section><mj-column><mj-table>{{#each data.items}}<tr><td>{{this.name}}</td><td>{{this.count}}</td></tr>{{else}}<tr><td>Nothing</td></tr>{{/each}}</mj-table></mj-column></mj-section>`,
  ),
  mjml(
    `{{#if data.gift}}<mj-section><mj-column><mj-text>One</mj-text></mj-column>{{#if data.order}}<mj-column><mj-text>Two {{data.order}}</mj-text></mj-column>{{/if}}</mj-section>{{/if}}
    <mj-section><mj-column><mj-image src="https://a.example/a.png" alt="A picture" /><mj-button href="https://a.example/go">Go {{data.name}}</mj-button></mj-column></mj-section>`,
  ),
];

const word = fc.stringMatching(/^[A-Za-zäöü]{1,8}( [A-Za-z0-9]{1,5})?$/);
const data = fc.record({
  name: word,
  order: fc.option(word, { nil: '' }),
  gift: fc.boolean(),
  url: fc.constant('https://a.example/order'),
  items: fc.array(fc.record({ name: word, count: fc.integer({ min: 1, max: 99 }) }), {
    maxLength: 3,
  }),
});

it.each(bodies)(
  'a text made from the structure says what the finished html says: %#',
  async (body) => {
    const compiled = (await loadNote({ 'note/body.mjml': body })).compiled('note', 'roast', 'en');
    fc.assert(
      fc.property(data, (given) => {
        const { html, text } = compiled.render(viewOf({ data: given }));
        const links: string[] = [];
        const said = text.replace(/ \[(https:[^\]]*)\]/g, (_, to: string) => {
          links.push(to);
          return '';
        });
        expect(words(said)).toEqual(words(seenIn(html)));
        expect(links).toEqual(linksIn(html));
      }),
      { numRuns: 60 },
    );
  },
);
