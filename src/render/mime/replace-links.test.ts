import * as fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { expect, it } from 'vitest';

import { escapeHtml } from '../escape.ts';
import { collectFixed, spellOut } from './pre-encoded.ts';
import { replaceEncodedLinks, replaceLinks } from './replace-links.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** A document as a browser reads it, every address of a link through `other`; what only Outlook reads as it is written. */
function seen(node: Node, other: (href: string) => string): unknown {
  const inside = 'childNodes' in node ? node.childNodes.map((one) => seen(one, other)) : [];
  if (!('tagName' in node)) return [node.nodeName, 'value' in node ? node.value : '', inside];
  const link = ['a', 'area'].includes(node.tagName);
  const attributes = node.attrs.map(({ name, value }) => [
    name,
    link && name === 'href' && value !== '' ? other(value) : value,
  ]);
  return [node.tagName, attributes, inside];
}
const same = (href: string) => href;
const led = (href: string) => `https://mail.example/c/${Buffer.from(href).toString('base64url')}`;

const word = fc.string({
  unit: fc.constantFrom(...Array.from('ab <>"\'&=/.:#?%é日-_~')),
  maxLength: 12,
});
const address = fc.oneof(
  fc.constantFrom(
    'https://shop.example/a?b=1&c=2#d',
    'http://shop.example',
    'mailto:a@b.example',
    'tel:+49',
    '#top',
    'javascript:x',
  ),
  word.map((text) => `https://shop.example/${text}`),
);
const values = fc.oneof(address, word).map(escapeHtml);
const name = fc.constantFrom(
  'href',
  'HREF',
  'style',
  'alt',
  'data-href',
  'class',
  'title',
  'xhref',
);
/** Each part of a tag is a fixed text or a value of its own, in one of three manners of quoting. */
type Part = { readonly text: string; readonly fixed: boolean };
const fixed = (text: string): Part => ({ text, fixed: true });
const attribute = fc
  .tuple(
    name,
    values,
    fc.constantFrom('"', "'", ''),
    fc.boolean(),
    fc.constantFrom('=', ' = ', '=\n'),
  )
  .map(([key, value, quote, isFixed, equals]): Part[] => {
    // Without quotes nothing may end the value.
    const written = quote === '' ? value.replace(/[^\w:/.#?-]/g, '') || 'x' : value;
    return [fixed(` ${key}${equals}${quote}`), { text: written, fixed: isFixed }, fixed(quote)];
  });
const tag = fc
  .tuple(
    fc.constantFrom('a', 'A', 'area', 'img', 'b', 'abbr', 'link', 'p'),
    fc.array(attribute, { maxLength: 4 }),
    fc.constantFrom('>', ' >', '\n>'),
    values,
    fc.boolean(),
  )
  .map(([element, attributes, end, text, isFixed]): Part[] => [
    fixed(`<${element}`),
    ...attributes.flat(),
    fixed(end),
    { text, fixed: isFixed },
    ...(/^(?:area|img|link)$/i.test(element) ? [] : [fixed(`</${element}>`)]),
  ]);
const other = fc
  .constantFrom(
    '<!-- <a href="https://no.example"> -->',
    '<style>a[href="https://no.example"]{color:red}</style>',
    '<br/>',
    ' a > b ',
  )
  .map((text) => [fixed(text)]);
const document = fc.array(fc.oneof({ weight: 4, arbitrary: tag }, other), { maxLength: 8 });

it('only addresses of links become others, however html is written and cut; an independent reader finds nothing else changed', () => {
  let links = 0;
  fc.assert(
    fc.property(document, (parts) => {
      const all = parts.flat();
      const html = all.map(({ text }) => text).join('');
      // A comment is what is left alone here as nowhere else: a browser reads no links in it, Outlook may.
      const expected = seen(parse(html), (href) => {
        links += 1;
        return led(href);
      });
      const outlook = (text: string) =>
        text.replaceAll(led('https://no.example'), 'https://no.example');
      const replaced = replaceLinks(html, led);
      expect(seen(parse(outlook(replaced)), same)).toEqual(expected);

      const { mark, all: texts } = collectFixed();
      const encoded = {
        written: all.map((part) => (part.fixed ? mark(part.text) : part.text)).join(''),
        fixed: texts,
      };
      // Twice: what was learnt from the first mail must not change the second.
      for (const _ of [1, 2]) expect(spellOut(replaceEncodedLinks(encoded, led))).toBe(replaced);
      expect(spellOut(replaceEncodedLinks(encoded, () => null))).toBe(html);
      expect(replaceLinks(html, () => null)).toBe(html);
    }),
    { numRuns: 1500 },
  );
  expect(links).toBeGreaterThan(500);
});

it('what Outlook alone reads leads there as well', () => {
  const html =
    '<!--[if mso]><v:roundrect xmlns:v="urn:v" href="https://shop.example/a" fill="t"><![endif]--><a href="https://shop.example/a">A</a><link href="https://shop.example/b">';
  expect(replaceLinks(html, led)).toBe(
    html.replaceAll('https://shop.example/a', led('https://shop.example/a')),
  );
});

it('tells the text people read in an address’ place', () => {
  const shown: string[] = [];
  const html =
    '<a href="https://a.example" style="color:red"><b>Our</b> &amp; <i>shop</i></a><a href="https://b.example">https://b.example</a> more <a href="https://c.example"><img src="x" alt=""></a>';
  replaceLinks(html, (_, text) => {
    shown.push(text());
    return null;
  });
  expect(shown).toEqual(['Our & shop', 'https://b.example', '']);
});
