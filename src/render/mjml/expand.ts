import type { Expression } from '../handlebars/expression.ts';
import { scanExpressions } from '../handlebars/expression.ts';
import type { OpenElement } from '../markup/markup-reader.ts';
import { walkMarkup } from '../markup/markup.ts';
import type { SourceProblem } from '../source/problems.ts';
import { columnAt } from '../source/source-location.ts';
import { withComponents } from './components.ts';
import { mentions } from './layout.ts';
import { mailCss } from './style-sheet.ts';
import { type Node, TreeBuilder } from './tree.ts';

/** A template or partial as it lies on disk. */
export type SourceFile = {
  readonly file: string;
  readonly source: string;
  /** Set for a block's look: shown only with the block, whose view it sees. Camel case. */
  readonly block?: string;
};

export type FindPartial = (name: string) => SourceFile | undefined;

/** Value of a brand token; `css` where no html is read. Undefined for an unknown one. */
export type BrandToken = (name: string) => string | undefined;

/** A template with its partials and brand tokens put in. */
export type Expanded = {
  readonly nodes: readonly Node[];
  /** Every file that went in. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly SourceProblem[];
  /** What a lenient reading let pass. */
  readonly notes: readonly SourceProblem[];
};

type Reading = {
  /** What does no harm is let pass with a note. */
  readonly lenient?: boolean;
  /** It is html all through: MJML will not see it. */
  readonly html?: boolean;
};

/** Within this, everything is passed on as it is written. */
const htmlAround: OpenElement = { name: 'mj-raw', line: 1, mjml: true };
const maxBytes = 200_000;
const tokenPattern = /\[\[\s*([\w.]+)\s*\]\]/g;

/** Puts partials in (never one into itself) and fills brand tokens. */
export function expandMjml(
  body: SourceFile,
  find: FindPartial,
  token: BrandToken,
  { lenient = false, html = false }: Reading = {},
): Expanded {
  const problems: SourceProblem[] = [];
  const notes: SourceProblem[] = [];
  const files = new Map<string, string>();
  const tree = new TreeBuilder();
  const restyled: SourceProblem[] = [];
  let size = 0;
  let tooLarge = false;

  const write = (text: string, file: string, line: number) => {
    size += text.length;
    if (size <= maxBytes) tree.text(text, file, line);
    else if (!tooLarge) problems.push({ file: body.file, message: tooLargeMessage });
    tooLarge = size > maxBytes;
  };

  const expand = (from: SourceFile, chain: readonly string[], stack: OpenElement[]) => {
    const { file } = from;
    const components = withComponents(from.source, file, find);
    const { source } = components;
    if (Buffer.byteLength(source) > maxBytes) {
      problems.push({ file, message: tooLargeMessage });
      return;
    }
    const first = !files.has(file);
    files.set(file, source);
    const lines = from.source.split('\n');
    const scanned = scanExpressions(source, file);
    if (first) problems.push(...components.problems, ...scanned.problems);
    if (scanned.problems.length > 0) return;
    if (/lrl0s\d+x/.test(source))
      problems.push({ file, message: 'contains a text reserved for Laurel itself: lrl0s…x' });
    const found = walkMarkup(source, file, scanned.expressions, stack, {
      text: (text, line, css) =>
        write(textOf(fillTokens(text, token, css, file, line, problems), css), file, line),
      expression: (expression) => {
        const { kind, source: text, line } = expression;
        // White space around it is dealt with by now.
        const plain = text.replace(/^\{\{~/, '{{').replace(/~\}\}$/, '}}');
        const written = { source: plain, file, line, ...columnAt(lines, source, expression) };
        if (kind === 'value' || kind === 'open' || kind === 'else' || kind === 'close')
          tree[kind](written);
      },
      partial: (expression) => partial(expression, file, chain, stack),
      note: lenient ? (problem) => notes.push(problem) : null,
      restyled: ({ source: text, line }) => {
        const message = `${text} decides what <mj-style inline> or <mj-html-attributes> finds here, which is settled before; put it around the whole element`;
        restyled.push({ file, line, message });
      },
      element: (name, line) => tree.element(name, file, line),
      attribute: (name) => tree.attribute(name),
      endAttribute: () => tree.endAttribute(),
      inside: () => tree.inside(),
      endElement: (close) => tree.endElement(close),
    });
    problems.push(...found);
  };

  const partial = (
    { name, line }: Expression,
    file: string,
    chain: readonly string[],
    stack: OpenElement[],
  ) => {
    const found = find(name);
    if (!found)
      problems.push({
        file,
        line,
        message: `there is no partial ${name}.${html ? 'html' : 'mjml'}`,
      });
    else if (chain.includes(found.file))
      problems.push({ file, line, message: `partial ${name} contains itself` });
    else if (!tooLarge) {
      const at = (source: string) => ({ source, file, line });
      if (found.block) tree.open(at(`{{#with @root.blocks.${found.block}}}`));
      expand(found, [...chain, found.file], stack);
      if (found.block) tree.close(at('{{/with}}'));
    }
  };

  expand(body, [body.file], html ? [{ ...htmlAround }] : []);
  if (searchesHtml(tree.nodes)) problems.push(...restyled);
  return { nodes: tree.nodes, files, problems, notes };
}

/** Blanks that were typed to be kept are written out: MJML takes every blank for white space. */
const textOf = (text: string, css: boolean) =>
  css
    ? mailCss(text)
    : text.replace(/(?![ \t\n\r\f\v])\s/g, (blank) => `&#${blank.charCodeAt(0)};`);

/** Whether MJML looks for elements in the html it made. */
const searchesHtml = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => {
    if (node.kind === 'block')
      return searchesHtml(node.inside) || searchesHtml(node.otherwise?.nodes ?? []);
    if (node.kind !== 'element') return false;
    if (node.name === 'mj-html-attributes') return true;
    return (
      (node.name === 'mj-style' && mentions(node.tag, 'inline')) || searchesHtml(node.children)
    );
  });

const tooLargeMessage = 'is over 200 KB with its partials; mail clients cut at half of that';

/** Replaces `[[…]]`; escaped for html unless in CSS. */
export function fillTokens(
  text: string,
  token: BrandToken,
  raw: boolean,
  file: string,
  line: number,
  problems: SourceProblem[],
): string {
  if (!text.includes('[[')) return text;
  const filled = text.replace(tokenPattern, (whole, name: string, offset: number) => {
    const value = token(name);
    if (value === undefined) {
      const at = line + text.slice(0, offset).split('\n').length - 1;
      problems.push({
        file,
        line: at,
        message: `${whole} is not a brand token, or this brand has none`,
      });
      return '';
    }
    return raw
      ? value
      : value
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;')
          .replaceAll("'", '&#39;');
  });
  if (/\[\[/.test(filled))
    problems.push({
      file,
      line,
      message: filled.includes('[[@')
        ? 'this partial is filled in by its component: write <laurel-button …>, not {{> button}}'
        : 'a [[ that is not a brand token such as [[accent]]',
    });
  return filled;
}
