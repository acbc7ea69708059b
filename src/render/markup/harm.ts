import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** What no mail may have, and why. Looked for in source files, where it has a line, and in finished html, however it got there. */
export const refusedElements: Readonly<Record<string, string>> = {
  script: 'mails run no scripts',
  iframe: 'no mail client shows it',
  frame: 'no mail client shows it',
  frameset: 'no mail client shows it',
  object: 'no mail client shows it',
  embed: 'no mail client shows it',
  applet: 'no mail client shows it',
  portal: 'no mail client shows it',
  base: 'links are written out',
  link: 'it loads something from elsewhere',
  form: 'no mail client keeps it',
  button: 'no mail client keeps it; make it a link',
  textarea: 'no mail client keeps it',
  select: 'no mail client keeps it',
};

export const urlAttributes: ReadonlySet<string> = new Set(
  'href src background background-url action formaction poster cite srcset xlink:href data dynsrc lowsrc longdesc ping codebase classid profile manifest'.split(
    ' ',
  ),
);

/** Of `<input>`s, those that mail clients which know them use to show and hide. */
const showsAndHides = (type: string | undefined): boolean =>
  /^\s*(?:checkbox|radio)\s*$/i.test(type ?? '');

/** Nothing of these is ever missed, for all of them are in the source as they are written; some of what is found is harmless. */
const suspicious = new RegExp(
  [
    `<(?:${[...Object.keys(refusedElements), 'input', 'svg', 'math', 'template', 'noscript', 'plaintext', 'xmp'].join('|')})(?![\\w-])`,
    String.raw`[\s/"'](?:on\w|srcdoc|http-equiv(?!\s*=\s*["']?(?:content-type|content-language|x-ua-compatible)["'\s/>]))`,
    String.raw`[\s/"'](?:${[...urlAttributes].join('|')})\s*=\s*(?!"(?:https?://|mailto:|tel:|cid:|#))`,
    'react-email-markdown',
    String.raw`expression\s*\(|javascript:|vbscript:|-moz-binding|behavior\s*:`,
  ].join('|'),
  'i',
);

/**
 * What is in finished html that no mail may have; null where nothing is. Read as a mail client reads it (the html standard's
 * parser), where anything looks like it. `linkedData`: what the one script is allowed to say that no program runs.
 */
export function harmIn(html: string, linkedData = ''): string | null {
  return !suspicious.test(html) || isPlainlyHarmless(html, linkedData)
    ? null
    : harmInTree(parse(html), linkedData, false);
}

const tagOrText =
  /[^<]+|<!DOCTYPE[^<>]*>|<(\/?)([a-z][a-z0-9]*)(?:\s+[^\s"'<>/=]+(?:="[^"<]*")?)*\s*\/?>/iy;
/** What stands in these is no markup, up to what ends them. */
const endOf: ReadonlyMap<string, RegExp> = new Map([
  ['style', /<\/style/gi],
  ['title', /<\/title/gi],
]);
const unusual = new Set(['noembed', 'noframes']);

/**
 * Whether html that is written as plainly as React writes it has nothing suspicious in its tags, but for the one script it may
 * have; false in doubt. Words such as "one" and that script would otherwise have nearly every mail read by the parser, which takes
 * as long as rendering it.
 */
function isPlainlyHarmless(html: string, linkedData: string): boolean {
  const script =
    linkedData === '' || linkedData.includes('<')
      ? undefined
      : `<script type="application/ld+json">${linkedData}</script>`;
  let within: string | undefined;
  for (let at = 0; at < html.length; at = tagOrText.lastIndex) {
    tagOrText.lastIndex = at;
    const [found, slash, written] = tagOrText.exec(html) ?? [];
    if (found === undefined) return false;
    const name = written?.toLowerCase();
    if (within !== undefined && (name !== within || slash !== '/')) return false;
    within = undefined;
    if (name === undefined) continue;
    if (name === 'script' && script !== undefined && html.startsWith(script, at)) {
      tagOrText.lastIndex = at + script.length;
      continue;
    }
    if (unusual.has(name) || suspicious.test(found)) return false;
    const end = slash === '' ? endOf.get(name) : undefined;
    if (!end) continue;
    end.lastIndex = tagOrText.lastIndex;
    const ended = end.exec(html);
    if (!ended) return false;
    tagOrText.lastIndex = ended.index;
    within = name;
  }
  return within === undefined;
}

function harmInTree(node: Node, linkedData: string, fromMarkdown: boolean): string | null {
  if ('data' in node && node.nodeName === '#comment') return harmInComment(node.data, linkedData);
  if (!('childNodes' in node)) return null;
  if (!('tagName' in node)) return firstOf(node.childNodes, linkedData, fromMarkdown);
  const inMarkdown =
    fromMarkdown ||
    node.attrs.some(({ name, value }) => name === 'data-id' && value === 'react-email-markdown');
  const own = harmOf(node, linkedData) ?? (fromMarkdown ? notMarkdown(node) : null);
  const content = 'content' in node ? node.content.childNodes : [];
  return own ?? firstOf([...node.childNodes, ...content], linkedData, inMarkdown);
}

function firstOf(nodes: readonly Node[], linkedData: string, inMarkdown: boolean): string | null {
  for (const node of nodes) {
    const found = harmInTree(node, linkedData, inMarkdown);
    if (found !== null) return found;
  }
  return null;
}

/** Outlook reads what is in its comments. */
function harmInComment(data: string, linkedData: string): string | null {
  const inside = /^\[if\b[^\]]*\]>([\s\S]*)$/i.exec(data)?.[1];
  return inside === undefined ? null : harmIn(inside, linkedData);
}

