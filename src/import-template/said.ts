import Handlebars from 'handlebars';

import { isBlock, isMustache, isPath } from '../render/handlebars/handlebars-ast.ts';

/** What one `{{…}}` of another system says. */
export type Said =
  | { readonly kind: 'comment' | 'else' }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'partial'; readonly name: string }
  | { readonly kind: 'open' | 'else-if' | 'value' | 'inverted'; readonly call: Call }
  | { readonly kind: 'unreadable'; readonly why: string };

export type Call = Pick<hbs.AST.BlockStatement, 'path' | 'params' | 'hash'> & {
  /** Names given with `as |…|`. */
  readonly names: readonly string[];
};

/** Its parts: how it begins, what it says, how it ends. `~` stays with the braces. */
export function braces(source: string): {
  readonly unescaped: boolean;
  readonly opening: string;
  readonly inner: string;
  readonly closing: string;
} {
  const [, start = '{{', before = '', inner = '', after = ''] =
    /^(\{\{\{?)(~?)([\s\S]*?)(~?)\}?\}\}$/.exec(source) ?? [];
  const unescaped = start === '{{{' || inner.trimStart().startsWith('&');
  return {
    unescaped,
    opening: `{{${before}`,
    inner: inner.trim().replace(/^&\s*/, ''),
    closing: `${after}}}`,
  };
}

/** Reads what stands between braces with Handlebars' own parser. */
export function readSaid(inner: string): Said {
  if (inner.startsWith('!')) return { kind: 'comment' };
  if (inner === 'else' || inner === '^') return { kind: 'else' };
  if (inner.startsWith('/')) return { kind: 'close', name: inner.slice(1).trim() };
  if (/^#?>/.test(inner))
    return { kind: 'partial', name: /^#?>\s*([^\s]+)/.exec(inner)?.[1] ?? '' };
  try {
    if (/^else\s/.test(inner)) return { kind: 'else-if', call: opened(inner.slice(4).trim()) };
    if (inner.startsWith('#')) return { kind: 'open', call: opened(inner.slice(1).trim()) };
    if (inner.startsWith('^')) return { kind: 'inverted', call: opened(inner.slice(1).trim()) };
    const [statement] = Handlebars.parse(`{{${inner}}}`).body;
    if (statement && isMustache(statement) && isPath(statement.path)) {
      const { path, params, hash } = statement;
      return { kind: 'value', call: { path, params, hash, names: [] } };
    }
    return { kind: 'unreadable', why: 'it is no value' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'unreadable', why: message.split('\n').at(-1) ?? message };
  }
}

function opened(inner: string): Call {
  const name = /^[^\s]+/.exec(inner)?.[0] ?? '';
  const [block] = Handlebars.parse(`{{#${inner}}}{{/${name}}}`).body;
  if (!block || !isBlock(block)) throw new Error('it is no block');
  return { ...block, names: block.program.blockParams ?? [] };
}
