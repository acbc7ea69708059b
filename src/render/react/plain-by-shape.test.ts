import * as Email from '@react-email/components';
import * as fc from 'fast-check';
import { createElement as h, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';

import { plainOfHtml } from '../text/plain-text.ts';
import { shapeOf } from './mail-shape.ts';
import { plainByShape } from './plain-by-shape.ts';
import { reactDocument } from './react.ts';

const words = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\n ',
    'Hello',
    ' spaced  out ',
    'tab\tin\nlines',
    'a\u00a0b',
    '\u00a0',
    'x\u200by',
    '\u200b',
    "O'Brien & Sons <b>",
    'straße',
    '🙂 €',
    'https://a.example/x',
    '1. one',
  ),
  fc.string({ maxLength: 10 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const address = fc.constantFrom(
  'https://a.example/x',
  'https://a.example/?a=1&b=2',
  'mailto:a@b.example',
  '#top',
  '',
  'https://a.example/ with blanks',
);

/** Elements of mails, one in another as mails have them and as they haven't. */
const tree = fc.letrec<{ node: ReactNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: words },
    fc.constantFrom('br', 'hr').map((name) => h(name)),
    fc.constant(h('img', { src: 'https://a.example/i.png', alt: 'A picture' })),
    fc
      .tuple(
        fc.constantFrom(
          'div',
          'p',
          'span',
          'b',
          'h1',
          'h3',
          'ul',
          'ol',
          'li',
          'blockquote',
          'td',
          'tr',
          'table',
          'tbody',
          'section',
          'center',
          'code',
          'th',
        ),
        fc.array(tie('node'), { maxLength: 3 }),
      )
      .map(([name, children]) => h(name, null, ...children)),
    fc
      .tuple(address, fc.array(tie('node'), { maxLength: 2 }))
      .map(([href, children]) => h('a', { href }, ...children)),
    words.map((text) => h('div', { 'data-skip-in-text': true }, text)),
    fc
      .tuple(
        fc.constantFrom('div', 'p', 'td', 'span'),
        fc.constantFrom(
          { display: 'none' },
          { fontSize: 0 },
          { fontSize: '12px', color: 'red' },
          { maxHeight: 0, overflow: 'hidden' },
          { visibility: 'hidden' },
        ),
        fc.array(tie('node'), { maxLength: 2 }),
      )
      .map(([name, style, children]) => h(name, { style }, ...children)),
    fc
      .tuple(words, fc.constantFrom<object>({}, { display: 'block' }, { display: 'none' }))
      .map(([alt, style]) => h('img', { src: 'https://a.example/i.png', alt, style })),
    fc.constant(h('p', { hidden: true }, 'unseen')),
    words.map((text) => h('style', null, text.replaceAll('<', ''))),
    words.map((text) => h(Email.Text, null, text, h('br'), text)),
    fc.tuple(address, words).map(([href, text]) => h(Email.Button, { href, children: text })),
    fc
      .array(tie('node'), { maxLength: 2 })
      .map((children) =>
        h(Email.Section, { children: h(Email.Row, { children: h(Email.Column, { children }) }) }),
      ),
    words.map((text) => h(Email.Heading, { as: 'h2', children: text })),
    fc.constant(
      h('div', { dangerouslySetInnerHTML: { __html: '<p>&eacute;<!-- x --> &amp; <i>z' } }),
    ),
  ),
}));

const page = (children: ReactNode) =>
  h('html', null, h('head', null, h('title', null, 'A mail')), h('body', null, children));

it('is what the whole conversion makes of each mail, whatever is in it', () => {
  const plain = plainByShape();
  fc.assert(
    fc.property(fc.array(tree.node, { maxLength: 5 }), (children) => {
      const html = reactDocument(page(children), 'x');
      // The first asks, the second puts words into what was learnt.
      for (let round = 0; round < 2; round += 1) expect(plain(html)).toBe(plainOfHtml(html));
    }),
    { numRuns: 120 },
  );
});

const letter = (text: string, href: string, loud: string) =>
  renderToStaticMarkup(
    page(
      h(
        'div',
        null,
        h('h1', null, loud),
        h('p', null, 'Dear ', h('b', null, text), ', '),
        h('a', { href }, text),
      ),
    ),
  );

it('puts other words and addresses into a shape it knows', () => {
  const plain = plainByShape();
  const kind = fc.string({ unit: 'grapheme', maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(kind, address, kind), { maxLength: 6 }), (mails) => {
      for (const [text, href, loud] of mails) {
        const html = letter(text, href, loud);
        expect(plain(html)).toBe(plainOfHtml(html));
      }
    }),
    { numRuns: 100 },
  );
});

const bodyOf = (text: string) =>
  `<html><body><p class="${text}">${text} <b>x</b></p></body></html>`;

it('knows two mails of one shape by their tags', () => {
  expect(shapeOf(bodyOf('one'))?.skeleton).toBe(shapeOf(bodyOf('two words'))?.skeleton);
  expect(shapeOf(bodyOf(''))?.skeleton).not.toBe(shapeOf(bodyOf('one'))?.skeleton);
});

it('leaves to the whole conversion what takes more than words', () => {
  for (const inside of [
    '<pre>a  b</pre>',
    '<p>a',
    '<i>&eacute;</i>',
    '<img alt="logo.png">',
    'a\u00ADb',
  ]) {
    const html = `<html><body>${inside}</body></html>`;
    expect(shapeOf(html)).toBeNull();
    expect(plainByShape()(html)).toBe(plainOfHtml(html));
  }
});
