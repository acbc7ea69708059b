import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;

/** An element of a mail's html, as a mail client reads it. */
export type MailElement = {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Its text and that of what it contains, blanks folded; of pictures their `alt`. */
  readonly text: string;
  readonly parent: MailElement | null;
};

/** Every element in the order of the document. What only Outlook reads (conditional comments) isn't among them. */
export function mailElements(html: string): readonly MailElement[] {
  const elements: MailElement[] = [];
  const visit = (node: Node, parent: MailElement | null) => {
    if (!('childNodes' in node)) return;
    let inside = parent;
    if ('tagName' in node) {
      inside = {
        tag: node.tagName,
        attributes: new Map(node.attrs.map(({ name, value }) => [name, value])),
        // A no-break space is part of what is said: 1 650,00 €.
        text: textOf(node)
          .replace(/[ \t\r\n\f]+/g, ' ')
          .trim(),
        parent,
      };
      elements.push(inside);
    }
    for (const child of node.childNodes) visit(child, inside);
  };
  visit(parse(html), null);
  return elements;
}

function textOf(node: Node): string {
  if ('value' in node) return node.value;
  if ('tagName' in node) {
    if (node.tagName === 'style' || node.tagName === 'script') return '';
    if (node.tagName === 'img') return node.attrs.find(({ name }) => name === 'alt')?.value ?? '';
  }
  if (!('childNodes' in node)) return '';
  return node.childNodes
    .map((child) =>
      'tagName' in child && apart.test(child.tagName) ? ` ${textOf(child)} ` : textOf(child),
    )
    .join('');
}

/** Elements whose text stands apart from what is beside them. */
const apart = /^(p|div|h[1-6]|li|ul|ol|table|tbody|tr|td|th|br|hr|center)$/;

/** Its own style or an ancestor's hides it from the eye. */
export function isHidden(element: MailElement): boolean {
  for (let one: MailElement | null = element; one; one = one.parent)
    if (/display\s*:\s*none|mso-hide/i.test(one.attributes.get('style') ?? '')) return true;
  return false;
}
