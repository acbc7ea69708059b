/** What was changed, and what a person has to look at, with file and line where there is one. */
export type Notes = { readonly changed: Set<string>; readonly open: Set<string> };

export const newNotes = (): Notes => ({ changed: new Set(), open: new Set() });

/** A text being rewritten, and how to tell of places in it. */
export type Place = {
  readonly file: string;
  /** The line (from 1) of a position. */
  readonly lineOf: (at: number) => number;
  readonly notes: Notes;
  /** Whether the loop that begins here makes columns, of which MJML has to know the number. */
  readonly makesColumns: (at: number) => boolean;
  /** Whether the section that begins here only opens a list, whose loop, `{{#each .}}`, stands in it. */
  readonly loopsItself: (at: number) => boolean;
};

export function placeOf(file: string, source: string, notes: Notes): Place {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return {
    file,
    notes,
    loopsItself: (at) => loopsItself(source.slice(at)),
    makesColumns: (at) => columnLoop.test(source.slice(at, at + 20_000)),
    lineOf: (at) => starts.findLastIndex((start) => start <= at) + 1,
  };
}

const columnLoop =
  /^\{\{~?#each\b[^}]*\}\}(?:(?!<mj-section|<mj-wrapper|<mj-hero|\{\{~?\/each)[\s\S])*?<mj-column\b/;

function loopsItself(source: string): boolean {
  let depth = 0;
  for (const [, sign, rest = ''] of source.matchAll(
    /\{\{~?\s*([#^/])(?!>)\s*([^{}]*?)\s*~?\}\}/g,
  )) {
    if (sign === '/') depth -= 1;
    else if (depth === 1 && /^each\s+(\.|this)$/.test(rest)) return true;
    else depth += 1;
    if (depth <= 0) return false;
  }
  return false;
}

/** Tells what a person has to look at, at a position: what it is, and what to write. */
export function open(place: Place, at: number, what: string): void {
  place.notes.open.add(`${whereOf(place, at)}: ${what}`);
}

export const whereOf = ({ file, lineOf }: Place, at: number): string => `${file}:${lineOf(at)}`;

/** Text of the same number of lines. */
export const blankLines = (text: string): string => '\n'.repeat(text.split('\n').length - 1);