function harmOf(element: Element, linkedData: string): string | null {
  const { tagName, attrs } = element;
  const attribute = (name: string) => attrs.find((one) => one.name === name)?.value;
  const why = refusedElements[tagName];
  if (tagName === 'script' && isLinkedData(element, linkedData)) return null;
  if (tagName === 'input' && !showsAndHides(attribute('type')))
    return '<input>: no mail client keeps it';
  if (why !== undefined) return `<${tagName}>: ${why}`;
  const refresh = attribute('http-equiv');
  if (
    refresh !== undefined &&
    !/^\s*(?:content-type|content-language|x-ua-compatible)\s*$/i.test(refresh)
  )
    return `<${tagName} http-equiv="${refresh.slice(0, 40)}">`;
  for (const { name, prefix, value } of attrs) {
    const whole = prefix ? `${prefix}:${name}` : name;
    if (/^on/i.test(name) || name === 'srcdoc') return `${whole}: mails run no scripts`;
    if (urlAttributes.has(whole) || urlAttributes.has(name)) {
      const harm = harmOfAddress(whole, value);
      if (harm !== null) return harm;
    }
    if (name === 'style' && runs.test(value.replace(/\/\*[\s\S]*?\*\/|\\/g, '')))
      return `style="${value.slice(0, 60)}" runs something`;
    // What animates an address in a drawing.
    if ((name === 'values' || name === 'to' || name === 'from') && /script\s*:/i.test(value))
      return `${name}="${value.slice(0, 60)}" runs something`;
  }
  return null;
}

const runs = /expression\s*\(|javascript:|vbscript:|-moz-binding|behavior\s*:/i;

/** The scheme as programs see it, which skip controls and white space within. */
function harmOfAddress(name: string, value: string): string | null {
  const address = value.replace(/[\p{Cc} \u00A0]+/gu, '');
  const candidates = name === 'srcset' ? address.split(',') : [address];
  for (const one of candidates) {
    const scheme = /^([^/?#:]*):/.exec(one)?.[1]?.toLowerCase();
    if (scheme !== undefined && !/^(?:https?|mailto|tel|sms|cid)$/.test(scheme))
      return `${name}="${value.trim().slice(0, 80)}" is not an http, https, mailto or tel address`;
  }
  return null;
}

/** Data about the mail that programs read and none runs: exactly what we said. */
const isLinkedData = ({ attrs, childNodes }: Element, linkedData: string): boolean => {
  const [text, ...more] = childNodes;
  return (
    linkedData !== '' &&
    attrs.length === 1 &&
    attrs[0]?.name === 'type' &&
    attrs[0].value === 'application/ld+json' &&
    text !== undefined &&
    'value' in text &&
    text.value === linkedData &&
    more.length === 0
  );
};

/** What Markdown itself makes. */
const ofMarkdown = new Set(
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s strong sub sup table tbody td th thead tr u ul'.split(
    ' ',
  ),
);
const attributesOfMarkdown = new Set('href src alt title style align start target'.split(' '));

/** Html that was written within Markdown: out of data, it is anybody's. */
function notMarkdown({ tagName, attrs }: Element): string | null {
  if (!ofMarkdown.has(tagName)) return `<${tagName}> in Markdown: write Markdown, not html`;
  const odd = attrs.find(({ name }) => !attributesOfMarkdown.has(name));
  return odd ? `<${tagName} ${odd.name}> in Markdown: write Markdown, not html` : null;
}
