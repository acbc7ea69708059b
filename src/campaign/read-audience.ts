import { MemberId } from '../contract/message.ts';
import { isRecord } from '../core/is-record.ts';
import { type Header, namedColumns } from '../table/csv.ts';
import { readTable } from '../table/read-table.ts';
import { type Row, wrongLine } from '../table/row.ts';

/** One entry of an audience: a member, or what is wrong with that line. */
export type AudienceEntry = { readonly line: number } & (
  | { readonly memberId: string }
  | { readonly problem: string }
);

export type AudienceOptions = {
  readonly form?: 'any' | 'csv' | 'ndjson';
  /** The column or field of the member ids, where it isn't `memberId`, `member_id` or `Member ID`. */
  readonly column?: string | undefined;
  /**
   * Only what can't be anything else: CSV has a line of names, and JSON ids are texts. Without it somebody looks on: a column
   * may be called `id`, a list needs no line of names, and numbers are ids.
   */
  readonly strict?: boolean;
};

/** Bytes of a line: more than any list of members has columns. */
const longestLine = 64 * 1024;
const exactly = /^member[ _-]?id$/i;
const usual = /^(member|membership[ _-]?id|customer[ _-]?id|id)$/i;

/** Reads members from a table, streamed. @throws InvalidInput where it can't be read (further), or lacks the column */
export async function* readAudience(
  chunks: AsyncIterable<Uint8Array>,
  { form = 'any', column, strict = false }: AudienceOptions = {},
): AsyncGenerator<AudienceEntry> {
  let found: { readonly name: string | undefined } | undefined;
  const { rows } = await readTable(chunks, {
    form,
    maxBytes: longestLine,
    header: (first) => {
      const { name, ...header } = headerOf(first, column, strict);
      found = { name };
      return header;
    },
  });
  for await (const row of rows) yield entryOf(row, found ? found.name : column, strict);
}

/** Which column holds the ids; none is named where the first line is a member already. */
function headerOf(
  first: readonly string[],
  column: string | undefined,
  strict: boolean,
): Header & { readonly name: string } {
  const matches = (is: (name: string) => boolean) => first.filter(is);
  const named =
    column === undefined
      ? [matches((one) => exactly.test(one)), strict ? [] : matches((one) => usual.test(one))]
      : [matches((one) => one.toLowerCase() === column.toLowerCase())];
  const [name, ...others] = named.find((some) => some.length > 0) ?? [];
  if (name !== undefined && others.some((one) => one !== name))
    throw wrongLine(
      1,
      `has ${[name, ...others].map((one) => `"${one}"`).join(' and ')}: say which of them holds the member ids`,
    );
  if (name !== undefined) return { ...namedColumns(first, [name]), name };
  if (column !== undefined)
    throw wrongLine(1, `there is no column "${column}"; the first line has ${first.join(', ')}`);
  if (strict) throw wrongLine(1, 'must be a header with a column memberId');
  if (first.length > 1)
    throw wrongLine(1, `must name the columns, one of them memberId; it has ${first.join(', ')}`);
  return { names: ['memberId'], isRow: true, name: 'memberId' };
}

function entryOf(row: Row, field: string | undefined, strict: boolean): AudienceEntry {
  const { line } = row;
  if (row.kind === 'broken')
    return {
      line,
      problem: row.problems
        .map(({ path, message }) => (path === 'record' ? message : `${path} ${message}`))
        .join('; '),
    };
  const names = isRecord(row.value) ? namesIn(row.value, field) : [];
  if (names.length > 1) return { line, problem: `has ${names.join(' and ')}; one is enough` };
  const value = isRecord(row.value) ? row.value[names[0] ?? ''] : row.value;
  const mayBeNumber = !strict || isRecord(row.value);
  const id =
    mayBeNumber && typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const parsed = MemberId.safeParse(typeof id === 'string' ? id.trim() : id);
  if (parsed.success) return { line, memberId: parsed.data };
  const missing = value === undefined || value === '' || value === null;
  const why = missing ? 'is missing' : (parsed.error.issues[0]?.message ?? 'is wrong');
  return { line, problem: `${field ?? 'memberId'} ${why}` };
}

const namesIn = (value: Record<string, unknown>, field: string | undefined): string[] =>
  Object.keys(value).filter((name) => (field === undefined ? exactly.test(name) : name === field));
