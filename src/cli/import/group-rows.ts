import { isRecord } from '../../core/is-record.ts';
import { textAt } from '../../ingest/values.ts';
import type { Row } from '../../table/row.ts';

/** Rows that are mapped as one. */
export type Group = readonly [Row, ...Row[]];

/** More rows than an order has lines: the group is ended, and the ledger refuses it. */
const mostRows = 1_000;

/** Puts neighbouring rows together that are equal in these columns; each row by itself where there are none. */
export async function* groupRows(
  rows: AsyncIterable<Row>,
  columns: readonly string[] | undefined,
): AsyncGenerator<Group> {
  let open: [Row, ...Row[]] | undefined;
  let key: string | undefined;
  for await (const one of rows) {
    const { value } = one;
    const own =
      columns && isRecord(value)
        ? JSON.stringify(columns.map((column) => textAt(value, column)))
        : undefined;
    if (open && own !== undefined && own === key && open.length < mostRows) {
      open.push(one);
      continue;
    }
    if (open) yield open;
    open = [one];
    key = own;
  }
  if (open) yield open;
}
