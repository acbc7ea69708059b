import { type OpenElement, type Place, walkMarkup } from './markup.ts';
import type { Mustache } from './mustache.ts';
import { scanMustaches } from './mustache.ts';
import type { SourceProblem } from './problems.ts';

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

/** One `{{…}}` of the expanded source. */
type Site = {
  readonly kind: 'open' | 'else' | 'close' | 'value';
  readonly source: string;
  readonly file: string;
  readonly line: number;
  /** Which conditions and loops it stands in. */
  readonly scope: string;
};

/** A template with its partials put in, `{{…}}` replaced by placeholders no markup tool will touch. */
export type Expanded = {
  readonly markup: string;
  readonly sites: readonly Site[];
  /** Where each line of `markup` was written. */
  readonly origins: readonly { readonly file: string; readonly line: number }[];
  /** Every file that went in. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly SourceProblem[];
};

const placeholder = (index: number) => `lrl0s${index}x`;
export const placeholders = /lrl0s(\d+)x/g;

const maxBytes = 200_000;
const tokenPattern = /\[\[\s*([\w.]+)\s*\]\]/g;

/** Puts partials in (never one into itself), fills brand tokens, and stands placeholders for `{{…}}`. */
export function expandMjml(body: SourceFile, find: FindPartial, token: BrandToken): Expanded {
  const sites: Site[] = [];
  const problems: SourceProblem[] = [];
  const files = new Map<string, string>();
  const origins: { file: string; line: number }[] = [];
  const open: number[] = [];
  const chunks: string[] = [];
  let size = 0;
  let tooLarge = false;

  const write = (text: string, file: string, line: number) => {
    size += text.length;
    if (size > maxBytes) {
      if (!tooLarge) problems.push({ file: body.file, message: tooLargeMessage });
      tooLarge = true;
      return;
    }
    const lines = text.split('\n').length - 1;
    if (origins.length === 0) origins.push({ file, line });
    for (let i = 1; i <= lines; i++) origins.push({ file, line: line + i });
    chunks.push(text);
  };
  const site = (kind: Site['kind'], source: string, place: Place, file: string, line: number) => {
    if (kind === 'close' || kind === 'else') open.pop();
    const index = sites.push({ kind, source, file, line, scope: open.join('/') }) - 1;
    if (kind === 'open' || kind === 'else') open.push(index);
    write(
      place === 'structure' ? `<mj-raw>${placeholder(index)}</mj-raw>` : placeholder(index),
      file,
      line,
    );
  };

  const expand = (from: SourceFile, chain: readonly string[], stack: OpenElement[]) => {
    const { file, source } = from;
    if (Buffer.byteLength(source) > maxBytes) {
      problems.push({ file, message: tooLargeMessage });
      return;
    }
    const first = !files.has(file);
    files.set(file, source);
    const scanned = scanMustaches(source, file);
    if (first) problems.push(...scanned.problems);
    if (scanned.problems.length > 0) return;
    if (placeholders.test(source))
      problems.push({ file, message: 'contains a text reserved for Laurel itself: lrl0s…x' });
    placeholders.lastIndex = 0;
    const found = walkMarkup(source, file, scanned.mustaches, stack, {
      text: (text, line, css) =>
        write(fillTokens(text, token, css, file, line, problems), file, line),
      mustache: ({ kind, source: text, line }, place) => {
        if (kind !== 'partial' && kind !== 'comment') site(kind, text, place, file, line);
      },
      partial: (mustache) => partial(mustache, file, chain, stack),
    });
    problems.push(...found);
  };

  const partial = (
    { name, line }: Mustache,
    file: string,
    chain: readonly string[],
    stack: OpenElement[],
  ) => {
    const found = find(name);
    if (!found) problems.push({ file, line, message: `there is no partial ${name}.mjml` });
    else if (chain.includes(found.file))
      problems.push({ file, line, message: `partial ${name} contains itself` });
    else if (!tooLarge) {
      const top = stack.at(-1);
      const place =
        top &&
        ['mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-hero'].includes(
          top.name,
        )
          ? 'structure'
          : 'text';
      if (found.block) site('open', `{{#with @root.blocks.${found.block}}}`, place, file, line);
      if (found.block && top) top.conditional = true;
      expand(found, [...chain, found.file], stack);
      if (found.block) site('close', '{{/with}}', place, file, line);
    }
  };

  expand(body, [body.file], []);
  return { markup: chunks.join(''), sites, origins, files, problems };
}

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
    problems.push({ file, line, message: 'a [[ that is not a brand token such as [[accent]]' });
  return filled;
}
