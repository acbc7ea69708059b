import * as Email from '@react-email/components';
import * as fc from 'fast-check';
import {
  createContext,
  createElement as h,
  forwardRef,
  memo,
  type ReactNode,
  useContext,
} from 'react';
import { describe, expect, it, vi } from 'vitest';

import { asciiDocument } from '../escape.ts';
import { staticMarkup, Unfit } from './react-markup.ts';
import { reactDocument } from './react.ts';

/** What React itself gives for the same tree, in ASCII and without the doctype. */
const theirs = (page: React.ReactElement) =>
  asciiDocument(reactDocument(page)).replace(/^<!DOCTYPE[^>]*>/, '');

const page = (...body: ReactNode[]) =>
  h('html', { lang: 'en' }, h('head', null, h('title', null, 'A mail')), h('body', null, ...body));

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('', ' ', "O'Brien & Sons", '"<b>"', '€ 12', 'a\u0000b', '🙂', '\n', '</style>'),
);
const number = fc.oneof(
  fc.integer({ min: -3, max: 1000 }),
  fc.double({ noNaN: true, min: -9, max: 9 }),
);
const value = fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, undefined));

const style = fc.dictionary(
  fc.constantFrom(
    'color',
    'padding',
    'paddingTop',
    'lineHeight',
    'fontWeight',
    'opacity',
    'zIndex',
    'flex',
    'msoLineHeightRule',
    'msTextSizeAdjust',
    'WebkitTextSizeAdjust',
    '--brand',
  ),
  value,
  { noNullPrototype: true, maxKeys: 4 },
);
const attributes = fc
  .record(
    {
      attributes: fc.dictionary(
        fc.constantFrom(
          'className',
          'id',
          'title',
          'width',
          'height',
          'align',
          'valign',
          'role',
          'dir',
          'lang',
          'cellPadding',
          'bgcolor',
          'colSpan',
          'rowSpan',
          'span',
          'hidden',
          'tabIndex',
          'target',
          'href',
          'src',
          'alt',
          'download',
          'contentEditable',
          'aria-hidden',
          'aria-label',
          'data-skip',
          'onClick',
          'bad name',
          'xlinkHref',
          'strokeWidth',
        ),
        fc.oneof(
          value,
          fc.constantFrom('javascript:alert(1)', ' JaVa\nscript:x', 'https://a.example/?b&c'),
        ),
        { noNullPrototype: true, maxKeys: 5 },
      ),
      style: fc.option(style, { nil: undefined }),
    },
    { requiredKeys: ['attributes'] },
  )
  .map(({ attributes: given, style: styles }) => ({ ...given, ...(styles && { style: styles }) }));

const Bold = ({ children }: { children?: ReactNode }) => h('b', null, children, '!');
const Forwarded = forwardRef<HTMLDivElement, { children?: ReactNode }>(({ children }, ref) =>
  h('div', { ref }, children),
);
const Remembered = memo(Bold);

const { node } = fc.letrec<{ node: ReactNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    value,
    fc.tuple(fc.constantFrom('br', 'hr', 'img'), attributes).map(([tag, props]) => h(tag, props)),
    fc
      .tuple(
        fc.constantFrom('div', 'p', 'span', 'a', 'td', 'h1', 'center', Bold, Forwarded, Remembered),
        attributes,
        fc.array(tie('node'), { maxLength: 3 }),
      )
      .map(([type, props, children]) =>
        typeof type === 'string' ? h(type, props, ...children) : h(type, null, ...children),
      ),
    fc
      .array(tie('node'), { maxLength: 3 })
      .map((children) => children.map((child, key) => h('i', { key }, child))),
    text.map((name) => h('meta', { name, content: 'x' })),
    text.map((css) => h('style', null, css)),
  ),
}));

describe('the markup of a mail', () => {
  it('is what React writes, for any tree of plain components and elements', () => {
    // React says much about odd attributes; what counts is what it writes.
    const quiet = vi.spyOn(console, 'error').mockReturnValue();
    fc.assert(
      fc.property(fc.array(node, { maxLength: 4 }), (body) => {
        const element = page(...body);
        expect(staticMarkup(element)).toBe(theirs(element));
      }),
      { numRuns: 400 },
    );
    quiet.mockRestore();
  });

  it('has its head in the order React gives it', () => {
    const element = h(
      'html',
      null,
      h(
        'head',
        { id: 'head' },
        h('style', null, 'a{}'),
        h('meta', { name: 'x', content: '1' }),
        h('meta', { name: 'viewport', content: 'width=device-width' }),
        h('meta', { charSet: 'utf-8' }),
        h('title', null, 'One & only'),
      ),
      h('body', { className: 'b' }, 'x', h('meta', { name: 'late', content: '2' })),
    );
    expect(staticMarkup(element)).toBe(theirs(element));
  });

  it('is the same with the components of React Email', () => {
    const { Body, Button, Column, Container, Font, Head, Heading, Hr, Html, Img, Link, Markdown } =
      Email;
    const { CodeInline, Preview, Row, Section, Text } = Email;
    const element = h(
      Html,
      { lang: 'de', dir: 'ltr' },
      h(Head, null, h(Font, { fontFamily: 'Inter', fallbackFontFamily: 'Verdana' })),
      h(Preview, null, 'Ihre Bestellung – danke'),
      h(
        Body,
        { style: { margin: '0 auto', backgroundColor: '#fff' } },
        h(
          Container,
          { style: { padding: 20 } },
          h(Heading, { as: 'h2', mx: 4 }, 'Hallo'),
          h(Section, null, h(Row, null, h(Column, { align: 'right' }, h(Text, null, 'a'), 3))),
          h(Img, { src: 'https://a.example/a.png', alt: 'A', width: 20 }),
          h(Button, { href: 'https://a.example', style: { padding: '12px 20px' } }, 'Los'),
          h(Link, { href: 'https://a.example/?a=1&b=2' }, 'Link'),
          h(Markdown, null, '# Hi\n\n*there*'),
          h(CodeInline, null, 'x'),
          h(Hr),
        ),
      ),
    );
    expect(staticMarkup(element)).toBe(theirs(element));
  });
});

const Themed = () => h('p', null, useContext(Theme));
const Theme = createContext('light');

describe('left to React itself is', () => {
  it.each([
    ['a hook', page(h(Themed))],
    ['a context', page(h(Theme, { value: 'dark' }, 'x'))],
    ['a form', page(h('form', null, h('input')))],
    ['a drawing', page(h('svg', null, h('title', null, 'x')))],
    ['a list that is no array', page(new Set(['a', 'b']))],
    ['a page without a body', h('html')],
    ['what is no page', h('p', null, 'x')],
  ])('%s', (_, element) => {
    expect(() => staticMarkup(element)).toThrow(Unfit);
  });
});
