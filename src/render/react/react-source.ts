import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

import { isMissing } from '../../core/missing-file.ts';
import type { TextUse } from '../handlebars/lint.ts';
import { lineAt } from '../source/json-file.ts';
import { type SourceProblem, TemplateError } from '../source/problems.ts';

/** Sources of a React template and of what it imports out of the templates folder, by file name relative to it. */
export async function reactSources(root: string, entry: string): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const queue = [entry];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const file = relative(root, path).split(sep).join('/');
    if (file.startsWith('..') || sources.has(file)) continue;
    const source = await readSource(path, file);
    sources.set(file, source);
    for (const [, target] of source.matchAll(/\b(?:from|import)\s+['"](\.[^'"]+)['"]/g))
      queue.push(join(dirname(path), target ?? ''));
  }
  return sources;
}

async function readSource(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new TemplateError([{ file, message: 'is imported but is not there' }]);
  }
}

/** Refuses what a React template must not do, by its source. Addresses and keys must be visible to the reader, too. */
export function lintReact(
  source: string,
  file: string,
  /** Addresses are looked at in the finished mail instead. */
  lenient = false,
): { readonly problems: readonly SourceProblem[]; readonly texts: readonly TextUse[] } {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
  const problems: SourceProblem[] = [];
  const refuse = (pattern: RegExp, message: string) => {
    for (const { index } of code.matchAll(pattern))
      problems.push({ file, line: lineAt(code, index), message });
  };
  refuse(
    /dangerouslySetInnerHTML/g,
    'dangerouslySetInnerHTML would put text into the mail unescaped',
  );
  refuse(/<(script|iframe|object|embed|form|base)\b/g, 'is an element no mail may have');
  refuse(/\bon[A-Z]\w*=\{/g, 'mails run no scripts');
  refuse(
    /\beval\s*\(|\bnew Function\b|\bprocess\.|\bfetch\s*\(|\bimport\s*\(/g,
    'a template only turns its view into elements',
  );
  refuse(
    /\bt\(\s*(?!['"])/g,
    "t takes its key written out, t('key'), so that a missing text is found before sending",
  );
  if (!lenient) {
    refuse(
      /\b(href|src)=\{(?!\s*(link\(|picture\(|['"]https?:|['"]mailto:))/g,
      'needs {link(…)} or an https address written out, so that its address is checked',
    );
    refuse(
      /\b(href|src)="(?!https?:|mailto:|tel:|#)/g,
      'must be an http, https, mailto or tel address',
    );
  }
  const texts = [...code.matchAll(/\bt\(\s*(['"])(.*?)\1/g)].map(({ index, 0: call, 2: key }) => ({
    key: key ?? '',
    args: givenNames(code.slice(index + call.length)),
    file,
    line: lineAt(code, index),
  }));
  return { problems, texts };
}

/** Names given in what follows a key: none in `)`, `a` and `b` in `, { a, b: f(x) })`; null where they can't be told. */
function givenNames(rest: string): string[] | null {
  if (/^\s*,?\s*\)/.test(rest)) return [];
  const opening = /^\s*,\s*\{/.exec(rest)?.[0];
  if (opening === undefined) return null;
  const names: string[] = [];
  let depth = 0;
  let expected = true;
  const tokens = /\.\.\.|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\w$]+|[^\s\w$]/g;
  for (const [token] of rest.slice(opening.length).matchAll(tokens)) {
    // A spread or a template string: not to be told without a parser.
    if (token === '...' || token === '`') return null;
    if (token === '}' && depth === 0) return names;
    if (/^[{([]$/.test(token)) depth += 1;
    else if (/^[})\]]$/.test(token)) depth -= 1;
    else if (depth === 0 && token === ',') expected = true;
    else if (depth === 0 && expected) {
      names.push(token.replace(/^['"]|['"]$/g, ''));
      expected = false;
    }
  }
  return null;
}
