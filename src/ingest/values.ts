import { isRecord } from '../core/is-record.ts';
import { Currency, toMinorUnits } from '../core/money.ts';
import { type Decimal, toDecimal } from './decimal.ts';
import { readDay, readInstant } from './instants.ts';
import type { Field, FromColumn } from './mapping.ts';

/** A row of CSV (texts by column) or a JSON object. */
export type Row = Readonly<Record<string, unknown>>;

/** What a field comes to: a value, nothing at all, or why not. */
export type Read =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly message: string };

/** What holds for the whole mapping, or event. */
export type Defaults = { readonly timeZone: string; readonly currency: string | undefined };

const wrong = (message: string): Read => ({ kind: 'wrong', message });
const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** What an entry of a list is within. */
const around = Symbol('the record around it');

/** An entry of a record's list, from which `../id` leads to the record. */
export const within = (entry: Row, record: Row): Row => ({ ...entry, [around]: record });

/** A column by its name, a path such as `customer.id` into JSON, or `../id` out of an entry. */
export function valueAt(row: Row, column: string): unknown {
  if (column.startsWith('../')) {
    const outer: unknown = Reflect.get(row, around);
    return isRecord(outer) ? valueAt(outer, column.slice(3)) : undefined;
  }
  if (Object.hasOwn(row, column)) return row[column];
  return column.split('.').reduce<unknown>((at, step) => {
    const inside = typeof at === 'object' && at !== null && Object.hasOwn(at, step);
    return inside ? Reflect.get(at, step) : undefined;
  }, row);
}

/** What a column says as text; empty where it says nothing, or holds a list or an object. */
export function textAt(row: Row, column: string): string {
  const value = valueAt(row, column);
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Of its columns the first that says something, else the first. */
const columnRead = ({ column }: FromColumn, row: Row): string =>
  column.find((one) => textAt(row, one) !== '' || Array.isArray(valueAt(row, one))) ??
  column[0] ??
  '';

/** Reads one field of an event out of a row. */
export function readField(field: Field, row: Row, defaults: Defaults): Read {
  if ('value' in field) return { kind: 'value', value: field.value };
  const column = columnRead(field, row);
  const inJson = valueAt(row, column);
  if (Array.isArray(inJson) && field.as === 'text') return { kind: 'value', value: inJson };
  const text = textAt(row, column);
  if (text === '')
    return field.default === undefined
      ? { kind: 'nothing' }
      : { kind: 'value', value: field.default };
  if (field.split === undefined) return readText(text, field, row, defaults);
  const parts = text.split(field.split).flatMap((part) => {
    const trimmed = part.trim();
    return trimmed === '' ? [] : [readText(trimmed, field, row, defaults)];
  });
  return (
    parts.find((part) => part.kind === 'wrong') ?? {
      kind: 'value',
      value: parts.flatMap((part) => (part.kind === 'value' ? [part.value] : [])),
    }
  );
}

function readText(text: string, field: FromColumn, row: Row, defaults: Defaults): Read {
  if (field.map) {
    if (Object.hasOwn(field.map, text)) return { kind: 'value', value: field.map[text] };
    return wrong(`${shown(text)} is not in the map of this column`);
  }
  switch (field.as) {
    case 'text':
      return { kind: 'value', value: `${field.prefix ?? ''}${text}` };
    case 'integer': {
      const plain = plainNumber(text, field);
      return plain !== null && /^[+-]?\d{1,15}(\.0*)?$/.test(plain)
        ? { kind: 'value', value: signed(Number(plain), field) }
        : wrong(`${shown(text)} is not a whole number`);
    }
    case 'decimal': {
      const plain = plainNumber(text, field);
      return plain !== null && /^[+-]?\d{1,9}(\.\d{1,9})?$/.test(plain)
        ? { kind: 'value', value: signedDecimal(toDecimal(plain), field) }
        : wrong(`${shown(text)} is not a number`);
    }
    case 'boolean':
      return readBoolean(text);
    case 'instant': {
      const value = readInstant(text, field.format, field.timeZone ?? defaults.timeZone);
      return value === null
        ? wrong(`${shown(text)} is not a time of the form ${field.format}`)
        : { kind: 'value', value };
    }
    case 'day': {
      const value = readDay(text, field.format);
      return value === null
        ? wrong(`${shown(text)} is not a day of the form ${field.format}`)
        : { kind: 'value', value };
    }
    case 'money':
      return readMoney(text, field, row, defaults);
    default:
      return field.as satisfies never;
  }
}

function readBoolean(text: string): Read {
  if (/^(true|yes|y|1)$/i.test(text)) return { kind: 'value', value: true };
  if (/^(false|no|n|0)$/i.test(text)) return { kind: 'value', value: false };
  return wrong(`${shown(text)} is neither true nor false; a map says what it means`);
}

function readMoney(text: string, field: FromColumn, row: Row, defaults: Defaults): Read {
  const { currency: said } = field;
  const currency =
    typeof said === 'object' ? textAt(row, said.column) : (said ?? defaults.currency);
  if (currency === undefined)
    return wrong('needs a currency such as EUR, in the field or the mapping');
  if (!Currency.safeParse(currency).success)
    return wrong(`${shown(currency)} is no currency of ISO 4217, such as EUR`);
  const plain = plainNumber(text, field);
  if (plain === null) return wrong(`${shown(text)} is not an amount`);
  const amount = toMinorUnits(plain, currency);
  return amount === null
    ? wrong(`${shown(text)} is not an amount of ${currency}`)
    : { kind: 'value', value: signed(amount, field) };
}

/** With a point and nothing between thousands; null where it isn't written as the field says. */
function plainNumber(text: string, { thousands, decimal }: FromColumn): string | null {
  const plain = thousands === undefined ? text : text.replaceAll(thousands, '');
  return decimal === ',' && plain.includes('.') ? null : plain.replace(decimal, '.');
}

function signed(value: number, { sign }: FromColumn): number {
  // Not −0.
  if (value === 0 || sign === 'as-is') return value;
  return sign === 'without' ? Math.abs(value) : -value;
}

const signedDecimal = ({ digits, scale }: Decimal, { sign }: FromColumn): Decimal => {
  if (sign === 'as-is') return { digits, scale };
  const positive = digits < 0n ? -digits : digits;
  return { digits: sign === 'without' ? positive : -digits, scale };
};
