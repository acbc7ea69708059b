import {
  Body,
  Column,
  Container,
  Html,
  Img,
  Link,
  Row,
  Section,
  Text,
} from '@react-email/components';
import * as fc from 'fast-check';
import { createElement as h } from 'react';
import { describe, expect, it } from 'vitest';

import { loadNote, mjml, mjmlText, viewOf } from '../../../test/fixtures-render/folder.ts';
import { plainByShape } from '../react/plain-by-shape.ts';
import { reactDocument } from '../react/react.ts';
import { textOfHtml, tidyText } from './text-part.ts';

const cell = (text: string) => h(Column, null, h(Text, null, text));
const img = (alt: string, more = '') =>
  `<img src="https://a.example/a.png" alt="${alt}" ${more} />`;
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const rendered = async (body: string, data = {}) =>
  (await loadNote({ 'note/body.mjml': body }))
    .compiled('note', 'roast', 'en')
    .render(viewOf({ data })).text;
const inTable = (rows: string) =>
  mjml(`<mj-section><mj-column><mj-table>${rows}</mj-table></mj-column></mj-section>`);

const items = [
  { name: 'Flat white', price: 350 },
  { name: 'Croissant', price: 220 },
];

describe('R5: a row of a table is a line, its cells apart', () => {
  it('in a loop', async () => {
    const text = await rendered(
      inTable(
        '{{#each data.items}}<tr><td>{{name}}</td><td>{{money price "EUR"}}</td></tr>{{/each}}',
      ),
      { items },
    );
    expect(lines(text)).toEqual(['Flat white  €3.50', 'Croissant   €2.20']);
  });

  it('in loops across and down, with conditions, and where cells hold a paragraph', async () => {
    const text = await rendered(
      inTable(`<tr><th>Item</th><th>Price</th></tr>
        {{#each data.items}}<tr>{{#each cells}}<td>{{this}}</td>{{/each}}{{#if note}}<td><p>{{note}}</p></td>{{/if}}</tr>{{/each}}
        <tr><td><div><p>Total</p></div></td><td>&nbsp;</td><td><b>€5</b></td></tr>`),
      { items: [{ cells: ['a', 'b'], note: 'new' }, { cells: ['c', 'd'] }] },
    );
    expect(lines(text)).toEqual(['Item  Price', 'a  b  new', 'c  d', 'Total  €5']);
  });

  it('of html without loops, and of React Email’s rows', () => {
    const table = '<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>';
    expect(lines(textOfHtml(table))).toEqual(['a  b', 'c  d']);
    const page = h(Html, null, h(Body, null, h(Container, null, h(Section, null,
      h(Row, null, cell('Flat white'), cell('€3.50')), h(Row, null, cell('Tea'), cell('€2.20')))))); // prettier-ignore
    expect(lines(textOfHtml(reactDocument(page, 'x')))).toEqual([
      'Flat white  €3.50',
      'Tea         €2.20',
    ]);
  });

  it('cells of several lines stand below each other', () => {
    const table = '<table><tr><td><h2>Ana</h2><p>Berlin</p></td><td>one<br>two</td></tr></table>';
    expect(lines(textOfHtml(table))).toEqual(['Ana', 'Berlin', 'one', 'two']);
  });
});

/** Ways to hide an element, as people write them. */
const hiding = [
  'style="display:none"',
  'style="display: none"',
  "style='DISPLAY:NONE'",
  'style="color:red;Display : None !important"',
  'style="display:/* */none"',
  'style="display:&#110;one"',
  'hidden',
  'hidden=""',
  'HIDDEN="hidden"',
  'data-skip-in-text="true"',
  'style="mso-hide:all"',
  'style="MSO-HIDE: all; color:#fff"',
  'style="font-size:0"',
  'style="font-size: 0px; line-height:0"',
  'style="max-height:0;overflow:hidden"',
  'style="max-height: 0px"',
  'style="height:0;overflow:hidden"',
  'style="visibility: hidden"',
  'style="opacity:0"',
  'style="display:block;display:none"',
  'style="display\n:\nnone"',
];

