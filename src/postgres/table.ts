/*
 * A table described once: the types of its rows, lists of columns, and statements that write many rows come from it. A test
 * compares each description with the table that the migrations make.
 */

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

const column = (type: string) => ({ type, nullable: false });
const time = column('timestamp with time zone');

export const text = <Is extends string = string>(): Column<Is> => column('text');
export const uuid = (): Column<string> => column('uuid');
export const boolean = (): Column<boolean> => column('boolean');
export const smallint = (): Column<number> => column('smallint');
export const integer = (): Column<number> => column('integer');
export const bigint = (): Column<number> => column('bigint');
export const textArray = <Is extends string = string>(): Column<readonly Is[]> => column('text[]');
/** What we wrote ourselves, and have the type of. What others may have written is parsed where it is read. */
export const jsonb = <Is>(): Column<Is> => column('jsonb');
export const timestamp = (): Column<Date, Date | string> => time;
/** A time that is read as `isoText`. */
export const isoTime = (): Column<string> => ({ ...time, read: isoText });
/** A time that is read as epoch milliseconds. */
export const millisTime = (): Column<number, Date | string> => ({ ...time, read: epochMillis });

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
  readonly columns: Its;
};

type Names<Of extends Table> = keyof Of['columns'] & string;
type Held<Of extends Table, Way extends 'read' | 'written'> = {
  -readonly [Name in Names<Of>]: NonNullable<Of['columns'][Name]['holds']>[Way];
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

/** The name in Postgres of what code calls `memberId`. */
export const columnName = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const namesOf = <Of extends Table>(of: Of): readonly Names<Of>[] => Object.keys(of.columns);

/** The columns but some: secrets, what isn't shown. */
export const allBut = <Of extends Table, Left extends Names<Of>>(
  of: Of,
  ...left: readonly Left[]
): readonly Exclude<Names<Of>, Left>[] =>
  namesOf(of).filter((name): name is Exclude<Names<Of>, Left> => !left.some((one) => one === name));

/** The columns for a `select`, each under its name in code. */
export function selected<Of extends Table>(
  of: Of,
  names: readonly Names<Of>[] = namesOf(of),
): string {
  return names
    .map((name) => {
      const stored = columnName(name);
      const { read } = of.columns[name] ?? {};
      return read || stored !== name ? `${read?.(stored) ?? stored} as "${name}"` : name;
    })
    .join(', ');
}

/** A row's columns as a JSON object; its times as Postgres writes them in JSON. */
export const asJson = (columns: Columns): string =>
  `jsonb_build_object(${Object.keys(columns)
    .map((name) => `'${name}', ${columnName(name)}`)
    .join(', ')})`;

/** The rows of a JSON array, `$2`, as a table `r` whose columns have their names in code, and their place as `ordinality`. */
export const given = <Of extends Table>(
  of: Of,
  names: readonly Names<Of>[] = namesOf(of),
): string =>
  `rows from (jsonb_to_recordset($2::jsonb) as (${names.map((name) => `"${name}" ${of.columns[name]?.type}`).join(', ')})) with ordinality as r`;

/** Inserts the rows of a JSON array, `$2`, as tenant `$1`'s, in the array's order. */
export function insertGiven<Of extends Table>(
  of: Of,
  names: readonly Names<Of>[] = namesOf(of),
): string {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  return `insert into laurel.${of.table} as t (tenant, ${names.map(columnName).join(', ')})
    select $1, ${quoted} from ${given(of, names)} order by ordinality`;
}

/** Updates tenant `$1`'s rows that have the keys of those in a JSON array, `$2`: all columns but the keys and `kept`. */
export function updateGiven<Of extends Table>(
  of: Of,
  keys: readonly Names<Of>[],
  kept: readonly Names<Of>[] = [],
): string {
  const names = namesOf(of).filter((name) => !kept.includes(name));
  const changed = names.filter((name) => !keys.includes(name));
  return `update laurel.${of.table} t set ${changed.map((name) => `${columnName(name)} = r."${name}"`).join(', ')}
    from ${given(of, names)} where t.tenant = $1 and ${sameKeys(keys)}`;
}

/** That row `t` has the keys of row `r`. */
export const sameKeys = (keys: readonly string[]): string =>
  keys.map((name) => `t.${columnName(name)} = r."${name}"`).join(' and ');
