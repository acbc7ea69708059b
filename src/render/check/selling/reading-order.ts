import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;

/** A piece of text as it is read, and the element it stands in. */
export type Piece = { readonly text: string; readonly within: Node | null };

/** The texts of a mail's html in the order they are read, but for what no eye sees. */
export function readingOrder(html: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const visit = (node: Node, within: Node | null) => {
    if (node.nodeName === '#text' && 'value' in node) {
      const text = node.value.replace(/\s+/g, ' ').trim();
      if (text !== '') pieces.push({ text, within });
    }
    if (!('childNodes' in node) || isUnseen(node)) return;
    for (const child of node.childNodes) visit(child, node);
  };
  visit(parse(html), null);
  return pieces;
}

function isUnseen(node: Node): boolean {
  if (!('tagName' in node)) return false;
  const style = node.attrs.find(({ name }) => name === 'style')?.value ?? '';
  return /^(style|script|title|template)$/.test(node.tagName) || /display\s*:\s*none/i.test(style);
}

/** Where a text has something that the same text without it lacks: `from` the first such piece, up to `to`. */
export function differs(
  whole: readonly string[],
  without: readonly string[],
): { readonly from: number; readonly to: number } {
  const shorter = Math.min(whole.length, without.length);
  let from = 0;
  while (from < shorter && whole[from] === without[from]) from += 1;
  let same = 0;
  while (same < shorter - from && whole.at(-1 - same) === without.at(-1 - same)) same += 1;
  return { from, to: whole.length - same };
}

/** What is left of a text when only what it says counts, not how it is set. */
export const letters = (from: string) => from.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
