import { type DefaultTreeAdapterTypes, parse } from 'parse5';

import { declarationsOf } from '../css-declarations.ts';
import { placeholders } from '../mjml/placeholders.ts';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;
type Cut = readonly [from: number, to: number];

/** Html without what nobody sees: hidden elements, and text without size. What stands for values and conditions stays. */
export function visibleHtml(html: string): string {
  const cuts: Cut[] = [];
  const visit = (node: Node, sized: boolean) => {
    const at = 'sourceCodeLocation' in node ? node.sourceCodeLocation : undefined;
    if ('value' in node) {
      // Text out of place in a table is taken for one with what stands between.
      const whole = at && !html.slice(at.startOffset, at.endOffset).includes('<');
      if (!sized && whole) cuts.push(...around(html, at.startOffset, at.endOffset));
      return;
    }
    if (!('childNodes' in node)) return;
    if (!('tagName' in node)) {
      for (const child of node.childNodes) visit(child, sized);
      return;
    }
    if (isHidden(node)) {
      if (at) cuts.push([at.startOffset, at.endOffset]);
      return;
    }
    const size = declarationsOf(attributeOf(node, 'style') ?? '').get('font-size');
    const inside = size === undefined ? sized : !isZero(size);
    for (const child of node.childNodes) visit(child, inside);
  };
  visit(parse(html, { sourceCodeLocationInfo: true }), true);
  let written = '';
  let done = 0;
  for (const [from, to] of cuts.toSorted(([a], [b]) => a - b)) {
    if (from < done) continue;
    written += html.slice(done, from);
    done = to;
  }
  return written + html.slice(done);
}

/** Whether what stands in place of a condition decides whether something can be seen: only a finished mail tells. */
export const hidesByCondition = (html: string): boolean =>
  (html.match(/<[a-zA-Z][^<>]*lrl0s\d+x[^<>]*>/g) ?? []).some((tag) =>
    /\bhidden\b|display|visibility|opacity|font-size|max-height|mso-hide/i.test(tag),
  );

/** The parts of a text beside its placeholders. */
function around(html: string, from: number, to: number): Cut[] {
  const cuts: Cut[] = [];
  let at = from;
  for (const found of html.slice(from, to).matchAll(placeholders)) {
    cuts.push([at, from + found.index]);
    at = from + found.index + found[0].length;
  }
  return [...cuts, [at, to]];
}

const attributeOf = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((one) => one.name === name)?.value;

const isZero = (value: string | undefined): boolean =>
  value !== undefined && /^[+-]?0*\.?0+(?:px|pt|em|rem|%)?$/.test(value);

/** By its own attributes: hidden from the eye. */
function isHidden(element: Element): boolean {
  if (element.tagName === 'head') return false;
  if (attributeOf(element, 'hidden') !== undefined) return true;
  if (attributeOf(element, 'data-skip-in-text') === 'true') return true;
  const style = declarationsOf(attributeOf(element, 'style') ?? '');
  return (
    style.get('display') === 'none' ||
    style.get('visibility') === 'hidden' ||
    isZero(style.get('opacity')) ||
    isZero(style.get('max-height')) ||
    (isZero(style.get('height')) && style.get('overflow') === 'hidden') ||
    // A button that only Outlook draws in another way is for all others to see.
    (style.get('mso-hide') === 'all' && !hasLink(element))
  );
}

const hasLink = (node: Node): boolean =>
  ('tagName' in node && node.tagName === 'a') ||
  ('childNodes' in node && node.childNodes.some(hasLink));
