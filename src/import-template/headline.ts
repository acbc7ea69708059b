import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

import { blankLines, type Notes } from './notes.ts';

/** A line of the headline as an ICU message, and what its arguments are. */
export type Line = { readonly message: string; readonly args: ReadonlyMap<string, string> };

/**
 * The words of a title or preview as an ICU message with its fields as arguments; null where it is more than words and plain
 * fields, and stays in the body.
 */
function lineOf(html: string): Line | null {
  const args = new Map<string, string>();
  let message = '';
  for (const part of html.split(/(\{\{[\s\S]*?\}\})/)) {
    if (!part.startsWith('{{')) {
      if (part.includes('<')) return null;
      message += escaped(textOf(part));
      continue;
    }
    const name = /^\{\{~?data\.(\w+(?:\.\w+)*)~?\}\}$/.exec(part)?.[1];
    if (name === undefined) return null;
    const arg = name.replaceAll('.', '_');
    args.set(arg, name);
    message += `{${arg}}`;
  }
  message = message.replace(/\s+/g, ' ').trim();
  return message === '' ? null : { message, args };
}

/** Only words. */
export const plainLine = (text: string): Line => ({
  message: escaped(text.replace(/\s+/g, ' ').trim()),
  args: new Map(),
});

/** As ICU reads it: braces and apostrophes mean something there. */
const escaped = (text: string) => text.replaceAll("'", "''").replace(/[{}]/g, "'$&'");

/** What a browser shows of a piece of html. */
export function textOf(html: string): string {
  const visit = (node: DefaultTreeAdapterTypes.Node): string =>
    'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(visit).join('') : '';
  return visit(parseFragment(html));
}

export type Headline = {
  readonly body: string;
  readonly subject: Line | null;
  readonly preheader: Line | null;
};

/**
 * Takes subject and preheader out of a body that is in Laurel's words, and puts `{{subject}}` and `{{preheader}}` where they
 * were. @param kind of the body
 */
export function headlineOf(source: string, kind: 'mjml' | 'html', notes: Notes): Headline {
  let body = source;
  const take = (pattern: RegExp, name: 'subject' | 'preheader', what: string): Line | null => {
    const found = pattern.exec(body);
    const [, before = '', inner = ''] = found ?? [];
    const line = lineOf(inner);
    if (!found || !line) return null;
    const start = found.index + before.length;
    body = `${body.slice(0, start)}{{${name}}}${blankLines(inner)}${body.slice(start + inner.length)}`;
    notes.changed.add(`${what} is the text “${name}” of locales/`);
    return line;
  };
  const subject =
    kind === 'mjml'
      ? take(/(<mj-title\b[^>]*>)([\s\S]*?)<\/mj-title>/i, 'subject', 'mj-title')
      : take(/(<title\b[^>]*>)([\s\S]*?)<\/title>/i, 'subject', 'its title');
  const preheader =
    kind === 'mjml'
      ? take(/(<mj-preview\b[^>]*>)([\s\S]*?)<\/mj-preview>/i, 'preheader', 'mj-preview')
      : take(hiddenFirst, 'preheader', 'the hidden first line');
  return { body, subject, preheader };
}

/** The hidden line many put first in the body. */
const hiddenFirst =
  /(<body\b[^>]*>\s*(?:<!--[\s\S]*?-->\s*)?<(?:div|span|p)\b[^>]*style=["'][^"']*(?:display\s*:\s*none|max-height\s*:\s*0)[^"']*["'][^>]*>)([^<]*)<\//i;
