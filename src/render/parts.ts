import { join } from 'node:path';

import type { Direction } from '../brand/direction.ts';
import type { Chart } from '../contract/chart.ts';
import type { Attachment, PreEncodedHtml } from '../contract/email.ts';
import type { View } from '../contract/template.ts';
import { PermanentError } from '../core/errors.ts';
import { opens } from './handlebars/expression.ts';
import { compileHtml, compileText, heldBraces, type Origins } from './handlebars/handlebars.ts';
import { lintHandlebars, type TextUse } from './handlebars/lint.ts';
import { mostOf, type Shape, shapeJson } from './handlebars/view-shape.ts';
import { jsonLdText } from './json-ld.ts';
import { harmIn } from './markup/harm.ts';
import { brandTokens } from './mjml/brand-tokens.ts';
import { expandMjml, type FindPartial, type SourceFile } from './mjml/expand.ts';
import {
  dirPlaceholder,
  localePlaceholder,
  mjmlToHtml,
  passedHtml,
  refuseConfigFiles,
} from './mjml/mjml.ts';
import type { Partials } from './mjml/partials.ts';
import {
  type Documents,
  documentsOf,
  htmlDocument,
  type MjmlDocument,
  placeholders,
} from './mjml/placeholders.ts';
import type { Node } from './mjml/tree.ts';
import { settle } from './mjml/variants.ts';
import { openPictures } from './picture/pictures.ts';
import { lintReact } from './react/react-lint.ts';
import { reactSources } from './react/react-source.ts';
import { loadReactBody, reactToHtml, warmUp } from './react/react.ts';
import type { TemplateProps } from './react/template-props.ts';
import { codeVersion, remembered } from './remembered.ts';
import { type SourceProblem, TemplateError } from './source/problems.ts';
import { plainOfHtml } from './text/plain-text.ts';
import { expandText } from './text/text-part.ts';
import { hidesByCondition } from './text/visible-html.ts';
import type { LoadedBrand } from './voice/brand-files.ts';
import type { Voice } from './voice/voice.ts';

type Context = View & Pick<TemplateProps, 'subject' | 'preheader' | 'linkedData'>;

/** Html with the pictures it shows. */
type Illustrated = { readonly html: string; readonly attachments: readonly Attachment[] };

/** A part of one mail; html of MJML comes pre-encoded. */
export type Made = string | PreEncodedHtml | Illustrated;

/** One part of the mail for one brand: what it says, from which files, and how it is made for a voice. */
export type Part<Output extends Made = Made> = {
  readonly texts: readonly TextUse[];
  readonly files: ReadonlyMap<string, string>;
  /** What a lenient reading let pass. */
  readonly notes?: readonly SourceProblem[];
  readonly forVoice: (voice: Voice) => (context: Context) => Output;
  /** The text in it, for templates that have no text of their own; null or absent where only the finished html can tell. */
  readonly textForVoice?: ((voice: Voice) => (context: Context) => string) | null;
};

/** How a body is written that isn't a program. */
export type Markup = 'mjml' | 'html';

/** The html of a `body.mjml` or `body.html`, mirrored where the text runs from right to left. @throws TemplateError */
export async function markupPart(
  body: SourceFile,
  partials: Pick<Partials, 'get'>,
  shape: Shape,
  { brand }: LoadedBrand,
  {
    kind,
    direction,
    lenient,
  }: { readonly kind: Markup; readonly direction: Direction; readonly lenient: boolean },
): Promise<Part<PreEncodedHtml>> {
  if (kind === 'mjml') refuseConfigFiles();
  const given = { body, shape: shapeJson(shape), brand, kind, direction, lenient };
  const { html, text, texts, notes, files } = await rememberedPart(
    given,
    (name) => partials.get(`${name}.${kind}`),
    async (find) => {
      const expanded = expandMjml(body, find, brandTokens(brand, direction), {
        lenient,
        html: kind === 'html',
      });
      const { problems, texts: used } = lintHandlebars(body.file, {
        files: expanded.files,
        find,
        root: shape,
      });
      const all = [...expanded.problems, ...problems];
      if (all.length > 0) throw new TemplateError(all);
      const passed = [...expanded.notes];
      const note = lenient ? (problem: SourceProblem) => passed.push(problem) : null;
      const both =
        kind === 'html'
          ? writtenBoth(passedHtml, htmlDocument(expanded.nodes), body.file)
          : await handlebarsOf(settledDocuments(expanded.nodes, shape), { file: body.file, note });
      return { ...both, texts: used, notes: passed, files: [...expanded.files] };
    },
  );
  const { source, origins, openings } = html;
  return {
    texts,
    notes,
    files: new Map(files),
    textForVoice: text && ((voice) => compileText(text.source, { voice, ...text })),
    forVoice: (voice) =>
      compileHtml(
        source.replaceAll(localePlaceholder, voice.locale).replaceAll(dirPlaceholder, direction),
        { voice, origins, openings },
      ),
  };
}

