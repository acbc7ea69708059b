/*
 * A table described once: the types of its rows, lists of columns, and statements that write many rows come from it. A test
 * compares each description with the table that the migrations make.
 */

import { once } from '../core/once.ts';
import type { Db } from './pool.ts';

/** One column: its type as Postgres names it, what code reads from it, and what it is written from. */
export type Column<Read = unknown, Written = Read> = {
  readonly type: string;
  readonly nullable: boolean;
  /** The expression that reads it, where that isn't the column itself. */
  readonly read?: (column: string) => string;
  /** Known to the compiler only. */
  readonly holds?: { readonly read: Read; readonly written: Written };
};

/** What `name` holds as text in UTC: `2026-03-01T09:00:00.000Z`. */
export const isoText = (name: string): string =>
  `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
export const epochMillis = (name: string): string => `(extract(epoch from ${name}) * 1000)::bigint`;

const ofType = (type: string) => ({ type, nullable: false });
const time = ofType('timestamp with time zone');

/** What columns hold. */
export const column = {
  text: <Is extends string = string>(): Column<Is> => ofType('text'),
  uuid: (): Column<string> => ofType('uuid'),
  boolean: (): Column<boolean> => ofType('boolean'),
  smallint: (): Column<number> => ofType('smallint'),
  integer: (): Column<number> => ofType('integer'),
  float: (): Column<number> => ofType('double precision'),
  bigint: (): Column<number> => ofType('bigint'),
  bytea: (): Column<Buffer> => ofType('bytea'),
  textArray: <Is extends string = string>(): Column<readonly Is[]> => ofType('text[]'),
  /** What we wrote ourselves, and have the type of. What others may have written is parsed where it is read. */
  jsonb: <Is>(): Column<Is> => ofType('jsonb'),
  timestamp: (): Column<Date, Date | string> => time,
  /** A time that is read as `isoText`. */
  isoTime: (): Column<string> => ({ ...time, read: isoText }),
  /** A time that is read as epoch milliseconds. */
  millisTime: (): Column<number, Date | string> => ({ ...time, read: epochMillis }),
};

export const nullable = <Read, Written>(
  of: Column<Read, Written>,
): Column<Read | null, Written | null> => ({
  type: of.type,
  nullable: true,
  ...(of.read && { read: of.read }),
});

type Columns = Readonly<Record<string, Column>>;

/** A table of the schema `laurel`; its columns by their names in code, `memberId` for `member_id`. */
export type Table<Its extends Columns = Columns> = {
  readonly table: string;
  readonly columns: Columns;
  /** Known to the compiler only. */
  readonly its?: Its;
};

type ItsOf<Of extends Table> = NonNullable<Of['its']>;
type Names<Of extends Table> = keyof ItsOf<Of> & string;
type Held<Of extends Table, Way extends 'read' | 'written'> = {
  -readonly [Name in Names<Of>]: NonNullable<ItsOf<Of>[Name]['holds']>[Way];
};

/** What is read of a row. */
export type Row<Of extends Table> = Held<Of, 'read'>;
/** What a row is written from. */
export type NewRow<Of extends Table> = Readonly<Held<Of, 'written'>>;

export const defineTable = <const Its extends Columns>(
  table: string,
  columns: Its,
): Table<Its> => ({
  table,
  columns,
});

/** The names in a list such as `id, memberId`. */
type InList<List extends string> = List extends `${infer Name}, ${infer Others}`
  ? Name | InList<Others>
  : List;
/** A list of these names; what isn't one of them is told by the compiler. */
type ListOf<Name extends string, List extends string> =
  Exclude<InList<List>, Name> extends never ? List : `there is no ${Exclude<InList<List>, Name>}`;

const chosen = ({ table, columns }: Table, chooses: (name: string) => boolean) => ({
  table,
  columns: Object.fromEntries(Object.entries(columns).filter(([name]) => chooses(name))),
});

/** Some columns of a table: `only(messages, 'id, memberId')`. */
export function only<Its extends Columns, List extends string>(
  of: Table<Its>,
  list: ListOf<keyof Its & string, List>,
): Table<Pick<Its, InList<List>>> {
  const names = list.split(', ');
  return chosen(of, (name) => names.includes(name));
}

/** The columns but some: secrets, what isn't shown. */
export function allBut<Its extends Columns, List extends string>(
  of: Table<Its>,
  list: ListOf<keyof Its & string, List>,
): Table<Omit<Its, InList<List>>> {
  const names = list.split(', ');
  return chosen(of, (name) => !names.includes(name));
}

/** The name in Postgres of what code calls `memberId`. */
export const columnName = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The columns' names in Postgres. */
export const stored = once(({ columns }: Table): string =>
  Object.keys(columns).map(columnName).join(', '),
);

/**
 * The columns for a `select`, each under its name in code.
 * @param from what the statement calls the table, with a dot
 */
export const selected = ({ columns }: Table, from = ''): string =>
  Object.entries(columns)
    .map(([name, { read }]) => {
      const place = from + columnName(name);
      return read || place !== name ? `${read?.(place) ?? place} as "${name}"` : name;
    })
    .join(', ');

const selectFrom = once((of: Table) => `select ${selected(of)} from laurel.${of.table}`);

/** Reads rows of a table. @param rest which, and in which order; all when left out */
export async function readRows<Of extends Table>(
  db: Db,
  of: Of,
  rest = '',
  values: unknown[] = [],
): Promise<Row<Of>[]> {
  const { rows } = await db.query<Row<Of>>(`${selectFrom(of)} ${rest}`, values);
  return rows;
}

/** Inserts a row, `t`, of those of its columns that are given. @param rest what to do on conflict, what to return */
export function insertRow<Of extends Table>(
  db: Db,
  { table, columns }: Of,
  row: Partial<NewRow<Of>> & { readonly tenant?: string },
  rest = '',
): ReturnType<Db['query']> {
  const given = Object.entries(row).filter(
    ([name, value]) => value !== undefined && (name === 'tenant' || name in columns),
  );
  return db.query(
    `insert into laurel.${table} as t (${given.map(([name]) => columnName(name)).join(', ')})
     values (${given.map((_, index) => `$${index + 1}`).join(', ')}) ${rest}`,
    given.map(([name, value]) =>
      columns[name]?.type === 'jsonb' && value !== null ? JSON.stringify(value) : value,
    ),
  );
}

/** A row's columns as a JSON object; its times as Postgres writes them in JSON. */
export const asJson = (columns: Columns): string =>
  `jsonb_build_object(${Object.keys(columns)
    .map((name) => `'${name}', ${columnName(name)}`)
    .join(', ')})`;

/** The columns of a record of JSON, by their names in code, as `jsonb_to_recordset` wants them. */
export const recordOf = once(({ columns }: Table): string =>
  Object.entries(columns)
    .map(([name, { type }]) => `"${name}" ${type}`)
    .join(', '),
);

/** The rows of a JSON array, `$2`, as a table `r` whose columns have their names in code, and their place as `ordinality`. */
export const given = (of: Table): string =>
  `rows from (jsonb_to_recordset($2::jsonb) as (${recordOf(of)})) with ordinality as r`;

/** The columns of a record, by their names in code. */
export const quoted = once(({ columns }: Table): string =>
  Object.keys(columns)
    .map((name) => `"${name}"`)
    .join(', '),
);

/** Inserts the rows of a JSON array, `$2`, as tenant `$1`'s, in the array's order. */
export const insertGiven = once(
  (of: Table): string => `insert into laurel.${of.table} as t (tenant, ${stored(of)})
    select $1, ${quoted(of)} from ${given(of)} order by ordinality`,
);

/** Inserts the rows of a JSON array, `$1`; `r` is such a row. */
export const insertAll = (of: Table): string => `
  insert into laurel.${of.table} as t (${stored(of)})
  select ${quoted(of)} from jsonb_to_recordset($1::jsonb) as r(${recordOf(of)})`;

/** Updates tenant `$1`'s rows that have the keys of those in a JSON array, `$2`: all columns but the keys. */
export function updateGiven<Of extends Table>(of: Of, keys: readonly Names<Of>[]): string {
  const changed = Object.keys(of.columns).filter((name) => !keys.some((key) => key === name));
  return `update laurel.${of.table} t set ${changed.map((name) => `${columnName(name)} = r."${name}"`).join(', ')}
    from ${given(of)} where t.tenant = $1 and ${sameKeys(keys)}`;
}

/** That row `t` has the keys of row `r`. */
export const sameKeys = (keys: readonly string[]): string =>
  keys.map((name) => `t.${columnName(name)} = r."${name}"`).join(' and ');
