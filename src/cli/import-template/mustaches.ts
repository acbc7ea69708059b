import { type Field, use } from './fields.ts';

/** What was changed, and what a person has to look at. */
export type Notes = { readonly changed: Set<string>; readonly open: Set<string> };

type Frame = { readonly field: Field; readonly closes: string; readonly enters: boolean };

/** Reads the `{{…}}` of other systems in the order they stand and says each in Laurel's words. */
export type Rewriter = {
  /** One `{{…}}` in text or an ordinary attribute. */
  readonly text: (source: string) => string;
  /** The whole value of an `href` or `src`. */
  readonly address: (value: string) => string;
  /** A subject or preheader as an ICU message, and the fields it needs. */
  readonly message: (text: string) => string;
};

const mustache = /\{\{\{?[\s\S]*?\}?\}\}/g;

/** Comparisons that others write as blocks. */
const comparisons: Readonly<Record<string, (a: string, b: string) => string>> = {
  equals: (a, b) => `(eq ${a} ${b})`,
  equal: (a, b) => `(eq ${a} ${b})`,
  notEquals: (a, b) => `(not (eq ${a} ${b}))`,
  greaterThan: (a, b) => `(gt ${a} ${b})`,
  lessThan: (a, b) => `(gt ${b} ${a})`,
  and: (a, b) => `(and ${a} ${b})`,
  or: (a, b) => `(or ${a} ${b})`,
};

const unsubscribing = /^(unsubscribe|unsubscribe_?url|unsubscribe_preferences|unsubscribeLink)$/i;
export const isUnsubscribe = (name: string): boolean => unsubscribing.test(name.trim());

