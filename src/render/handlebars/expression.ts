import { lineAt } from '../source/json-file.ts';
import type { SourceProblem } from '../source/problems.ts';

/** One `{{…}}` in a template file. */
export type Expression = {
  readonly kind: 'open' | 'else' | 'close' | 'value' | 'partial' | 'comment';
  /** As written, braces included. */
  readonly source: string;
  /** Name of a partial or block; empty otherwise. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
};

/** Whether a condition begins with it: `{{#if …}}`, and `{{else if …}}` too. */
export const opens = ({ kind, source }: Pick<Expression, 'kind' | 'source'>): boolean =>
  kind === 'open' || (kind === 'else' && /^\{\{~?\s*else\s+\w/.test(source));

const maxExpressions = 5000;
const maxDepth = 50;

/** Finds every `{{…}}` and refuses those that must not be. Cheap and without recursion, so that it may see hostile input first. */
export function scanExpressions(
  source: string,
  file: string,
): { readonly expressions: readonly Expression[]; readonly problems: readonly SourceProblem[] } {
  const expressions: Expression[] = [];
  const problems: SourceProblem[] = [];
  const refuse = (at: number, message: string) =>
    problems.push({ file, line: lineAt(source, at), message });
  let line = 1;
  let counted = 0;
  let depth = 0;
  for (let start = source.indexOf('{{'); start >= 0;) {
    for (let i = counted; i < start; i++) if (source.charCodeAt(i) === 10) line++;
    counted = start;
    const end = endOf(source, start);
    if (end < 0) {
      refuse(start, 'this {{ is never closed');
      break;
    }
    const text = source.slice(start, end);
    const found = classify(text);
    if (source[start - 1] === '\\')
      refuse(
        start,
        'braces cannot be escaped with a backslash; where people are to read {{name}}, write {{join "{{" "name}}"}}',
      );
    if ('refused' in found) refuse(start, found.refused);
    else {
      expressions.push({ ...found, source: text, start, end, line });
      if (found.kind === 'open') depth++;
      if (found.kind === 'close') depth--;
    }
    if (depth > maxDepth) {
      refuse(start, `blocks are nested more than ${maxDepth} deep`);
      break;
    }
    if (expressions.length > maxExpressions) {
      refuse(start, `more than ${maxExpressions} {{…}} in one file`);
      break;
    }
    start = source.indexOf('{{', end);
  }
  return { expressions, problems };
}

/** Past the closing braces; braces within quotes don't count. -1 when there are none. */
function endOf(source: string, start: number): number {
  if (source.startsWith('{{!--', start) || source.startsWith('{{~!--', start)) {
    const close = /--~?\}\}/g;
    close.lastIndex = start;
    const match = close.exec(source);
    return match ? match.index + match[0].length : -1;
  }
  const comment = source.startsWith('{{!', start);
  const triple = source.startsWith('{{{', start);
  let quote = '';
  for (let i = start + 2; i < source.length; i++) {
    const character = source[i] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (!comment && (character === '"' || character === "'")) quote = character;
    else if (character === '}' && source[i + 1] === '}')
      return triple && source[i + 2] === '}' ? i + 3 : i + 2;
    else if (character === '{' && source[i + 1] === '{' && i > start + 2) return -1;
  }
  return -1;
}

function classify(
  text: string,
): { readonly kind: Expression['kind']; readonly name: string } | { readonly refused: string } {
  if (text.startsWith('{{{'))
    return { refused: `${short(text)} would put text into the mail unescaped; write {{…}}` };
  const inner = text.replace(/^\{\{~?/, '').replace(/~?\}\}$/, '');
  const sign = inner[0] ?? '';
  const rest = inner.slice(1).trim();
  if (sign === '!') return { kind: 'comment', name: '' };
  if (inner.includes('[['))
    return { refused: 'a brand token cannot stand within {{…}}; write brand.siteUrl and the like' };
  if (sign === '&')
    return { refused: `${short(text)} would put text into the mail unescaped; write {{…}}` };
  if (sign === '>') {
    return /^[\w-]+$/.test(rest)
      ? { kind: 'partial', name: rest }
      : { refused: `${short(text)}: a partial is a plain name without arguments, {{> header}}` };
  }
  if (sign === '#' && /^[>*]/.test(rest))
    return { refused: `${short(text)}: partial blocks and decorators are not used here` };
  if (sign === '*') return { refused: `${short(text)}: decorators are not used here` };
  if (sign === '#') return { kind: 'open', name: firstWord(rest) };
  if (sign === '/') return { kind: 'close', name: firstWord(rest) };
  if (sign === '^')
    return rest === ''
      ? { kind: 'else', name: '' }
      : { refused: `${short(text)}: write {{#unless ${rest}}}` };
  if (/^else\b/.test(inner.trim())) return { kind: 'else', name: '' };
  return { kind: 'value', name: '' };
}

const firstWord = (text: string) => text.split(/\s/, 1)[0] ?? '';
const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
