import { type DefaultTreeAdapterTypes, html as known, parse, serialize } from 'parse5';

import { isUnsubscribe, type Notes, type Rewriter } from './mustaches.ts';

/** A template from elsewhere in Laurel's form: the body, and what its head said. */
export type Imported = {
  readonly body: string;
  readonly subject: string;
  readonly preheader: string;
};

/** Others' words for fields, as `{{…}}`. */
const asMustaches = (source: string) =>
  source
    .replace(
      /\*\|(?:MC:)?([A-Z_][A-Z0-9_]*)\|\*/g,
      (_, name: string) => `{{${name.toLowerCase()}}}`,
    )
    .replace(/%recipient\.(\w+)%/g, '{{$1}}')
    .replace(/<%asm_(?:group_unsubscribe|preferences)(?:_raw)?_url%>/g, '{{unsubscribe}}');

/** What no mail may have, or Laurel does itself. */
function cleaned(source: string, notes: Notes): string {
  const without = (from: string, pattern: RegExp, note: string) =>
    from.replace(pattern, () => {
      notes.changed.add(note);
      return '';
    });
  let text = asMustaches(source);
  text = without(text, /<script\b[\s\S]*?<\/script>/gi, 'scripts are left out');
  text = without(text, /<mj-font\b[^>]*?(\/>|>\s*<\/mj-font>)/gi, 'remote fonts are left out');
  text = without(text, /<link\b[^>]*>/gi, 'remote style sheets are left out');
  text = without(text, /@import\b[^;]*;/gi, 'remote style sheets are left out');
  text = without(text, /@font-face\s*\{[^}]*\}/gi, 'remote fonts are left out');
  text = without(text, /\son\w+\s*=\s*("[^"]*"|'[^']*')/gi, 'scripts are left out');
  text = without(text, /\{\{!(--[\s\S]*?--|[\s\S]*?)\}\}/g, 'comments are left out');
  // The link is there where the mail may be unsubscribed from.
  return text.replace(
    /<a\b[^>]*?href="\{\{\{?\s*([\w.]+)\s*\}?\}\}"[^>]*>[\s\S]*?<\/a>/gi,
    (whole, name: string) => {
      if (!isUnsubscribe(name)) return whole;
      notes.changed.add('the link to unsubscribe is there where the mail can be unsubscribed from');
      return `{{#lrlUnsubscribe}}${whole}{{/lrlUnsubscribe}}`;
    },
  );
}

/** Every `{{…}}` of markup rewritten where it stands: in text, in an address, in another attribute. */
function rewritten(
  source: string,
  { text, address }: Rewriter,
  notes: Notes,
  mjml: boolean,
): string {
  const tokens = /(\s)([\w:-]+)\s*=\s*("[^"]*"|'[^']*')|\{\{\{?[\s\S]*?\}?\}\}/g;
  return source.replace(
    tokens,
    (whole, blank: string | undefined, name: string | undefined, quoted: string | undefined) => {
      if (blank === undefined || name === undefined || quoted === undefined) {
        if (whole === '{{#lrlUnsubscribe}}') return '{{#if links.unsubscribe}}';
        if (whole === '{{/lrlUnsubscribe}}') return '{{/if}}';
        return text(whole);
      }
      const value = quoted.slice(1, -1);
      if (!value.includes('{{')) return whole;
      const lower = name.toLowerCase();
      if (lower === 'href' || lower === 'src') return `${blank}${name}="${address(value)}"`;
      const settled = /^(style|class|id|colspan|rowspan|bgcolor)$/.test(lower);
      if (settled || (mjml && lower !== 'alt' && lower !== 'title' && lower !== 'width')) {
        notes.open.add(
          `${name}="${value}" is left out: it can’t depend on data; use a brand token`,
        );
        return '';
      }
      return `${blank}${name}="${value.replace(/\{\{\{?[\s\S]*?\}?\}\}/g, text)}"`;
    },
  );
}

