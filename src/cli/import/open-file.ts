import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { PermanentError } from '../../core/errors.ts';
import { isRecord } from '../../core/is-record.ts';
import { columnsOf, type Mapping } from '../../ingest/mapping.ts';
import { namedColumns } from '../../table/csv.ts';
import { readTable } from '../../table/read-table.ts';
import { broken, type Row } from '../../table/row.ts';
import { reasonOf } from '../failure.ts';
import { type Input, openInput } from '../input.ts';
import { type Group, groupRows } from './group-rows.ts';
import { rejectColumns, type RejectsForm } from './rejects.ts';

/** Opens a file for an import, unpacked where it ends in `.gz`. @throws PermanentError for one that can't be this mapping's */
export async function openFile(
  file: string,
  mapping: Mapping | undefined,
): Promise<{
  readonly input: Input;
  readonly form: RejectsForm;
  readonly groups: AsyncIterable<Group>;
}> {
  const input = await openInput(file);
  const chunks = file.endsWith('.gz') ? unpacked(input) : input.chunks;
  const { form, rows } = await readRows(chunks, mapping);
  return { input, form, groups: groupRows(rows, mapping?.groupBy) };
}

/** The rows of a file, and how those that are rejected are written. */
export async function readRows(
  chunks: AsyncIterable<Uint8Array>,
  mapping: Mapping | undefined,
): Promise<{ readonly form: RejectsForm; readonly rows: AsyncIterable<Row> }> {
  const { encoding = 'utf-8', delimiter, header } = mapping?.csv ?? {};
  const { form, rows } = await readTable(chunks, {
    encoding,
    delimiter,
    header: (first) =>
      header
        ? { names: header, isRow: true, further: rejectColumns }
        : namedColumns(first, mapping ? columnsOf(mapping) : []),
  });
  if (form.kind === 'json') return { form, rows: withoutOurs(rows) };
  if (!mapping)
    throw new PermanentError(
      'mapping',
      'CSV needs a mapping: --mapping <file> says what its columns mean',
    );
  const names = header ? undefined : form.firstLine;
  return {
    form: { kind: 'csv', delimiter: form.delimiter, names, marked: encoding !== 'utf-8' },
    rows: withoutOurs(rows),
  };
}

/** Rows of records. A rejected one that was put right has no more of what we had added to it. */
async function* withoutOurs(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (row.kind === 'broken') yield row;
    else if (!isRecord(row.value)) yield broken(row.line, row.text, 'must be an object');
    else {
      const own = Object.entries(row.value).filter(
        ([name]) => !rejectColumns.some((one) => one === name),
      );
      yield { ...row, value: Object.fromEntries(own) };
    }
  }
}

async function* unpacked(input: Input): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(input.chunks), gunzip, () => {}); // a failure ends the iteration below
  const chunks: AsyncIterable<Uint8Array> = gunzip;
  try {
    yield* chunks;
  } catch (error) {
    throw new PermanentError('gzip', `cannot unpack ${input.name}: ${reasonOf(error)}`);
  }
}
