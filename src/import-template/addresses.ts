import { quoted } from './calls.ts';
import type { Rewriter } from './mustaches.ts';
import { open, type Place } from './notes.ts';

const mustache = /(\{\{\{?[\s\S]*?\}?\}\})/;

/** Written text, or the expression of a field. */
type Piece = { readonly text: string } | { readonly field: string };

/** The value of an `href` or `src` with exactly one `{{link …}}`, or none; `at` is where it stands. */
export function addressIn(value: string, at: number, words: Rewriter, place: Place): string {
  if (!value.includes('{{')) return value;
  place.notes.changed.add('addresses are checked: href="{{url}}" is href="{{link data.url}}"');
  let position = at;
  let made = '';
  let run: Piece[] = [];
  const flush = () => {
    made += run.some((piece) => 'field' in piece)
      ? `{{link ${linkOf(run)}}}`
      : run.map(written).join('');
    run = [];
  };
  for (const part of value.trim().split(mustache)) {
    if (!part.startsWith('{{')) {
      if (part !== '') run.push({ text: part.replaceAll('&amp;', '&') });
    } else if (/^\{\{~?\s*(#|\/|else\b|\^|!)/.test(part)) {
      flush();
      made += words.text(part, position);
    } else {
      const field = words.printed(part, position, run.length === 0 ? 'address' : 'text');
      if (field === null) {
        open(
          place,
          position,
          `${part} in an address can’t be said in Laurel: the whole address leads to the brand’s site now; send it as a field`,
        );
        return '{{link brand.siteUrl}}';
      }
      run.push({ field });
    }
    position += part.length;
  }
  flush();
  return made;
}

const written = (piece: Piece) => ('text' in piece ? piece.text.replaceAll('&', '&amp;') : '');

/** What `link` takes: an address and, where they are plain, its parts and query one by one; else all of it joined. */
function linkOf(pieces: readonly Piece[]): string {
  const [first, ...rest] = pieces;
  if (!first) return 'brand.siteUrl';
  if ('field' in first && rest.length === 0) return first.field;
  return inParts(pieces) ?? `(join ${pieces.map(expressionOf).join(' ')})`;
}

const expressionOf = (piece: Piece) => ('text' in piece ? quoted(piece.text) : piece.field);

/** Null where the address is more than a base, whole path parts and a query of plain names. */
function inParts(pieces: readonly Piece[]): string | null {
  const [first, ...rest] = pieces;
  if (!first) return null;
  if ('field' in first) return argumentsOf(first.field, rest);
  const base = /^(https?:\/\/[^/?#]+[^?#]*)\/$/.exec(first.text)?.[1];
  if (base !== undefined) return argumentsOf(quoted(base), [{ text: '/' }, ...rest]);
  const [, before, query] = /^(https?:\/\/[^/?#]+\/[^?#]*)(\?[^#]*)$/.exec(first.text) ?? [];
  return before !== undefined && query !== undefined
    ? argumentsOf(quoted(before), [{ text: query }, ...rest])
    : null;
}

function argumentsOf(base: string, pieces: readonly Piece[]): string | null {
  // One character stands for each field while the rest is cut up.
  const fields: string[] = [];
  const text = pieces
    .map((piece) =>
      'text' in piece ? piece.text : String.fromCharCode(0xe000 + fields.push(piece.field) - 1),
    )
    .join('');
  const [whole, path = '', query = ''] =
    /^((?:\/[\w.~\uE000-\uF8FF-]*)*)(\?[^#]*)?$/.exec(text) ?? [];
  if (whole !== text) return null;
  const valueOf = (part: string): string | null => {
    if (part.length === 1 && part >= '\uE000') return fields[part.charCodeAt(0) - 0xe000] ?? null;
    return /^[\w.~-]+$/.test(part) ? quoted(part) : null;
  };
  const parts = path.split('/').slice(1).map(valueOf);
  const pairs =
    query === ''
      ? []
      : query
          .slice(1)
          .split('&')
          .map((pair) => {
            const [, name, said] = /^([A-Za-z_]\w*)=(.+)$/.exec(pair) ?? [];
            const value = said === undefined ? null : valueOf(said);
            return value === null ? null : `${name}=${value}`;
          });
  const all = [...parts, ...pairs];
  return all.includes(null) || parts.length > 7 ? null : [base, ...all].join(' ');
}