const plain = (html: string) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** A whole MJML document. */
export function fromMjml(source: string, words: Rewriter, notes: Notes): Imported {
  let text = cleaned(source, notes).replace(/<!--[\s\S]*?-->/g, '');
  const take = (tag: string) => {
    const pattern = new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}>`, 'i');
    const said = plain(pattern.exec(text)?.[1] ?? '');
    text = text.replace(pattern, '');
    return said;
  };
  const subject = take('mj-title');
  const preheader = take('mj-preview');
  text = text.replace(/<mj-include\b[^>]*?(\/>|>\s*<\/mj-include>)/gi, (whole) => {
    notes.open.add(`${whole} is left out: put its contents into a partial`);
    return '';
  });
  text = text.replace(/(<mj-style\b[^>]*?)\s+inline="inline"/gi, (_, tag: string) => {
    notes.changed.add('<mj-style inline> is an ordinary style sheet');
    return tag;
  });
  text = /<mj-head\b/i.test(text)
    ? text.replace(/<mj-head\b[^>]*>/i, '<mj-head>\n    {{> head}}')
    : text.replace(/<mjml\b[^>]*>/i, '<mjml>\n  <mj-head>{{> head}}</mj-head>');
  const [head = '', ...body] = text.split('{{> head}}');
  return {
    body: `${head}{{> head}}${rewritten(body.join('{{> head}}'), words, notes, true)}`,
    subject,
    preheader,
  };
}

type Node = DefaultTreeAdapterTypes.Node;

/** A whole html mail: its body stands as it is in one `<mj-raw>`, its styles in `<mj-style>`. */
export function fromHtml(source: string, words: Rewriter, notes: Notes): Imported {
  const fields: string[] = [];
  // Placeholders a parser leaves where they stand: comments in text, words in attributes.
  let subject = '';
  const untitled = cleaned(source, notes).replace(
    /<title\b[^>]*>([\s\S]*?)<\/title>/i,
    (_, said: string) => {
      subject = said.trim();
      return '';
    },
  );
  const marked = marking(untitled.replace(/<!--(?!\[if)[\s\S]*?-->/g, ''), fields);
  const document = parse(marked);
  let preheader = '';
  let ground = '';
  const styles: string[] = [];
  let body = '';
  const restored = (text: string) =>
    text.replace(
      /<!--lrlf(\d+)z-->|lrlf(\d+)z/g,
      (_, a: string | undefined, b: string | undefined) => fields[Number(a ?? b)] ?? '',
    );
  const visit = (node: Node) => {
    if ('tagName' in node) {
      if (node.tagName === 'style') {
        styles.push(serialize(node));
        return;
      }
      if (node.tagName === 'body') {
        ground = /#[0-9a-f]{6}\b/i.exec(node.attrs.map(({ value }) => value).join(' '))?.[0] ?? '';
        preheader = preheaderOf(node, restored);
        wellMade(node, notes);
        body = restored(serialize(node));
      }
    }
    if ('childNodes' in node) for (const child of node.childNodes) visit(child);
  };
  visit(document);
  notes.changed.add('the html stands in <mj-raw>, with Laurel’s head before it');
  const css = styles.map((one) => one.trim()).filter((one) => one !== '' && !one.includes('lrlf'));
  const style = css.length > 0 ? `\n    <mj-style>\n${css.join('\n')}\n    </mj-style>` : '';
  return {
    body: `<mjml>
  <mj-head>
    {{> head}}${style}
  </mj-head>
  <mj-body${ground === '' ? '' : ` background-color="${ground}"`}>
    <mj-raw>
${rewritten(body, words, notes, false)}
    </mj-raw>
  </mj-body>
</mjml>
`,
    subject,
    preheader,
  };
}

/** Puts a placeholder in place of each `{{…}}`. */
function marking(source: string, fields: string[]): string {
  let inTag = false;
  return source.replace(/\{\{\{?[\s\S]*?\}?\}\}|<(?=[A-Za-z/!])|>/g, (token) => {
    if (token === '<' || token === '>') {
      inTag = token === '<';
      return token;
    }
    const at = fields.push(token) - 1;
    return inTag ? `lrlf${at}z` : `<!--lrlf${at}z-->`;
  });
}

/** The hidden line many put first in the body; Laurel's head has its own. */
function preheaderOf(
  body: DefaultTreeAdapterTypes.Element,
  restored: (text: string) => string,
): string {
  const first = body.childNodes.find((node) => 'tagName' in node);
  if (!first || !('tagName' in first)) return '';
  const style = first.attrs.find(({ name }) => name === 'style')?.value ?? '';
  if (!/display\s*:\s*none|max-height\s*:\s*0/.test(style)) return '';
  body.childNodes = body.childNodes.filter((node) => node !== first);
  return plain(restored(serialize(first)));
}

/** What every mail needs and a machine can add: roles, alternatives, sizes are left to people. */
function wellMade(node: Node, notes: Notes): void {
  if ('tagName' in node) {
    const has = (name: string) => node.attrs.some((one) => one.name === name);
    if (node.tagName === 'table' && !has('role')) {
      node.attrs.push({ name: 'role', value: 'presentation' });
      notes.changed.add('tables are marked as layout (role="presentation")');
    }
    if (node.tagName === 'img' && !has('alt')) {
      node.attrs.push({ name: 'alt', value: '' });
      notes.open.add('a picture had no alt: say what it shows, or leave it empty for decoration');
    }
    if (
      node.tagName === 'a' &&
      node.attrs.some(({ name, value }) => name === 'href' && value.startsWith('http:'))
    )
      notes.open.add('a link is not encrypted: use https');
    if (node.namespaceURI !== known.NS.HTML)
      notes.open.add(`<${node.tagName}> is not shown by most mail clients`);
  }
  if ('childNodes' in node) for (const child of node.childNodes) wellMade(child, notes);
}
