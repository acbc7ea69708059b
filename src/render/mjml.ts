import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { asciiEntities } from './escape.ts';
import { emptyComment } from './markup.ts';
import { minifyHtml } from './minify.ts';
import { remembered } from './mjml-cache.ts';
import { type MjmlDocument, placeholders } from './placeholders.ts';
import { type SourceProblem, TemplateError } from './problems.ts';

/** Stand in the html for what is known when it is compiled for a locale. */
export const localePlaceholder = 'lrl0locale';
export const dirPlaceholder = 'lrl0dir';

/**
 * Turns expanded MJML into html, placeholders still in it. Then checks what MJML did: every `{{…}}` must still stand
 * within the same conditions as written, for MJML moves and drops what it doesn't understand without a word.
 * @throws TemplateError
 */
export async function mjmlToHtml(document: MjmlDocument, file: string): Promise<string> {
  refuseConfigFiles();
  if (!/^\s*<mjml>/.test(document.markup))
    throw new TemplateError([
      {
        file,
        line: 1,
        message: 'must be one <mjml> element; language and direction are added to it',
      },
    ]);
  const markup = document.markup.replace(
    '<mjml>',
    `<mjml lang="${localePlaceholder}" dir="${dirPlaceholder}">`,
  );
  let html: string;
  try {
    html = await remembered(markup, () => runMjml(markup));
  } catch (error) {
    throw new TemplateError(mjmlProblems(error, document, file));
  }
  const problems = checkPlaceholders(html, document);
  if (problems.length > 0) throw new TemplateError(problems);
  return asciiEntities(minifyHtml(html.replaceAll(emptyComment, '')));
}

async function runMjml(markup: string): Promise<string> {
  // Imported when first needed: it takes a while, and most starts find everything made already.
  const { default: mjml } = await import('mjml');
  const { html } = await mjml(markup, {
    validationLevel: 'strict',
    ignoreIncludes: true,
    useMjmlConfigOptions: false,
    fonts: {},
    keepComments: true,
    minify: false,
    beautify: false,
  });
  return html;
}

/** MJML reads `.mjmlconfig` of the working folder as soon as it is loaded, and would run what it names. */
function refuseConfigFiles() {
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
