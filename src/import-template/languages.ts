import { blankLines, open, type Place } from './notes.ts';

/** Tags of Liquid and its like, of EJS, ERB and PHP, and of systems that write `[[…]]`. */
const tags =
  /\{%[-+]?\s*([\s\S]*?)\s*[-+]?%\}|<%(?!asm_)([-=_#]?)\s*([\s\S]*?)\s*[-_]?%>|<\?(?:php|=)[\s\S]*?\?>|\[\[(?!&)([^[\]]*)\]\]/g;
const value = /\{\{(-?)\s*([A-Za-z_][\w.]*)\s*((?:\|[^{}|]*)+?)\s*-?\}\}/g;

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
  const blocks: ('if' | 'unless' | 'each')[] = [];
  const filtered = plain.replace(
    value,
    (whole: string, _, name: string, filters: string, at: number) =>
      valueOf(name, filters, (what) => open(place, at, `${whole}: ${what}`)),
  );
  return filtered.replace(
    tags,
    (
      whole: string,
      liquid: string | undefined,
      sign: string | undefined,
      script: string | undefined,
      bracketed: string | undefined,
      at: number,
    ) => {
      if (bracketed !== undefined)
        return /^\s*(?:[#/^]|if\b|else\b|elseif\b|end\b|for\b|each\b)/.test(bracketed)
          ? left(whole, at, 'this language isn’t read; write {{#if …}}, {{else}} and {{/if}}')
          : whole;
      if (sign === '#') return blankLines(whole);
      if (sign === '=' || sign === '-') {
        const name = /^[A-Za-z_@][\w.]*$/.test(script ?? '') ? script : undefined;
        return name === undefined
          ? left(whole, at, 'what it prints isn’t a field; send it as one, and write {{name}}')
          : `{{${name.replace(/^@/, '')}}}`;
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

/** One tag in Liquid's words. */
function tagOf(said: string, blocks: ('if' | 'unless' | 'each')[]): Made | undefined {
  const [, word = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(said) ?? [];
  const asked = (before: string): Made => {
    const condition = conditionOf(rest);
    return condition === undefined
      ? {
          written: `{{${before} true}}`,
          unsaid:
            'this condition isn’t known, and its content is always shown; send what it asks as a field of its own',
        }
      : { written: `{{${before} ${condition}}}` };
  };
  const close = (): Made | undefined => {
    const block = blocks.pop();
    return block && { written: `{{/${block}}}` };
  };
  switch (word) {
    case 'if':
    case 'unless':
      blocks.push(word);
      return asked(`#${word}`);
    case 'elsif':
    case 'elif':
    case 'elseif':
      return asked('else if');
    case 'else':
      return { written: '{{else}}' };
    case 'for': {
      const [, name, list] = /^(\w+)\s+in\s+([\w.]+)$/.exec(rest) ?? [];
      if (list === undefined) return undefined;
      blocks.push('each');
      return { written: `{{#each ${list} as |${name}|}}` };
    }
    case 'endif':
    case 'endunless':
    case 'endfor':
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

/** A condition of comparisons with `and` and `or`; the last binds first, as in Liquid. */
function conditionOf(text: string): string | undefined {
  const [, first, word, rest] =
    /^((?:"[^"]*"|'[^']*'|[^"'])*?)\s*(?:\b(and|or)\b|(?:&&|\|\|))\s*([\s\S]+)$/.exec(
      text.trim(),
    ) ?? [];
  if (first !== undefined && rest !== undefined) {
    const [a, b] = [conditionOf(first), conditionOf(rest)];
    const either =
      word === 'or' ||
      (word === undefined && text.trim().slice(first.length).trimStart().startsWith('||'));
    return a === undefined || b === undefined ? undefined : `(${either ? 'or' : 'and'} ${a} ${b})`;
  }
  const plain = text.trim().replace(/^\(([\s\S]*)\)$/, '$1');
  const negated = /^(?:not\s+|!)\s*([A-Za-z_][\w.]*)$/.exec(plain)?.[1];
  if (negated !== undefined) return `(not ${negated})`;
  const [, a = '', sign = '', b = ''] = comparison.exec(plain) ?? [];
  if (sign === '') return /^[A-Za-z_][\w.]*$/.test(plain) ? plain : undefined;
  if (nothing.test(b))
    return names[sign] === 'eq' ? `(not ${a})` : names[sign] === 'ne' ? a : undefined;
  return `(${names[sign] ?? 'eq'} ${a} ${b})`;
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
