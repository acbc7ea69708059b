import { unescapeHtml } from '../escape.ts';

/*
 * What of a finished mail decides how its text is laid out: its tags, and of each text whether it says something and where
 * white space stands around it. Two mails of one shape differ in words and addresses alone.
 */

export type MailShape = {
  /** Html of that shape, with a placeholder for each of the words. */
  readonly skeleton: string;
  /** Its texts and addresses, in the words a text part has. */
  readonly words: readonly string[];
};

/** Stands for the words of this number: nothing white, nothing with another case. */
const placeholderOf = (index: number): string => `\uE000${index}\uE001`;
export const placeholderPattern = /\uE000(\d+)\uE001/;

const token = /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|([^<]+)|</g;
const voids = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
/** Elements whose content is laid out by more than its words. */
const peculiar = new Set(
  'pre textarea svg math select option template plaintext xmp listing iframe noembed noframes noscript title body html head'.split(
    ' ',
  ),
);
/** What html takes for white space. */
const blank = ' \\t\\r\\n\\f';
const blanks = new RegExp(`[${blank}]+`, 'g');
const startsBlank = new RegExp(`^[${blank}]`);
const endsBlank = new RegExp(`[${blank}]$`);
/** Characters that are left out of texts, or fill up preheaders. */
const invisible = /(?!\p{VS})\p{DI}|\u2007/u;
/** What of a style decides whether something is seen, or begins a line. */
const layout =
  /(?:^|;)\s*(?:display|visibility|opacity|font-size|max-height|height|overflow|mso-hide)\s*:[^;]*/gi;

/** The shape of a mail's html; null where it has something in it that only a whole conversion knows about. */
export function shapeOf(html: string): MailShape | null {
  const start = /<body\b[^>]*>/.exec(html);
  const end = html.lastIndexOf('</body>');
  if (!start || end < start.index) return null;
  const body = html.slice(start.index + start[0].length, end);
  const words: string[] = [];
  const open: string[] = [];
  let skeleton = '';
  /** Elements open within one that is left out, and it. */
  let hidden = 0;
  /** The words within the link that is open, and where its start tag goes. */
  let link: { readonly href: string; said: string; readonly at: number } | null = null;
  let raw = '';
  token.lastIndex = 0;
  for (let found = token.exec(body); found; found = token.exec(body)) {
    const [whole, closing, written, attributes = '', text] = found;
    if (raw !== '') {
      // Style sheets say nothing.
      if (written?.toLowerCase() === raw && closing === '/') raw = '';
      continue;
    }
    if (hidden > 0) {
      if (written === undefined || voids.has(written.toLowerCase())) continue;
      hidden += closing === '/' ? -1 : 1;
      continue;
    }
    if (text !== undefined) {
      const said = unescapeHtml(text);
      if (said === null || invisible.test(said)) return null;
      const plain = inWords(said);
      const before = startsBlank.test(said) ? ' ' : '';
      if (!hasWords(said.replaceAll('\u00a0', ''))) {
        skeleton += said.replace(blanks, ' ');
        continue;
      }
      const index = words.push(plain) - 1;
      if (link) link.said += plain.replaceAll(' ', '');
      skeleton += `${before}${placeholderOf(index)}${endsBlank.test(said) ? ' ' : ''}`;
      continue;
    }
    if (written === undefined) {
      if (whole === '<') return null;
      skeleton += '<!---->';
      continue;
    }
    const name = written.toLowerCase();
    if (closing === '/') {
      if (open.pop() !== name) return null;
      if (name === 'a' && link) {
        skeleton = opened(skeleton, link, words);
        link = null;
      }
      skeleton += `</${name}>`;
      continue;
    }
    if (peculiar.has(name)) return null;
    if (name === 'style' || name === 'script') {
      raw = name;
      continue;
    }
    if (attributes.includes('data-skip-in-text="true"') && !voids.has(name)) {
      hidden = 1;
      continue;
    }
    const kept = keptAttributes(name, attributes);
    if (name === 'img') {
      const alt = unescapeHtml(/\salt="([^"]*)"/.exec(attributes)?.[1] ?? '')?.trim();
      if (alt === undefined || invisible.test(alt) || /^[\w-]+\.\w+$/.test(alt)) return null;
      const index = alt === '' ? -1 : words.push(inWords(alt)) - 1;
      if (link) link.said += inWords(alt).replaceAll(' ', '');
      skeleton += `<img${kept}${index < 0 ? '' : ` alt="${placeholderOf(index)}"`}>`;
      continue;
    }
    if (name === 'a') {
      const href = hrefOf(attributes);
      if (link || href === null) return null;
      link = { href, said: '', at: skeleton.length + '<a'.length };
    }
    skeleton += `<${name}${kept}>`;
    if (!voids.has(name)) open.push(name);
  }
  return open.length > 0 || hidden > 0 || raw !== ''
    ? null
    : { skeleton: `<body>${skeleton}</body>`, words };
}

/** With the link's address in its start tag, unless it is what the link says. */
function opened(
  skeleton: string,
  { href, said, at }: { readonly href: string; readonly said: string; readonly at: number },
  words: string[],
): string {
  if (href === '' || href === said) return skeleton;
  const index = words.push(inWords(href)) - 1;
  return `${skeleton.slice(0, at)} href="${placeholderOf(index)}"${skeleton.slice(at)}`;
}

/** Its words with one blank between them; what isn't white space to html stays. */
const inWords = (text: string) => text.replace(blanks, ' ').replace(/^ | $/g, '');

const hasWords = (text: string) => text.replace(blanks, '') !== '';

const keptAttributes = (name: string, attributes: string): string => {
  const style = /\sstyle="([^"]*)"/.exec(attributes)?.[1] ?? '';
  const laidOut = (style.match(layout) ?? []).join('');
  let kept = laidOut === '' ? '' : ` style="${laidOut}"`;
  for (const [one] of attributes.matchAll(/\shidden(?:="[^"]*")?(?=[\s/]|$)/g)) kept += one;
  if (name === 'ol' || name === 'li')
    for (const [one] of attributes.matchAll(/\s(?:start|type|value)="[^"]*"/g)) kept += one;
  if (name === 'img')
    for (const [one] of attributes.matchAll(/\s(?:width|height)="1"/g)) kept += one;
  return kept;
};

/** As it is said in a text; empty where it isn't, null where that can't be told. */
function hrefOf(attributes: string): string | null {
  const written = /\shref="([^"]*)"/.exec(attributes)?.[1];
  if (written === undefined) return /\bhref/i.test(attributes) ? null : '';
  const address = unescapeHtml(written)?.replace(/^mailto:/, '');
  if (address === undefined) return null;
  if (address.startsWith('#')) return '';
  // One of blanks alone is an address to the one who asks whether there is one.
  return address !== '' && !hasWords(address) ? null : address;
}
