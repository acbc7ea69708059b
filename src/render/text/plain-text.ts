import { convert, type DomNode, type FormatCallback, type HtmlToTextOptions } from 'html-to-text';

import { declarationsOf } from '../css-declarations.ts';
import { visibleHtml } from './visible-html.ts';

/** Elements that begin a line of their own. */
const blocks = new Set(
  'address article aside blockquote center dd div dl dt fieldset figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table ul'.split(
    ' ',
  ),
);
/** Parts of a table that merely hold others. */
const holders = new Set(['tbody', 'thead', 'tfoot', 'tr', 'td', 'th']);
const isCell = ({ name }: DomNode) => name === 'td' || name === 'th';

const childrenOf = ({ children }: DomNode): DomNode[] => children ?? [];

/** What a picture says; nothing where it is decoration, counts readers, or is named like a file. */
function altOf({ attribs }: DomNode): string {
  const alt = (attribs?.['alt'] ?? '').trim();
  const dot = [attribs?.['width'], attribs?.['height']].includes('1');
  return dot || /^[\w-]+\.(?:png|jpe?g|gif|webp|svg)$/i.test(alt) ? '' : alt;
}

const says = (node: DomNode): boolean =>
  node.type === 'text'
    ? /[^\s\u00A0\u200B-\u200F\uFEFF]/.test(node.data ?? '')
    : node.name === 'img'
      ? altOf(node) !== ''
      : childrenOf(node).some(says);

const isBlock = ({ name = '' }: DomNode) => blocks.has(name) || holders.has(name);

/** What of a cell can stand in a line with others: its words, out of a single paragraph or from the cell itself. Null where there are more. */
function lineOf(nodes: DomNode[]): DomNode[] | null {
  const saying = nodes.filter(says);
  const [only] = saying;
  if (saying.length === 1 && only && isBlock(only)) return lineOf(childrenOf(only));
  const breaks = (node: DomNode): boolean =>
    isBlock(node) || node.name === 'br' || childrenOf(node).some(breaks);
  return nodes.some(breaks) ? null : nodes;
}

/** A row of a table is a line, its cells apart; cells of several lines stand below each other. */
const row: FormatCallback = (element, walk, builder) => {
  const children = childrenOf(element);
  const cells = children.filter((child) => isCell(child) && says(child));
  const lines = cells.map((cell) => lineOf(childrenOf(cell)));
  const inLine = cells.length > 1 && !lines.includes(null);
  builder.openBlock({ leadingLineBreaks: 1 });
  for (const child of children) {
    const line = lines[cells.indexOf(child)];
    if (!isCell(child)) walk([child], builder);
    else if (inLine && line) {
      walk(line, builder);
      // After each, for it may be repeated; the last one's goes with the blanks at the line's end. See columns.ts.
      builder.addLiteral('\t');
    } else if (says(child)) {
      builder.openBlock({ leadingLineBreaks: 1 });
      walk(childrenOf(child), builder);
      builder.closeBlock({ trailingLineBreaks: 1 });
    }
  }
  builder.closeBlock({ trailingLineBreaks: 1 });
};

const picture: FormatCallback = (element, _walk, builder) => {
  const alt = altOf(element);
  if (alt === '') return;
  const style = declarationsOf(element.attribs?.['style'] ?? '');
  const apart = style.get('display') === 'block' && element.parent?.name !== 'a';
  if (apart) builder.openBlock({ leadingLineBreaks: 1 });
  builder.addInline(alt);
  if (apart) builder.closeBlock({ trailingLineBreaks: 1 });
};

const options: HtmlToTextOptions = {
  wordwrap: false,
  whitespaceCharacters: ' \t\r\n\f',
  formatters: { row, picture },
  selectors: [
    ...['title', 'script', 'style'].map((selector) => ({ selector, format: 'skip' })),
    { selector: 'img', format: 'picture' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    { selector: 'table', format: 'block' },
    { selector: 'tr', format: 'row' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
  ],
};

/** What only keeps a mail list from showing the words after a preheader. */
const padding =
  /(?:[\s\u00A0]*(?:(?!\p{VS}|[\u{E0000}-\u{E007F}])\p{DI}|\u2007)){3,}[ \t\u00A0]*/gu;

/** What a mail's html says, before it is tidied. What stands for values and conditions stays as it is. */
export const plainOfHtml = (html: string): string =>
  convert(visibleHtml(html), options)
    // What it stands behind ends its line there.
    .replace(padding, (fill) => /^[\s\u00A0]*\n+/.exec(fill)?.[0] ?? '')
    .replace(/\u00AD|\u200B|\uFEFF/g, '');
