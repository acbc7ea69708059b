import { basename } from 'node:path';

import type pg from 'pg';

import { PermanentError } from '../../core/errors.ts';
import type { Mapping } from '../../ingest/mapping.ts';
import type { EventResult } from '../../ledger/batch.ts';
import { inBatches } from '../input.ts';
import { openProgress } from '../progress.ts';
import { count, note, oneLine } from '../terminal.ts';
import { type ApplyEvents, applyUnits } from './apply-units.ts';
import { checkpointKey, dropCheckpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { Group } from './group-rows.ts';
import { openFile } from './open-file.ts';
import { openRejects, type Rejects } from './rejects.ts';
import { countRejected, emptyTally, type Tally } from './tally.ts';
import { type Unit, unitOf } from './units.ts';

/** Records between two checkpoints: read and mapped while those before them are applied. */
const windowSize = 2_000;
const mostToShow = 20;

export type Import = {
  readonly file: string;
  readonly mapping: Mapping | undefined;
  readonly mappingText: string;
  readonly rejects: string | undefined;
  readonly restart: boolean;
  readonly pool: pg.Pool;
  readonly tenant: string;
  readonly signal: AbortSignal;
  readonly applyEvents: ApplyEvents;
  /** What is told to happen more than a day after it is rejected. */
  readonly now: () => Date;
  /** This file's counts are added to it. */
  readonly total: Tally;
};

/**
 * Imports one file: window by window, each followed by a checkpoint of what is applied and rejected, so that a killed
 * import goes on there. Holds two windows in memory, however long the file is.
 * @throws PermanentError when it was interrupted, or the file can't be read further
 */
export async function importFile(work: Import): Promise<void> {
  const { file, mapping, pool, tenant, signal } = work;
  const key = await checkpointKey(file, work.mappingText);
  if (key !== undefined && work.restart) await dropCheckpoint(pool, tenant, key);
  const before = key === undefined ? undefined : await loadCheckpoint(pool, tenant, key);
  if (before)
    note(
      `${basename(file)}: goes on after ${count(before.records, 'record')} of an earlier import`,
    );

  const { input, form, groups } = await openFile(file, mapping);
  const rejects = openRejects(rejectsPath(work), form, before?.rejectsBytes ?? 0);
  const tally = before?.tally ?? emptyTally();
  let records = before?.records ?? 0;
  const progress = openProgress(input.size);
  const started = { at: performance.now(), events: eventsIn(tally) };

  const finish = async (units: readonly Unit[]) => {
    const results = await applyUnits(units, work.applyEvents);
    for (const unit of units) await settle(unit, results.get(unit) ?? [], tally, rejects);
    records += units.length;
    const rejectsBytes = await rejects.flush();
    if (key !== undefined)
      await saveCheckpoint(pool, tenant, key, { records, tally, rejectsBytes });
    const seconds = (performance.now() - started.at) / 1000;
    const rate = (eventsIn(tally) - started.events) / Math.max(seconds, 0.001);
    const share = input.size ? input.read() / input.size : 0;
    const rest = share > 0.01 ? `, about ${time((seconds / share) * (1 - share))} left` : '';
    const speed = Math.round(rate).toLocaleString('en');
    progress.update(input.read(), `${count(eventsIn(tally), 'event')}, ${speed}/s${rest}`);
  };

  let applying: Promise<void> = Promise.resolve();
  try {
    for await (const batch of inBatches(after(groups, records), windowSize)) {
      const units = batch.map((group) => unitOf(group, mapping, work.now()));
      await applying;
      if (signal.aborted) break;
      applying = finish(units);
      applying.catch(() => {}); // it is awaited with the next window
    }
    await applying;
  } finally {
    await applying.catch(() => {});
    progress.stop();
    await rejects.close();
    if (tally.rejected > 0) note(`rejected records are in ${rejects.path}`);
    add(work.total, tally);
  }
  if (signal.aborted)
    throw new PermanentError(
      'interrupted',
      'stopped before the end; the same command goes on there',
    );
  if (key !== undefined) await dropCheckpoint(pool, tenant, key);
}

const rejectsPath = ({ file, rejects }: Import): string => {
  if (rejects !== undefined) return rejects;
  return file === '-' ? 'stdin.rejects' : `${file.replace(/\.gz$/, '')}.rejects`;
};

async function* after(groups: AsyncIterable<Group>, records: number): AsyncGenerator<Group> {
  let n = 0;
  for await (const group of groups) {
    n += 1;
    if (n > records) yield group;
  }
}

/** Counts what became of a unit, and writes it to the rejects where something of it was refused. */
async function settle(
  unit: Unit,
  results: readonly EventResult[],
  tally: Tally,
  rejects: Rejects,
): Promise<void> {
  const reasons = [...unit.problems];
  for (const [index, result] of results.entries()) {
    if (result.kind !== 'refused') tally[result.kind] += 1;
    else
      for (const { path, message } of result.problems)
        reasons.push(`${unit.events[index]?.nameOf(path) ?? path}: ${message}`);
  }
  if (reasons.length === 0) {
    if (unit.events.length === 0) tally.skipped += 1;
    return;
  }
  if (tally.rejected < mostToShow)
    for (const reason of reasons) note(`line ${unit.rows[0].line}: ${oneLine(reason)}`);
  countRejected(tally, reasons);
  await rejects.write(unit.rows, reasons.join('; '));
}

const eventsIn = ({ applied, duplicate, ignored }: Tally) => applied + duplicate + ignored;

function add(total: Tally, { reasons, ...counts }: Tally): void {
  total.applied += counts.applied;
  total.duplicate += counts.duplicate;
  total.ignored += counts.ignored;
  total.skipped += counts.skipped;
  total.rejected += counts.rejected;
  for (const [reason, times] of Object.entries(reasons))
    total.reasons[reason] = (total.reasons[reason] ?? 0) + times;
}

function time(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