/**
 * A part read and checked, and remembered for as long as nothing it was made of is another: neither what was given nor the
 * partials that were looked for while making it, found or not.
 */
async function rememberedPart<T>(
  given: unknown,
  find: FindPartial,
  make: (find: FindPartial) => T | Promise<T>,
): Promise<T> {
  const { made } = await remembered(
    'parts',
    { code: codeVersion(), given },
    async () => {
      const sought = new Map<string, SourceFile | null>();
      const finding: FindPartial = (name) => {
        const found = find(name);
        sought.set(name, found ?? null);
        return found;
      };
      return { made: await make(finding), sought: [...sought] };
    },
    ({ sought }) =>
      sought.every(([name, was]) => JSON.stringify(find(name) ?? null) === JSON.stringify(was)),
  );
  return made;
}

/** Handlebars, and what its values and conditions are, in their order. */
type Written = { readonly source: string } & Origins;

/**
 * What MJML makes of the documents, with the conditions between them, and the text in it with the same conditions; null
 * where these don't nest in the text. @throws TemplateError
 */
async function handlebarsOf(
  documents: Documents,
  setting: Parameters<typeof mjmlToHtml>[1],
): Promise<{ readonly html: Written; readonly text: Written | null }> {
  if (documents.kind === 'either') {
    const then = await handlebarsOf(documents.holds, setting);
    const otherwise = await handlebarsOf(documents.fails, setting);
    const either = (holds: Written, fails: Written): Written => ({
      source: `${documents.test.source}${holds.source}{{else}}${fails.source}{{/if}}`,
      origins: [...holds.origins, ...fails.origins],
      openings: [documents.test, ...holds.openings, ...fails.openings],
    });
    return {
      html: either(then.html, otherwise.html),
      text: then.text && otherwise.text && either(then.text, otherwise.text),
    };
  }
  const { document } = documents;
  const html = await mjmlToHtml(document, setting);
  return writtenBoth(() => html, document, setting.file);
}

/** @throws TemplateError for what can't be compiled at all */
function settledDocuments(nodes: readonly Node[], shape: Shape): Documents {
  const settled = settle(nodes, (list) => mostOf(shape, list));
  if (settled.problems.length > 0) throw new TemplateError(settled.problems);
  return documentsOf(settled.nodes);
}

/** @throws TemplateError where something is in it that no mail may have */
function writtenBoth(
  made: (document: MjmlDocument) => string,
  document: MjmlDocument,
  file: string,
): { readonly html: Written; readonly text: Written | null } {
  const html = made(document);
  // Values are escaped and addresses checked, so that what isn't in it now never will be.
  const harm = harmIn(html);
  if (harm !== null) throw new TemplateError([{ file, message: harm }]);
  const text = plainOfHtml(html);
  const kinds = [...text.matchAll(placeholders)].map(
    ([, index]) => document.sites[Number(index)]?.kind,
  );
  return {
    html: writtenOut(html, document.sites),
    text: nests(kinds) && !hidesByCondition(html) ? writtenOut(text, document.sites) : null,
  };
}

type Sites = MjmlDocument['sites'];

