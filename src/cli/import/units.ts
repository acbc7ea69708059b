import { isRecord } from '../../core/is-record.ts';
import { mapRecord, type MappedEvent } from '../../ingest/map-record.ts';
import type { Mapping } from '../../ingest/mapping.ts';
import type { Group } from './group-rows.ts';

/** What is applied or rejected as one: the rows of a record, and its events. */
export type Unit = {
  readonly rows: Group;
  readonly events: readonly MappedEvent[];
  /** Why it can't be applied at all. */
  readonly problems: readonly string[];
};

/** Makes a group's events; without a mapping each record is an event already. */
export function unitOf(rows: Group, mapping: Mapping | undefined): Unit {
  const problems = rows.flatMap((one) =>
    one.kind === 'broken' ? one.problems.map(({ path, message }) => `${path}: ${message}`) : [],
  );
  const [first, ...others] = rows.flatMap((one) =>
    one.kind === 'row' && isRecord(one.value) ? [one.value] : [],
  );
  // With a row that can't be read the whole record is put right, or an order would lack a line.
  if (problems.length > 0 || !first) return { rows, events: [], problems };
  if (!mapping) return { rows, events: [{ event: first, nameOf: (path) => path }], problems };
  const mapped = mapRecord(mapping, [first, ...others]);
  switch (mapped.kind) {
    case 'events':
      return { rows, events: mapped.events, problems };
    case 'skipped':
      return { rows, events: [], problems };
    case 'wrong':
      return {
        rows,
        events: [],
        problems: mapped.problems.map(({ path, message }) => `${path}: ${message}`),
      };
    default:
      return mapped satisfies never;
  }
}
