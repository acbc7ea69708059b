import { MemberId } from '../contract/message.ts';
import { isRecord } from '../core/is-record.ts';
import { type Header, namedColumns } from '../table/csv.ts';
import { readTable } from '../table/read-table.ts';
import { type Row, wrongLine } from '../table/row.ts';
import type { Data } from './parameters.ts';
import type { RowData } from './row-data.ts';

/** One entry of an audience: a member with fields of their own mail, or what is wrong with that line. */
export type AudienceEntry = { readonly line: number } & (
  | { readonly memberId: string; readonly data?: Data }
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
  /** What becomes of the other columns; nothing, where left out. */
  readonly rowData?: RowData | undefined;
};

/** Bytes of a line: more than any list of members has columns. */
const longestLine = 64 * 1024;
const exactly = /^member[ _-]?id$/i;
const usual = /^(member|membership[ _-]?id|customer[ _-]?id|id)$/i;

/** Reads members from a table, streamed. @throws InvalidInput where it can't be read (further), or lacks the column */
export async function* readAudience(
  chunks: AsyncIterable<Uint8Array>,
  { form = 'any', column, strict = false, rowData }: AudienceOptions = {},
): AsyncGenerator<AudienceEntry> {
  let found: { readonly name: string | undefined } | undefined;
  const table = await readTable(chunks, {
    form,
    maxBytes: longestLine,
    header: (first) => {
      const { name, ...header } = headerOf(first, column, strict);
      if (!header.isRow) rowData?.checkColumns(first.filter((one) => one !== name));
      found = { name };
      return header;
    },
  });
  for await (const row of table.rows)
    yield entryOf(row, {
      field: found ? found.name : column,
      strict,
      rowData,
      cells: table.form.kind === 'csv',
    });
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

type Reading = Pick<AudienceOptions, 'rowData'> & {
  readonly field: string | undefined;
  readonly strict: boolean;
  readonly cells: boolean;
};

function entryOf(row: Row, { field, strict, rowData, cells }: Reading): AudienceEntry {
  const { line } = row;
  if (row.kind === 'broken')
    return {
      line,
      problem: row.problems
        .map(({ path, message }) => (path === 'record' ? message : `${path} ${message}`))
        .join('; '),
    };
  const record = isRecord(row.value) ? row.value : {};
  const names = namesIn(record, field);
  if (names.length > 1) return { line, problem: `has ${names.join(' and ')}; one is enough` };
  const [idField = ''] = names;
  const { [idField]: id, ...others } = record;
  const memberId = memberIdOf(isRecord(row.value) ? id : row.value, {
    field,
    mayBeNumber: !strict || isRecord(row.value),
  });
  if ('problem' in memberId) return { line, ...memberId };
  const told = rowData?.read(others, cells ? 'cells' : 'json') ?? { data: null };
  if ('problem' in told) return { line, ...told };
  return { line, ...memberId, ...(told.data && { data: told.data }) };
}

function memberIdOf(
  value: unknown,
  { field, mayBeNumber }: { readonly field: string | undefined; readonly mayBeNumber: boolean },
): { readonly memberId: string } | { readonly problem: string } {
  const id =
    mayBeNumber && typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const parsed = MemberId.safeParse(typeof id === 'string' ? id.trim() : id);
  if (parsed.success) return { memberId: parsed.data };
  const missing = value === undefined || value === '' || value === null;
  const why = missing ? 'is missing' : (parsed.error.issues[0]?.message ?? 'is wrong');
  return { problem: `${field ?? 'memberId'} ${why}` };
}

const namesIn = (value: Record<string, unknown>, field: string | undefined): string[] =>
  Object.keys(value).filter((name) => (field === undefined ? exactly.test(name) : name === field));
