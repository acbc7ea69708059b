import { join } from 'node:path';

import type { Direction } from '../core/direction.ts';
import type { Attachment, HtmlPieces } from '../core/email.ts';
import type { View } from '../core/template.ts';
import type { LoadedBrand } from './brand-files.ts';
import { brandTokens } from './brand-tokens.ts';
import type { Chart } from './chart.ts';
import { expandMjml, type FindPartial, type SourceFile } from './expand.ts';
import { compileHtml, compileText, type Origin } from './handlebars.ts';
import { lintHandlebars, type TextUse } from './lint.ts';
import { dirPlaceholder, localePlaceholder, mjmlToHtml } from './mjml.ts';
import { scanMustaches } from './mustache.ts';
import type { Partials } from './partials.ts';
import { openPictures } from './pictures.ts';
import { type Documents, documentsOf, placeholders } from './placeholders.ts';
import { type SourceProblem, TemplateError } from './problems.ts';
import { lintReact, reactSources } from './react-source.ts';
import { loadReactBody, reactToHtml, warmUp } from './react.ts';
import type { TemplateProps } from './template-props.ts';
import { expandText } from './text-part.ts';
import { settle } from './variants.ts';
import { anyShape, mostOf, type Shape } from './view-shape.ts';
import type { Voice } from './voice.ts';

type Context = View & Pick<TemplateProps, 'subject' | 'preheader' | 'linkedData'>;

/** Html with the pictures it shows. */
type Illustrated = { readonly html: string; readonly attachments: readonly Attachment[] };

/** A part of one mail; html of MJML comes in pieces. */
export type Made = string | HtmlPieces | Illustrated;

/** One part of the mail for one brand: what it says, from which files, and how it is made for a voice. */
export type Part<Output extends Made = Made> = {
  readonly texts: readonly TextUse[];
  readonly files: ReadonlyMap<string, string>;
  /** What a lenient reading let pass. */
  readonly notes?: readonly SourceProblem[];
  readonly forVoice: (voice: Voice) => (context: Context) => Output;
};

/** The html of a `body.mjml`, mirrored where the text runs from right to left. @throws TemplateError */
export async function mjmlPart(
  body: SourceFile,
  partials: Partials,
  shape: Shape,
  { brand }: LoadedBrand,
  { direction, lenient }: { readonly direction: Direction; readonly lenient: boolean },
): Promise<Part<HtmlPieces>> {
  const find: FindPartial = (name) => partials.get(`${name}.mjml`);
  const expanded = expandMjml(body, find, brandTokens(brand, direction), { lenient });
  const { problems, texts } = lintFiles(expanded.files, body.file, shape);
  const all = [...expanded.problems, ...problems];
  if (all.length > 0) throw new TemplateError(all);
  const settled = settle(expanded.nodes, (list) => mostOf(shape, list));
  if (settled.problems.length > 0) throw new TemplateError(settled.problems);
  const notes = [...expanded.notes];
  const note = lenient ? (problem: SourceProblem) => notes.push(problem) : null;
  const { source, origins } = await handlebarsOf(documentsOf(settled.nodes), {
    file: body.file,
    note,
  });
  return {
    texts,
    notes,
    files: expanded.files,
    forVoice: (voice) =>
      compileHtml(
        source.replaceAll(localePlaceholder, voice.locale).replaceAll(dirPlaceholder, direction),
        { voice, origins },
      ),
  };
}

/** What MJML makes of the documents, with the conditions between them. @throws TemplateError */
async function handlebarsOf(
  documents: Documents,
  setting: Parameters<typeof mjmlToHtml>[1],
): Promise<{ readonly source: string; readonly origins: readonly Origin[] }> {
  if (documents.kind === 'either') {
    const then = await handlebarsOf(documents.holds, setting);
    const otherwise = await handlebarsOf(documents.fails, setting);
    return {
      source: `${documents.test}${then.source}{{else}}${otherwise.source}{{/if}}`,
      origins: [...then.origins, ...otherwise.origins],
    };
  }
  const { document } = documents;
  const html = await mjmlToHtml(document, setting);
  const siteOf = (index: string | undefined) => document.sites[Number(index)];
  return {
    source: html.replace(placeholders, (_, index: string) => siteOf(index)?.source ?? ''),
    origins: [...html.matchAll(placeholders)].flatMap(([, index]) => {
      const site = siteOf(index);
      return site?.kind === 'value' ? [site] : [];
    }),
  };
}

/** The text of a `text.hbs`. @throws TemplateError */
export function textPart(
  body: SourceFile,
  partials: Partials,
  shape: Shape,
  { brand }: LoadedBrand,
  direction: Direction,
): Part<string> {
  const find: FindPartial = (name) => partials.get(`${name}.text.hbs`);
  const expanded = expandText(body, find, brandTokens(brand, direction));
  const { problems, texts } = lintFiles(expanded.files, body.file, shape);
  const all = [...expanded.problems, ...problems];
  if (all.length > 0) throw new TemplateError(all);
  const { source, origins, files } = expanded;
  return {
    texts,
    files,
    forVoice: (voice) => compileText(source, { voice, origins }),
  };
}

/** The html of a `body.tsx`. `reload` makes Node load it anew. @throws TemplateError */
export async function reactPart({
  root,
  folder,
  react,
  reload,
}: {
  readonly root: string;
  readonly reload: string;
  readonly folder: string;
  readonly react: SourceFile;
}): Promise<Part<string | Illustrated>> {
  const path = join(folder, react.file.split('/').at(-1) ?? '');
  const files = await reactSources(root, path);
  const linted = [...files].map(([file, source]) => lintReact(source, file));
  const problems = linted.flatMap((one) => one.problems);
  if (problems.length > 0) throw new TemplateError(problems);
  const body = await loadReactBody(path, react.file, reload);
  await warmUp(body);
  const draw = [...files.values()].some((source) => source.includes('picture('))
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
        const html = reactToHtml(body, {
          ...props,
          picture,
          view,
          subject,
          preheader,
          linkedData,
        });
        return pictures.size === 0 ? html : { html, attachments: [...pictures.values()] };
      };
    },
  };
}

function lintFiles(files: ReadonlyMap<string, string>, body: string, root: Shape) {
  const problems: SourceProblem[] = [];
  const texts: TextUse[] = [];
  for (const [file, source] of files) {
    // What the scan refuses, Handlebars' own parser may not survive.
    if (scanMustaches(source, file).problems.length > 0) continue;
    const linted = lintHandlebars(source, file, {
      root,
      context: file === body ? root : anyShape,
    });
    problems.push(...linted.problems);
    texts.push(...linted.texts);
  }
  return { problems, texts };
}
