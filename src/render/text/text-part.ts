import { type Expression, opens, scanExpressions } from '../handlebars/expression.ts';
import type { Origin } from '../handlebars/handlebars.ts';
import { type BrandToken, type FindPartial, fillTokens, type SourceFile } from '../mjml/expand.ts';
import type { SourceProblem } from '../source/problems.ts';
import { columnAt } from '../source/source-location.ts';
import { inColumns } from './columns.ts';
import { plainOfHtml } from './plain-text.ts';

/** A text template with partials and tokens put in, and what its values are, in order. */
export type ExpandedText = {
  readonly source: string;
  readonly origins: readonly Origin[];
  readonly openings: readonly Origin[];
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly SourceProblem[];
};

const maxLength = 200_000;

/** Puts partials and brand tokens into `text.hbs`. */
export function expandText(body: SourceFile, find: FindPartial, token: BrandToken): ExpandedText {
  const problems: SourceProblem[] = [];
  const origins: Origin[] = [];
  const openings: Origin[] = [];
  const files = new Map<string, string>();
  let size = 0;
  const expand = ({ file, source }: SourceFile, chain: readonly string[]): string => {
    size += source.length;
    if (size > maxLength) {
      problems.push({ file: body.file, message: 'is over 200 KB with its partials' });
      return '';
    }
    const first = !files.has(file);
    files.set(file, source);
    const scanned = scanExpressions(source, file);
    if (first) problems.push(...scanned.problems);
    if (scanned.problems.length > 0) return '';
    const chunks: string[] = [];
    const lines = source.split('\n');
    let at = 0;
    let line = 1;
    const text = (to: number) => {
      const part = source.slice(at, to);
      chunks.push(fillTokens(part, token, true, file, line, problems));
    };
    for (const expression of scanned.expressions) {
      text(expression.start);
      at = expression.end;
      line = expression.line + expression.source.split('\n').length - 1;
      if (expression.kind === 'partial') chunks.push(partial(expression, file, chain));
      else if (expression.kind !== 'comment') {
        const { kind, source: written } = expression;
        const origin = {
          source: written,
          file,
          line: expression.line,
          ...columnAt(lines, source, expression),
        };
        if (kind === 'value') origins.push(origin);
        if (opens(expression)) openings.push(origin);
        chunks.push(expression.source);
      }
    }
    text(source.length);
    return chunks.join('');
  };
  const partial = ({ name, line }: Expression, file: string, chain: readonly string[]): string => {
    const found = find(name);
    if (!found) problems.push({ file, line, message: `there is no partial ${name}.text.hbs` });
    else if (chain.includes(found.file))
      problems.push({ file, line, message: `partial ${name} contains itself` });
    else {
      const open = found.block ? `{{#with @root.blocks.${found.block}}}` : '';
      if (open !== '') openings.push({ source: open, file, line });
      const inner = expand(found, [...chain, found.file]).replace(/\n$/, '');
      return open === '' ? inner : `${open}${inner}{{/with}}`;
    }
    return '';
  };
  const source = expand(body, [body.file]);
  return { source, origins, openings, files, problems };
}

/** Rows in columns, lines without blanks at their ends, at most one blank line in a row, one line break at the end. */
export const tidyText = (text: string): string => {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/^[ \t\u00A0]+$/gm, '')
    .replace(/(?<![ \t])[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return `${inColumns(lines)}\n`;
};

/** The text part of a mail whose template has none of its own. */
export const textOfHtml = (html: string): string => tidyText(plainOfHtml(html));
