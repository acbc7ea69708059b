import { isRecord } from '../../core/is-record.ts';
import { mapEvents, plainEvent, type ReadEvent } from '../../ingest/map-events.ts';
import type { Mapping } from '../../ingest/mapping.ts';
import type { Group } from './group-rows.ts';

/** What is applied or rejected as one: the rows of a record, and its events. */
export type Unit = {
  readonly rows: Group;
  readonly events: readonly ReadEvent[];
  /** Why it can't be applied at all. */
  readonly problems: readonly string[];
};

/** Makes a group's events; without a mapping each record is an event already. */
export function unitOf(rows: Group, mapping: Mapping | undefined, now: Date): Unit {
  const broken = rows.flatMap((one) => (one.kind === 'broken' ? one.problems : []));
  const [first, ...others] = rows.flatMap((one) =>
    one.kind === 'row' && isRecord(one.value) ? [one.value] : [],
  );
  // With a row that can't be read the whole record is put right, or an order would lack a line.
  if (broken.length > 0 || !first) return { rows, events: [], problems: broken.map(asText) };
  const read = mapping ? mapEvents(mapping, [first, ...others], { now }) : plainEvent(first, now);
  return {
    rows,
    events: read.kind === 'events' ? read.events : [],
    problems: read.kind === 'wrong' ? read.problems.map(asText) : [],
  };
}

const asText = ({ path, message }: { readonly path: string; readonly message: string }) =>
  `${path}: ${message}`;
