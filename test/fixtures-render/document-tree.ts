import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type TreeNode = DefaultTreeAdapterTypes.ChildNode;

/** What a document says to those who read comments for Outlook as comments, and to Outlook, which reads them as markup. */
export function documentTrees(html: string): {
  readonly browser: string;
  readonly outlook: string;
} {
  const joined = withoutRandomIds(html)
    // Values that run the other way are kept apart from their line; MJML knows nothing of that.
    .replace(/&#829[67];|[\u2068\u2069]/g, '')
    // What fills a preheader up, so that mail lists don't go on with the mail's first words: MJML leaves that to authors.
    .replace(/(?:&#8199;|&#847;|\u2007|\u034F)+/g, '')
    // Comments for authors: ours leaves them out.
    .replace(/<!--(?!\[if|<!\[endif|>)[\s\S]*?-->/g, '')
    .replace(/<!\[endif\]-->\s*<!--\[if mso \| IE\]>/g, '');
  return {
    browser: treeOf(joined),
    outlook: treeOf(
      joined
        .replace(/<!--\[if !mso[^\]]*\]><!-->[\s\S]*?<!--<!\[endif\]-->/g, '')
        .replace(/<!--\[if [^\]]*\]>|<!\[endif\]-->/g, ''),
    ),
  };
}

/** MJML ties parts of a carousel or menu together by random names, ours by numbers. */
function withoutRandomIds(html: string): string {
  const names = new Map<string, string>();
  return html.replace(/\b(?:[0-9a-f]{16}|part-\d+)\b/g, (name) => {
    if (!names.has(name)) names.set(name, `random-${names.size}`);
    return names.get(name) ?? '';
  });
}

/**
 * The tree of elements, attributes and texts, one a line. Runs of white space are one blank, and none where only tables
 * or boxes stand. Of style sheets each rule is a line, without those of MJML's own classes that nothing here has.
 */
function treeOf(html: string): string {
  const lines: string[] = [];
  const classes = new Set(
    [...html.matchAll(/\bclass="([^"]*)"/g)].flatMap(([, names]) => (names ?? '').split(/\s+/)),
  );
  const visit = (node: TreeNode, depth: number) => {
    const indent = '  '.repeat(depth);
    if ('tagName' in node) {
      const css = node.tagName === 'style' ? rules(textOf(node), classes) : [];
      if (isEmptyPreview(node) || (node.tagName === 'style' && css.length === 0)) return;
      const attributes = node.attrs
        .map(({ name, value }) => ` ${name}="${value.replace(/\s+/g, ' ').trim()}"`)
        .toSorted();
      lines.push(`${indent}<${node.tagName}${attributes.join('')}>`);
      if (node.tagName === 'style') lines.push(...css);
      else for (const child of node.childNodes) visit(child, depth + 1);
    } else if (node.nodeName === '#text' && 'value' in node) {
      const text = edged(node).replace(/[\t\n\f\r ]+/g, ' ');
      const bare = node.parentNode ? isBare(node.parentNode.nodeName) : false;
      const nothing = text.trim() === '' && (bare || isBetweenBoxes(node));
      if (text !== '' && !nothing) lines.push(`${indent}"${text}"`);
    } else if ('data' in node)
      lines.push(`${indent}<!--${node.data.replace(/\s+/g, ' ').trim()}-->`);
  };
  for (const node of parse(html).childNodes) visit(node, 0);
  return lines.join('\n');
}

const textOf = (node: TreeNode): string =>
  'childNodes' in node
    ? node.childNodes.map((child) => ('value' in child ? child.value : '')).join('')
    : '';

const isBare = (name: string) =>
  ['html', 'head', 'body', 'table', 'tbody', 'tr', 'noscript', 'xml'].includes(name);

/** A box has no white space at its edges. */
function edged(node: DefaultTreeAdapterTypes.TextNode): string {
  const box = ['div', 'td', 'th', 'p', 'li', 'h1', 'h2', 'h3', 'title'];
  const siblings = node.parentNode?.childNodes ?? [];
  if (!box.includes(node.parentNode?.nodeName ?? '')) return node.value;
  const start = siblings[0] === node ? node.value.trimStart() : node.value;
  return siblings.at(-1) === node ? start.trimEnd() : start;
}

/** Between comments and boxes, where MJML sets no text. */
function isBetweenBoxes(node: DefaultTreeAdapterTypes.TextNode): boolean {
  const siblings = node.parentNode?.childNodes ?? [];
  return siblings.every(
    (one) =>
      (one.nodeName === '#text' && 'value' in one && one.value.trim() === '') ||
      ['#comment', 'div', 'table', 'v:rect', 'v:image', 'label', 'input'].includes(one.nodeName),
  );
}

function isEmptyPreview(node: DefaultTreeAdapterTypes.Element): boolean {
  const style = node.attrs.find(({ name }) => name === 'style')?.value ?? '';
  return style.startsWith('display:none;font-size:1px;') && textOf(node).trim() === '';
}

/** A rule for each selector, inside of `@media` with it. */
function rules(css: string, classes: ReadonlySet<string>): string[] {
  const flat = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s+/g, ' ');
  const found: string[] = [];
  let around = '';
  for (const [, selector = '', body] of flat.matchAll(/([^{}]*)(?:\{([^{}]*)\}|\{|\})/g)) {
    if (body !== undefined)
      for (const one of selector.split(',')) found.push(`${around}${one.trim()} {${body.trim()}}`);
    else around = selector.trim() === '' ? '' : `${selector.trim()} `;
  }
  return found
    .filter((rule) => {
      // Comes with an accordion, for Gmail alone.
      if (rule === '@goodbye {@gmail}') return false;
      const names = [...(rule.split('{')[0] ?? '').matchAll(/\.(mj-[\w-]+)/g)];
      return names.every(([, name]) => classes.has(name ?? ''));
    })
    .toSorted();
}
