import type { FixedText, PreEncodedHtml } from '../../contract/email.ts';
import { escapeHtml, unescapeHtml } from '../escape.ts';
import { collectFixed, type FixedTexts } from './pre-encoded.ts';

/*
 * Html is read from left to right: in text, in a tag, in the value of an attribute. Values are escaped, so that nothing in them
 * leads from one of these to another; a template's own texts are read once for each of them, and cut at the addresses in them.
 */
type Place =
  | { readonly in: 'text' }
  | { readonly in: 'tag'; readonly link: boolean }
  /** `quote` is empty where it has none. */
  | {
      readonly in: 'value';
      readonly link: boolean;
      readonly href: boolean;
      readonly quote: string;
    };

/** A part of a mail's html: what it says, and how that is written. `href`: it is an address somebody may follow, or part of one. */
type Piece = { readonly href: boolean; readonly text: string; readonly written: string };

/**
 * What an address becomes; null: it stays.
 * @param href as a mail client reads it
 * @param shown the text people read in its place
 */
export type ReplaceLink = (href: string, shown: () => string) => string | null;

/** The same html with other addresses in its links, those that only Outlook reads (VML) too. Everything else stays as it is. Pure. */
export const replaceLinks = (html: string, replace: ReplaceLink): string =>
  assembled(cut(html, inText).pieces, replace);

/** The same of html of which most is encoded already. What stands between its addresses is encoded once a template. */
export function replaceEncodedLinks(
  { written, fixed }: PreEncodedHtml,
  replace: ReplaceLink,
): PreEncodedHtml {
  const { texts, cutMark } = cuttingOf(fixed);
  let place: Place = inText;
  const pieces = (written.match(/[\uE000-\uF8FF]|[^\uE000-\uF8FF]+/g) ?? []).flatMap((run) => {
    const found = cutMark(run, place) ?? cut(run, place);
    place = found.to;
    return found.pieces;
  });
  return { written: assembled(pieces, replace), fixed: texts.all };
}

type Cut = { readonly pieces: readonly Piece[]; readonly to: Place };
type Cutting = {
  readonly texts: FixedTexts;
  /** Undefined for what is no mark of a fixed text. */
  readonly cutMark: (run: string, place: Place) => Cut | undefined;
};

const known = new WeakMap<readonly FixedText[], Cutting>();

/** The fixed texts of one template without the addresses in them. */
function cuttingOf(fixed: readonly FixedText[]): Cutting {
  const found = known.get(fixed);
  if (found) return found;
  const texts = collectFixed();
  const cuts = new Map<string, Cut>();
  const made: Cutting = {
    texts,
    cutMark: (run, place) => {
      const text = fixed[run.charCodeAt(0) - 0xe000]?.text;
      if (text === undefined) return undefined;
      const key = run + Object.values(place).join();
      const before = cuts.get(key);
      if (before) return before;
      const { pieces, to } = cut(text, place);
      const once = {
        to,
        pieces: pieces.map((one) => (one.href ? one : { ...one, written: texts.mark(one.text) })),
      };
      cuts.set(key, once);
      return once;
    },
  };
  known.set(fixed, made);
  return made;
}

const inText: Place = { in: 'text' };
const tagName = /<([a-zA-Z][\w:-]*)/g;
/** Links, areas of maps, and what Outlook alone reads. */
const followed = /^(?:a|area|v:.*)$/i;
/** An attribute with its `=` and quote, one without a value, or the end of the tag. */
const inTag = /[\s/]*(?:([^\s"'<>/=]+)\s*=\s*(["']?)|[^\s"'<>/=]+|(>))|[\s\S]/y;

/** Cuts html at its addresses. */
function cut(html: string, from: Place): Cut {
  const pieces: Piece[] = [];
  const push = (start: number, end: number, href: boolean) => {
    const text = html.slice(start, end);
    if (text !== '') pieces.push({ href, text, written: text });
  };
  let place = from;
  let [start, at] = [0, 0];
  while (at < html.length) {
    if (place.in === 'value') {
      const end = endOfValue(html, place.quote, at);
      if (place.href) {
        push(start, at, false);
        push(at, end, true);
        start = end;
      }
      at = end;
      // The value goes on in what follows.
      if (at >= html.length) break;
      at += place.quote.length;
      place = { in: 'tag', link: place.link };
      continue;
    }
    const pattern = place.in === 'text' ? tagName : inTag;
    pattern.lastIndex = at;
    const found = pattern.exec(html);
    if (!found) break;
    at = pattern.lastIndex;
    const [, name = '', quote = '', end] = found;
    if (place.in === 'text') place = { in: 'tag', link: followed.test(name) };
    else if (end !== undefined) place = inText;
    else if (name !== '') {
      const { link } = place;
      place = { in: 'value', link, href: link && /^href$/i.test(name), quote };
    }
  }
  push(start, html.length, false);
  return { pieces, to: place };
}

function endOfValue(html: string, quote: string, from: number): number {
  const end = quote === '' ? html.slice(from).search(/[\s>]/) : html.indexOf(quote, from);
  if (end < 0) return html.length;
  return quote === '' ? from + end : end;
}

function assembled(pieces: readonly Piece[], replace: ReplaceLink): string {
  let out = '';
  for (let i = 0; i < pieces.length; i += 1) {
    const piece = pieces[i];
    if (piece?.href !== true) {
      out += piece?.written ?? '';
      continue;
    }
    let address = piece.text;
    for (let next = pieces[i + 1]; next?.href === true; next = pieces[i + 1]) {
      address += next.text;
      i += 1;
    }
    const href = unescaped(address);
    const replaced = href === null ? null : replace(href, () => shownAfter(pieces, i + 1));
    out += replaced === null ? address : escapeHtml(replaced);
  }
  return out;
}

/** More of it is nobody's address. */
const mostShown = 2_000;

/** The text of the link whose address ends there. */
function shownAfter(pieces: readonly Piece[], from: number): string {
  let html = '';
  for (let i = from; i < pieces.length && html.length < mostShown; i += 1) {
    html += pieces[i]?.text.slice(0, mostShown) ?? '';
    if (/<\/a\b/i.test(html)) break;
  }
  const text = html
    .replace(/<\/a\b[\s\S]*$/i, '')
    .replace(/^[^>]*>/, '')
    .replace(/<[^>]*>/g, '');
  return (unescaped(text) ?? text).trim();
}

/** People write `&` in addresses as it is. */
const unescaped = (html: string): string | null =>
  unescapeHtml(html.replace(/&(?![#\w]+;)/g, '&amp;'));
