import { createHash } from 'node:crypto';

import type { Problem } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import { linesOf } from './map-lines.ts';
import type { Condition, EventMapping, Field, Mapping } from './mapping.ts';
import { type Defaults, readField, type Row, textAt, valueAt, within } from './values.ts';

/** What is mapped as one: the rows of a group, of which the first speaks for all, or a JSON object alone. */
export type MappedRecord = readonly [Row, ...Row[]];

export type MappedEvent = {
  readonly event: Row;
  /** What the record calls a field of the event: its path, and the column it comes from. */
  readonly nameOf: (path: string) => string;
};

/** The events of a record, all of them or, where one can't be made, none. */
export type Mapped =
  | { readonly kind: 'events'; readonly events: readonly MappedEvent[] }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/**
 * Makes a record's events. Pure: the same record gives the same events under the same ids.
 * @param idOf the id of an event that says none, instead of one made of its content
 */
export function mapRecord(
  mapping: Mapping,
  record: MappedRecord,
  idOf?: (place: number) => string,
): Mapped {
  const [head] = record;
  const meant = mapping.events.filter(({ when }) => when.every((one) => holds(one, head)));
  if (meant.length === 0) {
    if (mapping.otherwise === 'skip') return { kind: 'skipped' };
    const message = 'no event of the mapping is for this record; otherwise: "skip" leaves it out';
    return { kind: 'wrong', problems: [{ path: 'record', message }] };
  }
  const problems: Problem[] = [];
  const made: MappedEvent[] = [];
  for (const one of meant)
    for (const rows of recordsOf(one, record, problems)) {
      const event = makeEvent(mapping, one, rows, idOf && (() => idOf(made.length)), problems);
      if (event) made.push(event);
    }
  if (problems.length > 0) return { kind: 'wrong', problems };
  return made.length > 0 ? { kind: 'events', events: made } : { kind: 'skipped' };
}

/** What each event is made of: the record, or each entry of a list in it. */
function recordsOf(
  { each }: EventMapping,
  record: MappedRecord,
  problems: Problem[],
): readonly MappedRecord[] {
  if (each === undefined) return [record];
  const list = valueAt(record[0], each);
  if (list === undefined || list === null) return [];
  const entries = rowsAt(record[0], each);
  if (!entries) problems.push({ path: each, message: 'must be a list of objects' });
  return (entries ?? []).map((entry) => [entry]);
}

function holds({ column, in: texts, filled, below, atLeast }: Condition, row: Row): boolean {
  const text = textAt(row, column);
  if (texts && !texts.includes(text)) return false;
  if (filled !== undefined && filled !== (text !== '')) return false;
  if (below === undefined && atLeast === undefined) return true;
  const number = text === '' ? NaN : Number(text.replace(',', '.'));
  return number < (below ?? Infinity) && number >= (atLeast ?? -Infinity);
}

function makeEvent(
  mapping: Mapping,
  event: EventMapping,
  record: MappedRecord,
  idOf: (() => string) | undefined,
  problems: Problem[],
): MappedEvent | undefined {
  const [head] = record;
  const defaults = { timeZone: mapping.timeZone, currency: currencyOf(mapping, event, head) };
  const made = fill(event.fields, head, defaults, '', problems);
  const { lines } = event;
  if (lines) {
    const all = lines.each === undefined ? record : rowsAt(head, lines.each);
    if (!all) problems.push({ path: lines.each ?? '', message: 'must be a list of objects' });
    const rows = (all ?? []).filter((row) => lines.when.every((one) => holds(one, row)));
    if (all && rows.length === 0 && lines.when.length > 0) return undefined;
    const refund = event.type === 'order.refunded';
    const read = rows.flatMap((row, index) =>
      linesOf(fill(lines.fields, row, defaults, `lines[${index}].`, problems), !refund),
    );
    made['lines'] = read.map(({ line }) => line);
    const worth = read.reduce((sum, one) => sum + one.worth, 0);
    if (event.total === 'lines') made[refund ? 'amount' : 'total'] = worth;
  }
  for (const column of event.id ?? [])
    if (textAt(head, column) === '')
      problems.push({ path: column, message: 'is empty, and the id is made of it' });
  const content = { ...made, type: event.type, source: mapping.source };
  return {
    event: { ...content, id: idFor(event, record, content, idOf) },
    nameOf: (path) => nameIn(event, path),
  };
}

/** What money without a currency of its own is in: what the event says of itself, else what the mapping says. */
function currencyOf(mapping: Mapping, event: EventMapping, head: Row): string | undefined {
  const field = event.fields['currency'];
  const defaults = { timeZone: mapping.timeZone, currency: undefined };
  const said = field ? readField(field, head, defaults) : undefined;
  return said?.kind === 'value' && typeof said.value === 'string' ? said.value : mapping.currency;
}

function fill(
  fields: Readonly<Record<string, Field>>,
  row: Row,
  defaults: Defaults,
  before: string,
  problems: Problem[],
): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [path, field] of Object.entries(fields)) {
    const read = readField(field, row, defaults);
    if (read.kind === 'value') put(made, path.split('.'), read.value);
    else if (read.kind === 'wrong')
      problems.push({ path: named(`${before}${path}`, field), message: read.message });
  }
  return made;
}

function put(into: Record<string, unknown>, [step = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[step] = value;
    return;
  }
  const found = into[step];
  const inner: Record<string, unknown> = isRecord(found) ? { ...found } : {};
  put(inner, rest, value);
  into[step] = inner;
}

function rowsAt(head: Row, path: string): readonly Row[] | undefined {
  const list: unknown = valueAt(head, path);
  return Array.isArray(list) && list.every(isRecord)
    ? list.map((entry) => within(entry, head))
    : undefined;
}

/**
 * An event is known by its id. Made of columns, a group's also carries what the event says: rows of an order that were
 * torn apart in the file are then refused as a second order instead of being lost as a repetition.
 */
function idFor(
  event: EventMapping,
  record: MappedRecord,
  content: Record<string, unknown>,
  idOf: (() => string) | undefined,
): string {
  const hash = () =>
    createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 24);
  if (!event.id) return `${event.idPrefix}${idOf?.() ?? hash()}`;
  const id = `${event.idPrefix}${event.id.map((column) => textAt(record[0], column)).join('-')}`;
  return event.lines && event.lines.each === undefined ? `${id}-${hash().slice(0, 12)}` : id;
}

const named = (path: string, field: Field | undefined) => {
  const columns = field && 'column' in field ? field.column.join(' or ') : path;
  return columns === path ? path : `${columns} (${path})`;
};

function nameIn({ fields, lines }: EventMapping, path: string): string {
  const ofLine = /^lines\[\d+\]\.(.+)$/.exec(path)?.[1];
  return named(path, ofLine === undefined ? fields[path] : lines?.fields[ofLine]);
}
