import { z } from 'zod';

import { InvalidInput } from '../core/errors.ts';
import { Currency } from '../core/money.ts';
import { parsePayload } from '../core/payload.ts';
import { problemsOf } from '../core/problems.ts';
import { eventTypes } from '../ledger/events.ts';
import { isTimeZone } from './instants.ts';

const name = z.string().min(1).max(200);
const Plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What a column's text becomes. */
const As = z.enum(['text', 'integer', 'decimal', 'money', 'boolean', 'instant', 'day']);

const FromColumn = z.strictObject({
  /** A column of the CSV file; in JSON a path such as `customer.id`. Of several, the first that says something. */
  column: z.union([name.transform((one) => [one]), z.array(name).min(1).max(10)]),
  as: As.default('text'),
  /** Its text → the value meant, before anything else. Text that isn't in it is refused. */
  map: z.record(z.string(), Plain).optional(),
  /** Instead of nothing. Without it, what is empty is left out of the event. */
  default: Plain.optional(),
  /** Splits the text into a list at this. */
  split: z.string().min(1).max(10).optional(),
  /** Of a number: `opposite` makes −2 of 2 and 2 of −2, `without` makes 2 of both, as refunds have it. */
  sign: z.enum(['as-is', 'opposite', 'without']).default('as-is'),
  /** Of a number: its decimal sign, and what stands between its thousands. */
  decimal: z.enum(['.', ',']).default('.'),
  thousands: z.enum(['.', ',', ' ', "'"]).optional(),
  /** Of an amount, where the event says none: a code, or the column that holds it. */
  currency: z.union([Currency, z.strictObject({ column: name })]).optional(),
  /** Of a time: `iso`, `unix`, `unix-ms`, or a pattern such as `dd.MM.yyyy HH:mm`. Of a day: `iso`, or `dd.MM.` and the like. */
  format: name.default('iso'),
  /** Of a time that says no offset itself. */
  timeZone: zone().optional(),
  /** Before and after the text. */
  prefix: z.string().max(100).optional(),
});
export type FromColumn = z.output<typeof FromColumn>;

/** Where a field comes from: a column (its name alone, several names, or with how to read it), or the same value always. */
const Field = z.union([
  z.union([name, z.array(name).min(1).max(10)]).transform((column) => FromColumn.parse({ column })),
  FromColumn,
  z.strictObject({ value: z.union([Plain, z.array(Plain)]) }),
]);
export type Field = z.output<typeof Field>;
const Fields = z.record(name, Field);

const Condition = z.strictObject({
  column: name,
  /** One of these texts. */
  in: z.array(z.string()).min(1).optional(),
  /** Not empty, or empty. */
  filled: z.boolean().optional(),
  /** A number less than this, or this and more. */
  below: z.number().optional(),
  atLeast: z.number().optional(),
});
export type Condition = z.output<typeof Condition>;

const Lines = z.strictObject({
  /** In JSON, the list of them; else each row of the group is one. */
  each: name.optional(),
  /** Only those of which all this holds. An event that has none left isn't made. */
  when: z.array(Condition).default([]),
  /**
   * Fields of a line. Instead of `unitPrice`, `total` is what all units of it cost together: shared out exactly, so that of
   * three for 10.00 one costs a cent more. A `quantity` as `decimal` (0.75 kg) is one unit of what that much costs.
   */
  fields: Fields,
});
export type LinesMapping = z.output<typeof Lines>;

const EventMapping = z.strictObject({
  type: z.enum(eventTypes),
  /** An event for each entry of this list of a JSON record. Paths lead into the entry; `../id` into the record around it. */
  each: name.optional(),
  /** Only for records of which all this holds. */
  when: z.array(Condition).default([]),
  /** Columns that together are the event's id; without, it is made of what the event says. */
  id: z.union([name.transform((one) => [one]), z.array(name).min(1)]).optional(),
  /** Before the id, where several events of a record would have the same. */
  idPrefix: z.string().max(100).default(''),
  /** Field of the event (`orderId`, `identity.value`) → where it comes from. */
  fields: Fields,
  /** One line for each row of the group, or each entry of the list named by `each`. */
  lines: Lines.optional(),
  /** `lines`: the total (of a refund: the amount) is the sum of the lines. */
  total: z.literal('lines').optional(),
});
export type EventMapping = z.output<typeof EventMapping>;

/** How records of a file, or of somebody's webhook, become ledger events. */
export const Mapping = z.strictObject({
  /** The source of all its events. */
  source: name,
  /** Where times say no offset. */
  timeZone: zone().default('UTC'),
  /** Where amounts say no currency. */
  currency: Currency.optional(),
  csv: z
    .strictObject({
      delimiter: z.string().length(1).optional(),
      encoding: z.enum(['utf-8', 'windows-1252']).default('utf-8'),
      /** Column names, where the file has no line with them. */
      header: z.array(name).min(1).optional(),
    })
    .default({ encoding: 'utf-8' }),
  /** Neighbouring CSV rows that are equal in these columns are one record: an order over several lines. */
  groupBy: z.array(name).min(1).optional(),
  events: z.array(EventMapping).min(1).max(50),
  /** What happens to records that no event is for. */
  otherwise: z.enum(['reject', 'skip']).default('reject'),
});
export type Mapping = z.output<typeof Mapping>;

function zone() {
  return z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin');
}

/** Reads a mapping file. @throws InvalidInput naming every field that is wrong */
export function parseMapping(text: string): Mapping {
  const parsed = Mapping.safeParse(parsePayload(text, { maxBytes: 1_000_000 }), {
    reportInput: true,
  });
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error));
  return parsed.data;
}

/** The columns a mapping can't do without; the first row of a file is held against them. */
export function columnsOf(mapping: Mapping): string[] {
  return [...new Set([...(mapping.groupBy ?? []), ...mapping.events.flatMap(columnsOfEvent)])];
}

const columnsOfEvent = ({ id = [], when, fields, lines }: EventMapping): string[] => [
  ...id,
  ...[...when, ...(lines?.when ?? [])].map(({ column }) => column),
  ...columnsIn(fields),
  ...columnsIn(lines?.fields ?? {}),
];

const columnsIn = (fields: Readonly<Record<string, Field>>): string[] =>
  Object.values(fields).flatMap((field) => {
    if (!('column' in field)) return [];
    const { column, currency } = field;
    return typeof currency === 'object' ? [...column, currency.column] : column;
  });
