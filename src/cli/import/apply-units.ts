import { createHash } from 'node:crypto';

import type { EventResult } from '../../ledger/batch.ts';
import type { LedgerEvent } from '../../ledger/events.ts';
import type { Unit } from './units.ts';

/** Applies events in their order, one result each. */
export type ApplyEvents = (events: readonly LedgerEvent[]) => Promise<readonly EventResult[]>;

/** At once. More of them only wait for each other on most machines. */
const lanes = 4;
/** Events a transaction. */
const batchSize = 250;

/** What is about more than one member, or nobody: everything before it comes first, everything after it later. */
const ofSeveral = /^(members|identity|link|product|subject)\.|^member\.erased$/;

/**
 * Applies units so that those of one person keep their order: each person has a lane, and the lanes run at once.
 * Results are in the order of the units, one a unit's event.
 */
export async function applyUnits(
  units: readonly Unit[],
  applyEvents: ApplyEvents,
): Promise<ReadonlyMap<Unit, readonly EventResult[]>> {
  const results = new Map<Unit, readonly EventResult[]>();
  let run = new Map<number, Unit[]>();
  const finish = async () => {
    const open = [...run.values()];
    run = new Map();
    await Promise.all(open.map((lane) => applyLane(lane, applyEvents, results)));
  };
  let alone: Unit[] = [];
  const finishAlone = async () => {
    const open = alone;
    alone = [];
    await applyLane(open, applyEvents, results);
  };
  for (const unit of units) {
    const lane = laneOf(unit);
    if (lane === undefined) {
      if (run.size > 0) await finish();
      alone.push(unit);
      continue;
    }
    if (alone.length > 0) await finishAlone();
    run.set(lane, [...(run.get(lane) ?? []), unit]);
  }
  await finishAlone();
  await finish();
  return results;
}

async function applyLane(
  units: readonly Unit[],
  applyEvents: ApplyEvents,
  results: Map<Unit, readonly EventResult[]>,
): Promise<void> {
  let batch: Unit[] = [];
  let size = 0;
  const apply = async () => {
    const events = batch.flatMap((unit) => unit.events.map(({ event }) => event));
    const outcomes = events.length > 0 ? await applyEvents(events) : [];
    let next = 0;
    for (const unit of batch) {
      results.set(unit, outcomes.slice(next, next + unit.events.length));
      next += unit.events.length;
    }
    [batch, size] = [[], 0];
  };
  for (const unit of units) {
    batch.push(unit);
    size += unit.events.length;
    if (size >= batchSize) await apply();
  }
  await apply();
}

/** By whom it is about; undefined where that isn't one person. */
function laneOf({ events }: Unit): number | undefined {
  const people = new Set(events.map(({ event }) => personIn(event)));
  const [person] = people;
  if (people.size !== 1 || person === undefined) return undefined;
  return (createHash('sha1').update(person).digest()[0] ?? 0) % lanes;
}

function personIn(event: LedgerEvent): string | undefined {
  if (ofSeveral.test(event.type)) return undefined;
  if ('memberId' in event && event.memberId !== undefined) return event.memberId;
  return 'identity' in event && event.identity ? JSON.stringify(event.identity) : undefined;
}
