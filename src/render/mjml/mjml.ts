import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { asciiEntities } from '../escape.ts';
import { emptyComment } from '../markup/markup-reader.ts';
import { preheaderPadding } from '../preheader-padding.ts';
import { packageVersion, remembered } from '../remembered.ts';
import { type SourceProblem, TemplateError } from '../source/problems.ts';
import { minifyHtml } from './minify.ts';
import { type MjmlDocument, placeholders } from './placeholders.ts';

/** Stand in the html for what is known when it is compiled for a locale. */
export const localePlaceholder = 'lrl0locale';
export const dirPlaceholder = 'lrl0dir';

type Setting = {
  /** The file the document begins in. */
  readonly file: string;
  /** Takes what MJML finds wrong and passes over. Null: that is a mistake here. */
  readonly note: ((problem: SourceProblem) => void) | null;
};

/**
 * Turns MJML into html, placeholders still in it. Then checks what MJML did: every `{{…}}` must still stand within the
 * same conditions as written, for MJML moves and drops what it doesn't understand without a word.
 * @throws TemplateError
 */
export async function mjmlToHtml(document: MjmlDocument, { file, note }: Setting): Promise<string> {
  const root = /^\s*<mjml\b(?:[^>"']|"[^"]*"|'[^']*')*>/.exec(document.markup)?.[0];
  if (root === undefined)
    throw new TemplateError([
      {
        file,
        line: 1,
        message: 'must be one <mjml> element; language and direction are added to it',
      },
    ]);
  const own = root.replace(/\s(?:lang|dir)\s*=\s*(?:"[^"]*"|'[^']*')/g, '');
  const localised = own.replace(
    '<mjml',
    `<mjml lang="${localePlaceholder}" dir="${dirPlaceholder}"`,
  );
  const markup = paddedPreview(document.markup.replace(root, () => localised));
  let html: string;
  try {
    html = note
      ? await leniently(markup, (error) => mjmlProblems(error, document, file).forEach(note))
      : await remembered(
          'mjml',
          { settings: 1, version: packageVersion('mjml'), markup },
          async () => (await runMjml(markup, 'strict')).html,
        );
  } catch (error) {
    throw new TemplateError(mjmlProblems(error, document, file));
  }
  const problems = checkPlaceholders(html, document);
  if (problems.length > 0) throw new TemplateError(problems);
  return asciiEntities(tidied(withoutRandomNames(html.replaceAll(emptyComment, ''))));
}

/** A template's own preheader is followed by what keeps the mail's first words out of mail lists, as that of `{{> head}}` is. */
const paddedPreview = (markup: string): string =>
  markup.replace(
    /(<mj-preview\b[^>]*>)([^<]*\S[^<]*)(?=<\/mj-preview>)/,
    (all: string, open: string, text: string) =>
      text.includes(padding) ? all : `${open}${text.trimEnd()}${padding}`,
  );
const padding = asciiEntities(preheaderPadding);

/** Html that was html before: as it is, but for white space. */
export const passedHtml = ({ markup }: MjmlDocument): string =>
  asciiEntities(tidied(markup.replaceAll(emptyComment, '')));

async function leniently(markup: string, wrong: (error: unknown) => void): Promise<string> {
  const { html, errors } = await runMjml(markup, 'soft');
  if (errors.length > 0) wrong({ errors });
  return html;
}

/** For whoever will soon need it: loads it, and has it make something for the first time. @throws TemplateError */
export async function warmMjml(): Promise<void> {
  await runMjml(
    '<mjml><mj-body><mj-section><mj-column><mj-text>.</mj-text></mj-column></mj-section></mj-body></mjml>',
    'soft',
  );
}

/** Whoever changes what is asked of MJML also changes `settings` above. */
async function runMjml(markup: string, validationLevel: 'strict' | 'soft') {
  refuseConfigFiles();
  // Imported when first needed: it takes a while, and most starts find everything made already.
  const { default: mjml } = await import('mjml');
  return mjml(markup, {
    validationLevel,
    ignoreIncludes: true,
    useMjmlConfigOptions: false,
    fonts: {},
    keepComments: true,
    minify: false,
    beautify: false,
  });
}

/** White space is only touched where none of it is kept as it is written. */
const tidied = (html: string) =>
  /white-space\s*:\s*(?:pre|break-spaces)/i.test(html) ? html : minifyHtml(html);

/** MJML ties the parts of a carousel or a menu together by random names; the same template is to give the same html. */
function withoutRandomNames(html: string): string {
  const names = new Set(
    [...html.matchAll(/(?:\bmj-carousel-|\bfor=")([0-9a-f]{16})\b/g)].map(([, name = '']) => name),
  );
  return [...names].reduce((text, name, at) => text.replaceAll(name, `part-${at + 1}`), html);
}

/** MJML reads `.mjmlconfig` of the working folder as soon as it is loaded, and would run what it names. */
export function refuseConfigFiles() {
  for (const file of ['.mjmlconfig', '.mjmlconfig.js'])
    if (existsSync(join(process.cwd(), file)))
      throw new TemplateError([
        {
          file,
          message: 'is refused: what a mail looks like is decided in the templates folder alone',
        },
      ]);
}

function mjmlProblems(error: unknown, document: MjmlDocument, file: string): SourceProblem[] {
  if (typeof error === 'object' && error !== null && 'errors' in error) {
    const list: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
    const problems = list.flatMap((one) => {
      if (typeof one !== 'object' || one === null) return [];
      const line = 'line' in one && typeof one.line === 'number' ? one.line : 1;
      const tag = 'tagName' in one ? `<${String(one.tagName)}> ` : '';
      const message = 'message' in one ? String(one.message) : 'is not valid MJML';
      return [
        { ...(document.origins[line - 1] ?? { file }), message: written(tag + message, document) },
      ];
    });
    if (problems.length > 0) return problems;
  }
  const message = error instanceof Error ? error.message : String(error);
  return [{ file, message: `is not valid MJML: ${written(message, document)}` }];
}

const written = (text: string, { sites }: MjmlDocument) =>
  text.replace(placeholders, (_, index: string) => sites[Number(index)]?.source ?? '');

/** Each at least once, and each time within the same blocks as written. */
function checkPlaceholders(html: string, { sites }: MjmlDocument): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const seen = new Set<number>();
  const open: number[] = [];
  const refuse = (index: number, what: string) => {
    const { file, line, source } = sites[index] ?? { file: '', line: 1, source: '' };
    problems.push({
      file,
      line,
      message: `MJML ${what} ${source} here; put it into <mj-text> or <mj-raw>, or the condition around a whole section`,
    });
  };
  for (const [, number] of html.matchAll(placeholders)) {
    const index = Number(number);
    const site = sites[index];
    if (!site) continue;
    if (site.kind === 'close' || site.kind === 'else') open.pop();
    if (open.join('/') !== site.scope) refuse(index, 'moves');
    if (site.kind === 'open' || site.kind === 'else') open.push(index);
    seen.add(index);
  }
  sites.forEach((_, index) => {
    if (!seen.has(index)) refuse(index, 'drops');
  });
  return problems;
}
