/** Beyond it a line is wrapped on a phone, and columns are none any more. */
const widest = 60;

/** An amount, points, a share: digits with what is written around them, and no word of more than a currency's letters. */
const figure =
  /^(?:\p{Sc}|\p{L}{1,4}\b|[-−–+(\s\u00A0\u202F])*\d[\d.,'’\s\u00A0\u202F]*(?:\p{Sc}|%|\p{L}{1,4}|[)\s\u00A0\u202F])*\.?$/u;

/** Nearly every cell: letters of Latin, digits, punctuation and currencies' signs, each of which takes one place. */
const plain = /^[ -~\u00A0-\u00AC\u00AE-\u02FF\u2010-\u2027\u202F\u20A0-\u20BF\u2212]*$/;
/** Marks and what isn't seen take no room of their own. */
const widthOf = (text: string): number =>
  plain.test(text) ? text.length : (text.replace(/\p{M}|\p{Cf}/gu, '').match(/./gsu)?.length ?? 0);
const filler = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text)));

/**
 * Lines whose parts are apart by tabs, as rows of a table are, stand in columns where that helps: figures below figures, to
 * the right. Elsewhere two blanks keep the parts apart.
 */
export function inColumns(text: string): string {
  if (!text.includes('\t')) return text;
  const lines = text
    .split('\n')
    .map((line) => (/^[\t ]/.test(line) ? line.replace(/^[\t ]+/, blanks) : line));
  const isRow = (n: number) => lines[n]?.includes('\t') === true;
  for (let from = 0; from < lines.length; from += 1) {
    const rows: number[] = [];
    // Rows that are tables of their own have a blank line in between.
    for (let n = from; isRow(n) || (lines[n] === '' && isRow(n - 1) && isRow(n + 1)); n += 1)
      if (isRow(n)) rows.push(n);
    const table = rows.map((n) => (lines[n] ?? '').split(/[ \t]*\t[ \t]*/));
    const written = hasFigures(table) ? aligned(table) : null;
    for (const [nth, n] of rows.entries())
      lines[n] = written?.[nth] ?? table[nth]?.join('  ') ?? '';
    from = rows.at(-1) ?? from;
  }
  return lines.join('\n');
}

const blanks = (indent: string): string => indent.replaceAll('\t', '  ');

/** All rows end with a figure, but for what stands above them. */
const hasFigures = (table: readonly (readonly string[])[]): boolean =>
  table.length > 1 && table.every((cells, n) => n === 0 || figure.test(cells.at(-1) ?? ''));

/** Null where that would be too wide. */
function aligned(table: readonly (readonly string[])[]): string[] | null {
  const columns = table.map((cells) => cells.length);
  const alike = columns.every((count) => count === columns[0]);
  const widths = (table[0] ?? []).map((_, n) =>
    Math.max(...table.map((cells) => widthOf(cells[n] ?? ''))),
  );
  const left = table.map((cells) =>
    cells
      .slice(0, -1)
      .map((cell, n) =>
        alike && n < cells.length - 2 ? cell + filler(cell, widths[n] ?? 0) : cell,
      )
      .join('  '),
  );
  const right = table.map((cells) => cells.at(-1) ?? '');
  const room = Math.max(...left.map(widthOf));
  const last = Math.max(...right.map(widthOf));
  if (room + 2 + last > widest) return null;
  return left.map(
    (one, n) => `${one}${filler(one, room)}  ${filler(right[n] ?? '', last)}${right[n] ?? ''}`,
  );
}