export function rewriter(root: Field, notes: Notes): Rewriter {
  const frames: Frame[] = [];
  const here = () => frames.findLast(({ enters }) => enters)?.field ?? root;

  /** A name as Laurel writes it, and its use noted. */
  function name(written: string, kind: Field['kind']): string {
    if (/^(["'].*["']|-?\d+(\.\d+)?|true|false|null)$/.test(written))
      return written.replace(/^'(.*)'$/, '"$1"');
    if (written.startsWith('@') && !written.startsWith('@root')) return written;
    if (isUnsubscribe(written)) return 'links.unsubscribe';
    const up = /^(\.\.\/)*/.exec(written)?.[0].length ?? 0;
    const path = written
      .replace(/^(\.\.\/)+|^@root\.|^this[./]|^\.\//g, '')
      .split(/[./]/)
      .filter((part) => part !== '' && part !== 'this');
    const entered = frames.filter(({ enters }) => enters);
    const atRoot = written.startsWith('@root') || up / 3 >= entered.length;
    const from = atRoot ? root : (entered.at(-1 - up / 3)?.field ?? root);
    if (path.length > 0) use(from, path, kind);
    const plain = path.map((part) => (/^[\w$]+$/.test(part) ? part : `[${part}]`)).join('.');
    if (!atRoot) return '../'.repeat(up / 3) + (plain === '' ? 'this' : reserved(plain));
    notes.changed.add('fields are read from the message’s data: {{name}} is {{data.name}}');
    return entered.length > 0 ? `@root.data.${plain}` : `data.${plain}`;
  }

  function text(source: string): string {
    const inner = source.replace(/^\{\{\{?[~&]?|[~]?\}?\}\}$/g, '').trim();
    if (inner.startsWith('!')) return '';
    if (/^\{\{(\{|&)/.test(source))
      notes.open.add(`${source} put html into the mail unescaped: it is written as text now`);
    const [head = '', ...args] = wordsOf(inner);
    if (head === 'else' && args[0] === 'if') return `{{else if ${name(args[1] ?? '', 'flag')}}}`;
    if (head === 'else' || inner === '^') return '{{else}}';
    if (head.startsWith('/')) {
      const frame = frames.pop();
      return frame ? `{{/${frame.closes}}}` : '';
    }
    if (head.startsWith('#')) return open(head.slice(1), args, source);
    if (head === 'insert') {
      const fallback = /default=([^"']*)/.exec(inner)?.[1];
      notes.changed.add('{{insert …}} is {{#if …}} with its default as {{else}}');
      const value = name(args[0] ?? '', 'text');
      if (fallback === undefined) return `{{${value}}}`;
      name(args[0] ?? '', 'flag');
      return `{{#if ${value}}}{{${value}}}{{else}}${fallback}{{/if}}`;
    }
    if (head === 'formatDate') {
      notes.open.add(
        `${source}: its date is written as it comes; make it an Instant and {{date …}}`,
      );
      return `{{${name(args[0] ?? '', 'text')}}}`;
    }
    if (head.startsWith('>')) {
      notes.open.add(`${source} names a partial that wasn’t given: it is left out`);
      return '';
    }
    if (args.length > 0) {
      notes.open.add(`${source} uses a helper Laurel doesn’t have: it is left out`);
      return '';
    }
    return `{{${name(head, 'text')}}}`;
  }

  function open(block: string, args: readonly string[], source: string): string {
    const compare = comparisons[block];
    const stay = (closes: string) => frames.push({ field: here(), closes, enters: false });
    if (compare) {
      const kind = /than/i.test(block)
        ? 'number'
        : block === 'and' || block === 'or'
          ? 'flag'
          : 'text';
      const made = compare(name(args[0] ?? '', kind), name(args[1] ?? '', kind));
      stay('if');
      notes.changed.add(`{{#${block} …}} is {{#if …}} with a comparison`);
      return `{{#if ${made}}}`;
    }
    if (block === 'if' || block === 'unless') {
      const made = `{{#${block} ${name(args[0] ?? '', 'flag')}}}`;
      stay(block);
      return made;
    }
    if (block === 'each' || block === 'with') {
      const written = args[0] ?? '';
      const made = `{{#${block} ${name(written, block === 'each' ? 'list' : 'group')}}}`;
      const from = /^(this[./])?[\w.]+$/.test(written) ? here() : root;
      const path = written.replace(/^(\.\.\/)+|^@root\.|^this[./]/g, '').split('.');
      const field = use(from, path, block === 'each' ? 'list' : 'group');
      frames.push({ field, closes: block, enters: true });
      return made;
    }
    notes.open.add(`${source} uses a helper Laurel doesn’t have: what is inside is always shown`);
    frames.push({ field: here(), closes: 'if', enters: false });
    return '{{#if true}}';
  }

  const field = (one: string, kind: Field['kind']) =>
    name(wordsOf(one.replace(/^\{\{\{?&?|\}?\}\}$/g, '').trim())[0] ?? '', kind);

  /** Exactly one `{{link …}}` or none; parts of an address are given to it one by one. */
  function address(value: string): string {
    const fields = value.match(mustache) ?? [];
    if (fields.length === 0) return value;
    notes.changed.add('addresses are checked: href="{{url}}" is href="{{link data.url}}"');
    if (fields.length === 1 && fields[0] === value.trim())
      return `{{link ${field(value.trim(), 'address')}}}`;
    const [path = '', query = ''] = value.split('?');
    const base = path.split('{{')[0] ?? '';
    if (!/^https?:\/\/[^/]+/.test(base)) {
      notes.open.add(`the address ${value} can’t be checked: it leads to the brand’s site now`);
      return '{{link brand.siteUrl}}';
    }
    const parts = path
      .slice(base.length)
      .split('/')
      .filter((part) => part !== '')
      .map((part) => (part.startsWith('{{') ? field(part, 'text') : `"${part}"`));
    const pairs = query
      .split('&')
      .filter((pair) => /^[\w-]+=/.test(pair))
      .map((pair) => {
        const [key = '', said = ''] = pair.split('=');
        return `${key}=${said.startsWith('{{') ? field(said, 'text') : `"${said}"`}`;
      });
    return `{{link ${[`"${base.replace(/\/$/, '')}"`, ...parts, ...pairs].join(' ')}}}`;
  }

  return {
    text,
    address,
    message: (said) =>
      said
        .replace(/'/g, '’')
        .split(/(\{\{\{?[\s\S]*?\}?\}\})/)
        .map((part) => {
          if (!part.startsWith('{{')) return part.replace(/[{}]/g, '');
          const inner = part.replace(/^\{\{\{?&?|\}?\}\}$/g, '').trim();
          if (!/^[\w.]+$/.test(inner)) return '';
          use(root, inner.split('.'), 'text');
          return `{${inner.replaceAll('.', '_')}}`;
        })
        .join('')
        .replace(/\s+/g, ' ')
        .trim(),
  };
}

/** Where a field has a helper's name it has to be said that it is a field. */
const reserved = (plain: string) =>
  /^(t|money|points|number|percent|date|relative|month|entitlement|link|eq|gt|not|and|or)$/.test(
    plain,
  )
    ? `this.${plain}`
    : plain;

/** Words and quoted texts. */
const wordsOf = (inner: string): string[] => inner.match(/"[^"]*"|'[^']*'|[^\s]+/g) ?? [];
