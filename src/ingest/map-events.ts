import type { Problem } from '../core/errors.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import { parseEvent } from '../ledger/plan.ts';
import { mapRecord, type MappedRecord } from './map-record.ts';
import type { Mapping } from './mapping.ts';

/** An event as the ledger has it, and what its record calls the event's fields. */
export type ReadEvent = {
  readonly event: LedgerEvent;
  readonly nameOf: (path: string) => string;
};

/** The events of a record, all of them or, where one can't be made, none. */
export type ReadEvents =
  | { readonly kind: 'events'; readonly events: readonly ReadEvent[] }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

export type ReadOptions = {
  /** The id of an event that says none, instead of one made of its content. */
  readonly idOf?: ((place: number) => string) | undefined;
  /** What happens more than a day after it is wrong; left out: whenever. */
  readonly now?: Date | undefined;
};

/** Makes a record's events, as the mapping says, and checks them: what comes out of here isn't looked at again. */
export function mapEvents(
  mapping: Mapping,
  record: MappedRecord,
  options: ReadOptions,
): ReadEvents {
  const mapped = mapRecord(mapping, record, options.idOf);
  if (mapped.kind !== 'events') return mapped;
  return together(mapped.events.map(({ event, nameOf }) => readEvent(event, options.now, nameOf)));
}

/** A record that is an event already. */
export const plainEvent = (record: unknown, now: Date | undefined): ReadEvents =>
  together([readEvent(record, now, (path) => path)]);

type Read = { readonly event: ReadEvent } | { readonly problems: readonly Problem[] };

function readEvent(value: unknown, now: Date | undefined, nameOf: ReadEvent['nameOf']): Read {
  const parsed = parseEvent(value, now);
  if (parsed.kind === 'event') return { event: { event: parsed.event, nameOf } };
  return {
    problems: parsed.result.problems.map(({ path, message }) => ({ path: nameOf(path), message })),
  };
}

function together(all: readonly Read[]): ReadEvents {
  const problems = all.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problems.length > 0) return { kind: 'wrong', problems };
  return { kind: 'events', events: all.flatMap((one) => ('event' in one ? [one.event] : [])) };
}