/** Braces for people to read, which would be taken for those of an expression. */
const braces = new RegExp(
  String.raw`\{(?=\{|${placeholders.source})|(?<=${placeholders.source})\}`,
  'g',
);

function writtenOut(text: string, sites: Sites): Written {
  const siteOf = (index: string | undefined) => sites[Number(index)];
  const written = [...text.matchAll(placeholders)].flatMap(([, index]) => siteOf(index) ?? []);
  return {
    source: text
      .replace(braces, (brace) => (brace === '{' ? heldBraces.open : heldBraces.close))
      .replace(placeholders, (_, index: string) => siteOf(index)?.source ?? ''),
    origins: written.filter(({ kind }) => kind === 'value'),
    openings: written.filter(opens),
  };
}

/** Whether every condition that begins also ends, inside the one around it. */
function nests(kinds: readonly (string | undefined)[]): boolean {
  let depth = 0;
  for (const kind of kinds) {
    if (kind === 'close' || kind === 'else') depth -= 1;
    if (depth < 0) return false;
    if (kind === 'open' || kind === 'else') depth += 1;
  }
  return depth === 0;
}

/** The text of a `text.hbs`. @throws TemplateError */
export async function textPart(
  body: SourceFile,
  partials: Pick<Partials, 'get'>,
  shape: Shape,
  { brand }: LoadedBrand,
  direction: Direction,
): Promise<Part<string>> {
  const { source, origins, openings, texts, files } = await rememberedPart(
    { body, shape: shapeJson(shape), brand, kind: 'text.hbs', direction },
    (name) => partials.get(`${name}.text.hbs`),
    (find) => {
      const expanded = expandText(body, find, brandTokens(brand, direction));
      const { problems, texts: used } = lintHandlebars(body.file, {
        files: expanded.files,
        find,
        root: shape,
      });
      const all = [...expanded.problems, ...problems];
      if (all.length > 0) throw new TemplateError(all);
      return { ...expanded, texts: used, files: [...expanded.files] };
    },
  );
  return {
    texts,
    files: new Map(files),
    forVoice: (voice) => compileText(source, { voice, origins, openings }),
  };
}

/** The html of a `body.tsx`. `reload` makes Node load it anew. @throws TemplateError */
export async function reactPart({
  root,
  react,
  reload,
  lenient,
}: {
  /** The templates folder it is in. */
  readonly root: string;
  /** Made elsewhere: its addresses are looked at in the finished mail. */
  readonly lenient: boolean;
  readonly reload: string;
  readonly react: SourceFile;
}): Promise<Part<string | Illustrated>> {
  const path = join(root, react.file);
  const files = await reactSources(root, path);
  const linted = [...files].map(([file, source]) => lintReact(source, file, lenient));
  const problems = linted.flatMap((one) => one.problems);
  if (problems.length > 0) throw new TemplateError(problems);
  const body = await loadReactBody(path, react.file, reload);
  await warmUp(body);
  // Blocks of the package draw some, too; their sources aren't among a project's.
  const draw = [...files.values()].some((source) => /picture\(|['"]laurel\/react['"]/.test(source))
    ? await openPictures()
    : undefined;
  return {
    texts: linted.flatMap(({ texts }) => texts),
    files,
    forVoice: ({ messages, format, link }) => {
      const props = { t: messages.text, format, link };
      return ({ subject, preheader, linkedData, ...view }) => {
        const pictures = new Map<string, Attachment>();
        const picture = (chart: Chart) => {
          if (!draw)
            throw new Error(
              'draws a picture without saying so: picture(…) must stand in its source',
            );
          const drawn = draw(chart);
          pictures.set(drawn.cid ?? '', drawn);
          return `cid:${drawn.cid}`;
        };
        const given = { ...props, picture, view, subject, preheader, linkedData };
        const html = reactToHtml(body, given, react.file);
        const harm = harmIn(html, linkedData.length > 0 ? jsonLdText(linkedData) : '');
        if (harm !== null) throw new PermanentError('bad-markup', `${react.file}: ${harm}`);
        return pictures.size === 0 ? html : { html, attachments: [...pictures.values()] };
      };
    },
  };
}
