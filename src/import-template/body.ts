import { PermanentError } from '../core/errors.ts';
import { cleaned } from './clean.ts';
import { asMustaches, unmarked } from './dialects.ts';
import { type Field, newField } from './fields.ts';
import { type Headline, headlineOf } from './headline.ts';
import { includesOf } from './includes.ts';
import { rewritten } from './markup.ts';
import { type Rewriter, rewriter } from './mustaches.ts';
import { newNotes, type Notes, type Place, placeOf } from './notes.ts';
import { tellUnread } from './unread.ts';

export type MarkupSource = {
  /** As it is to be named in messages. */
  readonly file: string;
  readonly source: string;
  readonly kind: 'mjml' | 'html';
  /** The text of a file beside it, by a path relative to it; undefined where there is none. */
  readonly beside: (path: string) => string | undefined;
};

/** A template from elsewhere in Laurel's form. */
export type ImportedBody = Headline & {
  /** Its pieces by file name. */
  readonly partials: ReadonlyMap<string, string>;
  /** Its own text part, in Laurel's words; null where there is none. */
  readonly text: string | null;
  readonly root: Field;
  readonly notes: Notes;
};

/**
 * Reads MJML or html with `{{…}}` or merge tags. `root`: what is known of its data.
 * @throws PermanentError `not-a-template`
 */
export function importBody(from: MarkupSource, root: Field = newField()): ImportedBody {
  const { file, source, kind, beside } = from;
  if (kind === 'mjml' && !/<mjml\b/i.test(source))
    throw new PermanentError('not-a-template', `${file}: there is no <mjml> in it`);
  const notes = newNotes();
  const partials = new Map<string, string>();
  const read = (text: string, name: string, words: (place: Place) => Rewriter, markup: boolean) => {
    const plain = cleaned(
      asMustaches(text, placeOf(name, text, notes)),
      placeOf(name, text, notes),
    );
    const place = placeOf(name, plain, notes);
    tellUnread(plain, place);
    return unmarked(
      markup
        ? rewritten(plain, words(place), place, kind === 'mjml')
        : textRewritten(plain, words(place)),
    );
  };
  const included = new Map<string, string>();
  const whole =
    kind === 'mjml' ? includesOf(source, placeOf(file, source, notes), beside, included) : source;
  const words = rewriter({
    root,
    place: placeOf(file, whole, notes),
    isPostmarks: isPostmarks(whole),
    partial: (name, inner) => {
      const safe = `${name.replace(/[^\w-]/g, '-')}.${kind}`;
      if (partials.has(safe)) return true;
      const piece = included.get(name) ?? besides(name, kind, beside);
      if (piece === undefined) return false;
      partials.set(safe, '');
      partials.set(safe, read(piece, safe, inner.in, true));
      return true;
    },
  });
  const body = read(whole, file, words.in, true);
  const own = beside(file.replace(/^.*\//, '').replace(/\.\w+$/, '.txt'));
  const text = own === undefined ? null : read(own, 'text.hbs', words.in, false);
  return { ...headlineOf(body, kind, notes), partials, text, root, notes };
}

/** Sections and `each`, and nothing that only Handlebars and those after it have: conditions, helpers, `@index`, partials. */
function isPostmarks(source: string): boolean {
  const said = [...source.matchAll(/\{\{\{?~?\s*([^{}]*?)\s*~?\}?\}\}/g)].map(
    ([, one = '']) => one,
  );
  const theirs = /^(!|(#each\s+|[#^/&])?(\.\.\/)*[\w.$]*$)/;
  return (
    said.some((one) => /^[#^](?!each\b)/.test(one)) &&
    said.every((one) => theirs.test(one) && !/^(else|[#^/](if|unless|with|else))\b/.test(one))
  );
}

/** A piece in a file of its own, where systems keep them. */
const besides = (name: string, kind: 'mjml' | 'html', beside: MarkupSource['beside']) =>
  ['', 'partials/', '../partials/']
    .flatMap((folder) =>
      (kind === 'mjml' ? ['.mjml', '.hbs'] : ['.hbs', '.handlebars', '.html']).map((ending) =>
        beside(`${folder}${name}${ending}`),
      ),
    )
    .find((one) => one !== undefined);

const textRewritten = (text: string, words: Rewriter) =>
  text.replace(/\{\{\{?[\s\S]*?\}?\}\}/g, (one, at: number) => words.text(one, at));
