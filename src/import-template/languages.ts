import { blankLines, open, type Place } from './notes.ts';

/** Tags of Liquid and its like, of EJS, ERB and PHP, and of systems that write `[[…]]`. */
const tags =
  /\{%[-+]?\s*([\s\S]*?)\s*[-+]?%\}|<%(?!asm_)([-=_#]?)\s*([\s\S]*?)\s*[-_]?%>|<\?(?:php|=)[\s\S]*?\?>|\[\[(?!&)([^[\]]*)\]\]/g;
const value = /^\{\{-?\s*([A-Za-z_][\w.]*)\s*((?:\|[^{}|]*)*?)\s*-?\}\}$/;
const signs = new RegExp(String.raw`(?<!\{)\{\{-?\s*[A-Za-z_][^{}]*\}\}(?!\})|${tags.source}`, 'g');

/**
 * Liquid's tags (Klaviyo, Customer.io, Shopify, Jinja's where they are the same) as `{{…}}`, each on its line, and the
 * simplest of EJS and ERB. What has no counterpart is left out and told.
 */
export function otherLanguages(source: string, place: Place): string {
  const raw = source.replace(
    /\{%-?\s*(raw|verbatim)\s*-?%\}([\s\S]*?)\{%-?\s*end\1\s*-?%\}/g,
    (_, __, inner: string) => inner.replaceAll('{{', '&#123;&#123;').replaceAll('{%', '&#123;%'),
  );
  const plain = raw.replace(
    /\{%-?\s*comment\s*-?%\}[\s\S]*?\{%-?\s*endcomment\s*-?%\}|\{#[\s\S]*?#\}(?!\})/g,
    blankLines,
  );
  const left = (whole: string, at: number, why: string) => {
    open(place, at, `${whole} is left out: ${why}`);
    return blankLines(whole);
  };
  const blocks: Block[] = [];
  return plain.replace(
    signs,
    (
      whole: string,
      liquid: string | undefined,
      sign: string | undefined,
      script: string | undefined,
      bracketed: string | undefined,
      at: number,
    ) => {
      if (whole.startsWith('{{')) {
        const [, name, filters = ''] = value.exec(whole) ?? [];
        const isPlain = filters === '' && !whole.includes('-') && !blocks.some(isLoop);
        if (name === undefined || isPlain) return whole;
        const tell = (what: string) => open(place, at, `${whole}: ${what}`);
        const written = nameIn(blocks, name);
        if (written === undefined) return left(whole, at, uncounted);
        const [before, behind] = [
          whole.startsWith('{{-') ? '~' : '',
          whole.endsWith('-}}') ? '~' : '',
        ];
        return valueOf(written, filters, tell)
          .replace(/^\{\{/, `{{${before}`)
          .replace(/\}\}$/, `${behind}}}`);
      }
      if (bracketed !== undefined) {
        if (/^\s*(?:[#/^]|if\b|else\b|elseif\b|end\b|for\b|each\b)/.test(bracketed))
          return left(whole, at, 'this language isn’t read; write {{#if …}}, {{else}} and {{/if}}');
        if (/^\s*[A-Za-z_][\w.]*\s*$/.test(bracketed))
          open(
            place,
            at,
            `${whole} is of a language that isn’t read, and stands in the mail as it is: write {{data.…}}`,
          );
        return whole;
      }
      if (sign === '#') return blankLines(whole);
      if (sign === '=' || sign === '-') {
        const name = /^[A-Za-z_@][\w.]*$/.test(script ?? '') ? script : undefined;
        return name === undefined
          ? left(whole, at, 'what it prints isn’t a field; send it as one, and write {{name}}')
          : `{{${nameIn(blocks, name.replace(/^@/, '')) ?? name}}}`;
      }
      const said = liquid ?? (script === undefined ? undefined : scriptSaid(script));
      const made = said === undefined ? undefined : tagOf(said, blocks);
      if (made === undefined)
        return left(
          whole,
          at,
          'it is of a language that isn’t read as far as this; write it as {{…}}, or send what it gives as a field',
        );
      if (made.unsaid !== undefined) open(place, at, `${whole}: ${made.unsaid}`);
      return made.written + blankLines(whole);
    },
  );
}

type Made = { readonly written: string; readonly unsaid?: string };

/** What is open: `left` is a loop that couldn't be said; a `case` asks this, and is open once something was asked. */
type Block =
  | { readonly kind: 'if' | 'unless' | 'left' }
  | { readonly kind: 'each'; name: string }
  | { readonly kind: 'case'; readonly asks: string | undefined; asked: boolean };

const isLoop = ({ kind }: Block) => kind === 'each';
const uncounted = 'Laurel counts no rounds from 1; send the number with each of the list';
/** What a loop says of itself: Liquid's and Jinja's words, and Handlebars'. */
const rounds: Readonly<Record<string, string>> = {
  first: '@first',
  last: '@last',
  index0: '@index',
  counter0: '@index',
};

/**
 * A name as it is written within loops: theirs change no names, so that all but those of the loops are the data's. Undefined
 * where it counts rounds in a way that can't be said.
 */
function nameIn(blocks: readonly Block[], name: string): string | undefined {
  const loops = blocks.flatMap((block) => (block.kind === 'each' ? [block.name] : []));
  const [head = '', ...rest] = name.split('.');
  if (loops.length === 0 || loops.includes(head) || head === 'this') return name;
  return head === 'forloop' || head === 'loop' ? rounds[rest.join('.')] : `@root.${name}`;
}

/** One tag in Liquid's words. */
function tagOf(said: string, blocks: Block[]): Made | undefined {
  const [, word = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(said) ?? [];
  const inScope = (name: string) => nameIn(blocks, name);
  const asked = (before: string, condition = conditionOf(rest, inScope)): Made =>
    condition === undefined
      ? {
          written: `{{${before} true}}`,
          unsaid:
            'this condition isn’t known, and its content is always shown; send what it asks as a field of its own',
        }
      : { written: `{{${before} ${condition}}}` };
  const close = (): Made | undefined => {
    const block = blocks.pop();
    if (block === undefined || block.kind === 'left') return undefined;
    if (block.kind === 'case') return { written: block.asked ? '{{/if}}' : '' };
    return { written: `{{/${block.kind}}}` };
  };
  const innermost = blocks.at(-1);
  switch (word) {
    case 'if':
    case 'unless': {
      const made = asked(`#${word}`);
      blocks.push({ kind: word });
      return made;
    }
    case 'elsif':
    case 'elif':
    case 'elseif':
      return asked('else if');
    case 'else':
    case 'empty':
      if (innermost?.kind === 'left' || (innermost?.kind === 'case' && !innermost.asked))
        return undefined;
      // There is no round where there is nothing, and nothing of its name.
      if (innermost?.kind === 'each') innermost.name = '';
      else if (word === 'empty') return undefined;
      return { written: '{{else}}' };
    case 'case':
      blocks.push({ kind: 'case', asks: operandOf(rest, inScope), asked: false });
      return { written: '' };
    case 'when': {
      if (innermost?.kind !== 'case') return undefined;
      const before = innermost.asked ? 'else if' : '#if';
      innermost.asked = true;
      const is = rest
        .split(/\s*(?:,|\bor\b)\s*(?=(?:[^"']*["'][^"']*["'])*[^"']*$)/)
        .map((one) => operandOf(one, inScope));
      return asked(
        before,
        innermost.asks === undefined || is.includes(undefined)
          ? undefined
          : is
              .map((one) => `(eq ${innermost.asks} ${one})`)
              .reduceRight((others, one) => `(or ${one} ${others})`),
      );
    }
    case 'for': {
      const [, name = '', list, how = ''] =
        /^(\w+)\s+in\s+([A-Za-z_][\w.]*)(?!\()\b\s*([\s\S]*)$/.exec(rest) ?? [];
      const written = list === undefined ? undefined : inScope(list);
      if (written === undefined) {
        blocks.push({ kind: 'left' });
        return undefined;
      }
      blocks.push({ kind: 'each', name });
      return {
        written: `{{#each ${written} as |${name}|}}`,
        ...(how.trim() !== '' && {
          unsaid: `${how.trim()} is left out: all of the list are shown, in its order; send the list as it is to be shown`,
        }),
      };
    }
    case 'endif':
    case 'endunless':
    case 'endfor':
    case 'endcase':
    case 'end':
      return close();
    case 'unsubscribe':
    case 'unsubscribe_url':
    case 'unsubscribe_link':
      return { written: '{{unsubscribe}}' };
    default:
      return undefined;
  }
}

/** What an EJS or ERB tag says, in Liquid's words. */
function scriptSaid(script: string): string | undefined {
  const text = script.trim().replace(/;$/, '');
  const [, condition] = /^if\s*\(([\s\S]*)\)\s*\{$/.exec(text) ?? [];
  if (condition !== undefined) return `if ${condition}`;
  const [, otherwise] = /^\}\s*else\s+if\s*\(([\s\S]*)\)\s*\{$/.exec(text) ?? [];
  if (otherwise !== undefined) return `elsif ${otherwise}`;
  if (/^\}\s*else\s*\{$/.test(text)) return 'else';
  if (/^\}\s*\)?$/.test(text)) return 'end';
  const [, list, item] =
    /^([\w.@]+)\.(?:forEach\s*\(\s*(?:function\s*)?\(?(\w+)\)?\s*(?:=>)?\s*\{|each\s+do\s*\|(\w+)\|)$/.exec(
      text,
    ) ?? [];
  const each = /\.each\s+do\s*\|(\w+)\|$/.exec(text)?.[1] ?? item;
  if (list !== undefined && each !== undefined) return `for ${each} in ${list.replace('@', '')}`;
  const [, one, of] =
    /^for\s*\(\s*(?:const|let|var)\s+(\w+)\s+of\s+([\w.]+)\s*\)\s*\{$/.exec(text) ?? [];
  if (one !== undefined && of !== undefined) return `for ${one} in ${of}`;
  return /^(?:if|unless|elsif)\s+\S|^(?:else|end)$/.test(text)
    ? text.replaceAll('@', '')
    : undefined;
}

const operand = String.raw`[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?|"[^"]*"|'[^']*'`;
const comparison = new RegExp(String.raw`^(${operand})\s*(===?|!==?|>=|<=|>|<)\s*(${operand})$`);
const names: Readonly<Record<string, string>> = {
  '==': 'eq',
  '===': 'eq',
  '!=': 'ne',
  '!==': 'ne',
  '>': 'gt',
  '<': 'lt',
  '>=': 'gte',
  '<=': 'lte',
};
const nothing = /^(?:blank|nil|null|empty|none|false|""|'')$/i;

type InScope = (name: string) => string | undefined;

/** A name or a literal. */
function operandOf(text: string, inScope: InScope): string | undefined {
  const plain = text.trim();
  if (!new RegExp(`^(?:${operand})$`).test(plain)) return undefined;
  return /^[A-Za-z_]/.test(plain) && !/^(?:true|false)$/.test(plain) ? inScope(plain) : plain;
}

const not = (name: string | undefined) => name && `(not ${name})`;

/** A condition of comparisons with `and` and `or`; the last binds first, as in Liquid. */
function conditionOf(text: string, inScope: InScope): string | undefined {
  const [, first, word, rest] =
    /^((?:"[^"]*"|'[^']*'|[^"'])*?)\s*(?:\b(and|or)\b|(?:&&|\|\|))\s*([\s\S]+)$/.exec(
      text.trim(),
    ) ?? [];
  if (first !== undefined && rest !== undefined) {
    const [a, b] = [conditionOf(first, inScope), conditionOf(rest, inScope)];
    const either =
      word === 'or' ||
      (word === undefined && text.trim().slice(first.length).trimStart().startsWith('||'));
    return a === undefined || b === undefined ? undefined : `(${either ? 'or' : 'and'} ${a} ${b})`;
  }
  const plain = text.trim().replace(/^\(([\s\S]*)\)$/, '$1');
  const negated = /^(?:not\s+|!)\s*([A-Za-z_][\w.]*)$/.exec(plain)?.[1];
  if (negated !== undefined) return not(inScope(negated));
  const [, one = '', sign = '', other = ''] = comparison.exec(plain) ?? [];
  if (sign === '') return /^[A-Za-z_][\w.]*$/.test(plain) ? inScope(plain) : undefined;
  const a = operandOf(one, inScope);
  if (nothing.test(other))
    return names[sign] === 'eq' ? not(a) : names[sign] === 'ne' ? a : undefined;
  const b = operandOf(other, inScope);
  return a === undefined || b === undefined ? undefined : `(${names[sign] ?? 'eq'} ${a} ${b})`;
}

/** A value and its filters: a fallback is a condition, the others are told. */
function valueOf(name: string, filters: string, tell: (what: string) => void): string {
  let fallback: string | undefined;
  for (const one of filters.split('|').slice(1)) {
    const [, filter = '', given] = /^\s*(\w+)\s*(?:[:(]\s*([\s\S]*?)\s*\)?)?\s*$/.exec(one) ?? [];
    const literal = /^(?:"([^"]*)"|'([^']*)'|([\d.]+))/.exec(given ?? '');
    if (filter === 'default' && literal) fallback = literal[1] ?? literal[2] ?? literal[3] ?? '';
    else if (filter !== 'escape')
      tell(
        `the filter ${one.trim()} is left out; use {{money …}}, {{date …}} or {{number …}}, or send the finished text`,
      );
  }
  return fallback === undefined
    ? `{{${name}}}`
    : `{{#if ${name}}}{{${name}}}{{else}}${fallback}{{/if}}`;
}
