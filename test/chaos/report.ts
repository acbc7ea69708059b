import type { Backend } from '../world.ts';
import type { Finding } from './trials.ts';

/** One promise, put to the test once. */
export type Verdict = Finding & {
  readonly promise: string;
  readonly backend: Backend;
  readonly kept: boolean;
  readonly tookSeconds: number;
};

export function verdictText({
  promise,
  backend,
  did,
  figures,
  kept,
  broken,
  tookSeconds,
}: Verdict): string {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  return [
    `\n${kept ? 'kept  ' : 'BROKEN'}  ${promise} (queue on ${backend}, ${Math.round(tookSeconds)} s)`,
    `        ${did}`,
    ...Object.entries(figures).map(([name, value]) => `        ${name.padEnd(width)}  ${value}`),
    ...broken.map((what) => `        ${what}`),
  ].join('\n');
}

export function summaryText(verdicts: readonly Verdict[]): string {
  const broken = verdicts.filter(({ kept }) => !kept);
  if (broken.length === 0) return `\nAll ${verdicts.length} kept.`;
  const list = broken.map(({ promise, backend }) => `  ${promise} (queue on ${backend})`);
  return `\n${broken.length} of ${verdicts.length} broken:\n${list.join('\n')}`;
}