describe('R7: what nobody sees is not in the text', () => {
  it.each(hiding)('%s', async (attribute) => {
    const html = `<p>Before</p><div ${attribute}>unseen <b>at all</b> {{data.word}}</div><p>After</p>`;
    const text = await rendered(mjmlText(html), { word: '' });
    expect(lines(text)).toEqual(['Before', 'After']);
    const page = `<html><body>${html.replace('{{data.word}}', '')}</body></html>`;
    expect(lines(textOfHtml(page))).toEqual(['Before', 'After']);
    expect(lines(tidyText(plainByShape()(page)))).toEqual(['Before', 'After']);
  });

  it('what is hidden by a condition is there when it isn’t', async () => {
    const html = `<p>Always</p><p style="{{#if data.x}}display:none{{/if}}">sometimes</p><p {{#if data.x}}hidden{{/if}}>too</p>`;
    expect(lines(await rendered(mjmlText(html), { x: 1 }))).toEqual(['Always']);
    expect(lines(await rendered(mjmlText(html)))).toEqual(['Always', 'sometimes', 'too']);
  });

  it('what is seen all the same stays: text with a size in one without, a button Outlook draws itself', () => {
    for (const html of [
      '<td style="font-size:0px"><div style="font-size:14px">seen</div></td>',
      '<a href="https://a.example" style="mso-hide:all">seen</a>',
      '<p style="display:none;display:block">seen</p>',
      '<p style="max-height:0.5px;opacity:0.9;font-size:10px">seen</p>',
    ])
      expect(textOfHtml(html)).toContain('seen');
  });

  it('nor is what fills up a preheader, while joiners of emoji and of words stay', () => {
    const fills = [
      '&#847;&zwnj;&nbsp;&#8199;&shy;',
      '&zwnj;&nbsp;',
      '&#8199;&#847; ',
      '\u00A0\u200C\u200B\u200D\u200E\u200F\uFEFF',
    ];
    for (const fill of fills)
      expect(textOfHtml(`<p>Soon</p><p>${fill.repeat(40)}Later</p>`)).toBe('Soon\n\nLater\n');
    for (const fill of fills)
      expect(textOfHtml(`<p>Soon${fill.repeat(40)}</p><p>می‌خواهم 👩‍👩‍👧 क्‍ष</p>`)).toBe(
        'Soon\n\nمی‌خواهم 👩‍👩‍👧 क्‍ष\n',
      );
  });
});

describe('R14: pictures say in the text what their alt says', () => {
  it('in MJML, linked or not, with values, but nothing where there is nothing to say', async () => {
    const text = await rendered(
      mjml(`<mj-section><mj-column>
        <mj-image src="https://a.example/a.png" alt="A map of {{data.city}}" />
        <mj-image src="https://a.example/b.png" alt="Your card" href="https://a.example/card" />
        <mj-image src="https://a.example/c.png" alt="" />
        <mj-text>Hello<img src="https://a.example/d.png" alt="" width="10" /> you</mj-text>
      </mj-column></mj-section>`),
      { city: 'Graz' },
    );
    expect(lines(text)).toEqual([
      'A map of Graz',
      'Your card [https://a.example/card]',
      'Hello you',
    ]);
  });

  it('in html and React', () => {
    expect(
      lines(
        textOfHtml(
          `<p>${img('One')}</p><p>${img('')}${img('pixel', 'width="1" height="1"')}${img('IMG_2.png')}</p>`,
        ),
      ),
    ).toEqual(['One']);
    const link = h(
      Link,
      { href: 'https://a.example/x' },
      h(Img, { src: 'https://a.example/i.png', alt: 'Seat 4A' }),
    );
    const page = h(Html, null, h(Body, null, link, h(Text, null, 'there')));
    expect(lines(textOfHtml(reactDocument(page, 'x'))).join(' ')).toMatch(
      /^Seat 4A\s+\[https:\/\/a\.example\/x\] there$/,
    );
  });
});

it('R8: only blanks, tabs and line ends are folded, in html and in the text', async () => {
  const space = fc.constantFrom('\u00A0', '\u202F', '\u2009', '\u3000', '\u2002', '\u205F');
  await fc.assert(
    fc.asyncProperty(space, space, async (a, b) => {
      const words = `5${a}€ «${b}bonjour${b}»${a}${b}x`;
      const body = mjmlText(
        `<p>${words}  y\n\tz</p><img src="https://a.example/a.png" alt="${words}" />`,
      );
      for (const files of [
        { 'note/body.mjml': body },
        { 'note/body.html': `<html><body><p>${words} y z</p></body></html>` },
      ]) {
        const set = await loadNote(files);
        const { html, text } = set.compiled('note', 'roast', 'en').render(viewOf());
        const read = html.replace(/&#(\d+);/g, (_, code: string) =>
          String.fromCodePoint(Number(code)),
        );
        expect(read).toContain(words);
        expect(text).toContain(`${words} y z`);
      }
      const own = { 'note/body.mjml': mjmlText('x'), 'note/text.hbs': `${words}\nnext` };
      expect((await loadNote(own)).compiled('note', 'roast', 'en').render(viewOf()).text).toBe(
        `${words}\nnext\n`,
      );
    }),
    { numRuns: 12 },
  );
});
