import type { Machine } from './machine.ts';
import type { Spread } from './statistics.ts';

/** What one section found: lines to read, figures for a program. */
export type Findings = {
  readonly title: string;
  /** Under the title: what was measured. */
  readonly note: string;
  readonly table?: readonly (readonly string[])[];
  readonly targets?: readonly Target[];
  readonly lines?: readonly string[];
  readonly figures: unknown;
};

export type Target = {
  readonly what: string;
  readonly value: string;
  readonly target: string;
  readonly met: boolean;
};

/** A target that is a least ratio. */
export const atLeast = (what: string, ratio: Spread, least: number): Target => ({
  what,
  value: `${times(ratio.median)} (${times(ratio.min)} to ${times(ratio.max)})`,
  target: `at least ${times(least)}`,
  met: ratio.median >= least,
});

/** A target that is a largest value. */
export const atMost = (what: string, value: number, most: number, unit: string): Target => ({
  what,
  value: unit === '×' ? times(value) : `${short(value)} ${unit}`,
  target: unit === '×' ? `at most ${times(most)}` : `at most ${most} ${unit}`,
  met: value <= most,
});

export const times = (ratio: number) => `${short(ratio)} ×`;

/** Three digits that matter. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 1 ? 3 : 2);
}

/** A number that may be unknown, as `0.42 ms`. */
export const ms = (value: number | null) => (value === null ? '–' : `${short(value)} ms`);

export const spread = ({ median, min, max }: Spread) =>
  `${short(median)} (${short(min)}–${short(max)})`;

export function machineText({ processor, cores, memoryGB, system, versions }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processor}, ${cores} cores, ${memoryGB} GB, ${system}\n${list.join(', ')}`;
}

export function findingsText({ title, note, table, targets, lines }: Findings): string {
  return [
    `\n== ${title}`,
    note,
    ...(table ? ['', ...columns(table)] : []),
    ...(lines ? ['', ...lines] : []),
    ...(targets?.length ? [''] : []),
    ...(targets ?? []).map(
      ({ what, value, target, met }) =>
        `${met ? 'met    ' : 'NOT MET'}  ${what}: ${value}; ${target}`,
    ),
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
}
