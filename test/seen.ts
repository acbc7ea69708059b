import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;

/** What a reader sees of html, and the texts of its pictures; cells and lines apart. Read without anything of ours. */
export const seenIn = (html: string): string => seen(parse(html));

/** The same, and where its links lead. */
export function seenAndLinked(html: string): string {
  const links = [...html.matchAll(/<a\b[^>]* href="([^"]*)"/g)].map(([, to = '']) => to);
  return [
    seenIn(html),
    ...links.map((to) => to.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')),
  ].join(' ');
}

function seen(node: Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  if (['head', 'style', 'script', '#comment', 'title'].includes(node.nodeName)) return '';
  if (
    'attrs' in node &&
    node.attrs.some(({ name, value }) => name === 'style' && /display:\s*none/.test(value))
  )
    return '';
  const alt = 'attrs' in node ? (node.attrs.find(({ name }) => name === 'alt')?.value ?? '') : '';
  const inside = 'childNodes' in node ? node.childNodes.map(seen).join('') : '';
  return /^(b|bdi|span|a|strong)$/.test(node.nodeName) ? inside : ` ${alt} ${inside} `;
}
