import { addressIn } from './addresses.ts';
import { leftOut } from './clean.ts';
import type { Rewriter } from './mustaches.ts';
import { open, type Place } from './notes.ts';

/** A value in quotes, whose fields may hold quotes of their own. */
const quotedValue = String.raw`"(?:\{\{\{?[\s\S]*?\}\}\}?|[^"])*"|'(?:\{\{\{?[\s\S]*?\}\}\}?|[^'])*'`;
const mustaches = /\{\{\{?[\s\S]*?\}?\}\}/g;
const tokens = new RegExp(
  String.raw`(<style\b[^>]*>|<mj-style\b[^>]*>)([\s\S]*?)(?=</style|</mj-style)|(\s)([\w:-]+)(\s*=\s*)(${quotedValue})|${mustaches.source}`,
  'gi',
);
const addresses = new Set('href src background background-url srcset action'.split(' '));
const settled = new Set('style class id colspan rowspan css-class mj-class'.split(' '));

/** Every `{{…}}` of markup rewritten where it stands: in text, in an address, in another attribute, in a style sheet. */
export function rewritten(source: string, words: Rewriter, place: Place, mjml: boolean): string {
  return source.replace(tokens, (whole, ...found) => {
    const [style, css, blank, name, equals, quoted] = found.slice(0, 6).map(textOrNothing);
    const at = Number(found.findLast((one) => typeof one === 'number'));
    if (style !== undefined && css !== undefined)
      return style + styleSheet(css, at + style.length, words, place);
    if (blank === undefined || name === undefined || equals === undefined || quoted === undefined)
      return words.text(whole, at);
    const value = quoted.slice(1, -1);
    if (!value.includes('{{')) return whole;
    const start = at + whole.length - quoted.length + 1;
    const inMjml = mjml && /<mj-[^<>]*$/.test(source.slice(0, at).replace(mustaches, ''));
    return attribute({ name, value, start, inMjml, written: whole, blank }, words, place);
  });
}

const textOrNothing = (value: unknown) => (typeof value === 'string' ? value : undefined);

type Attribute = {
  readonly name: string;
  readonly value: string;
  /** Where the value begins. */
  readonly start: number;
  readonly inMjml: boolean;
  readonly written: string;
  readonly blank: string;
};

function attribute(
  { name, value, start, inMjml, written, blank }: Attribute,
  words: Rewriter,
  place: Place,
): string {
  const lower = name.toLowerCase();
  const made = (text: string) =>
    `${blank}${name}=${text.includes('"') && !text.includes("'") && !text.includes('{{') ? `'${text}'` : `"${text}"`}`;
  if (addresses.has(lower) && !(inMjml && lower === 'background-url'))
    return made(addressIn(value, start, words, place));
  const fields = [...value.matchAll(mustaches)].map(([one]) => one);
  const prints = fields.some((one) => !/^\{\{~?\s*(#|\/|else\b|\^|!)/.test(one));
  const fixed = settled.has(lower) || (inMjml && lower !== 'alt' && lower !== 'title');
  if (prints && fixed)
    return leftOut(
      place,
      start,
      written.trim(),
      `it can’t depend on a value; ask for it, ${name}="{{#if …}}a{{else}}b{{/if}}", or use a brand token, [[accent]]`,
    );
  return made(replaced(value, start, words));
}

const replaced = (value: string, start: number, words: Rewriter) =>
  value.replace(mustaches, (one, offset: number) => words.text(one, start + offset));

/** Conditions may stand in a style sheet, values may not. */
function styleSheet(css: string, start: number, words: Rewriter, place: Place): string {
  return css.replace(mustaches, (one, offset: number) => {
    if (/^\{\{~?\s*(#|\/|else\b|\^)/.test(one)) return words.text(one, start + offset);
    open(
      place,
      start + offset,
      `${one} is left out of the style sheet: colours are brand tokens, [[accent]]; what differs by data is asked for with {{#if …}}`,
    );
    return 'inherit';
  });
}
