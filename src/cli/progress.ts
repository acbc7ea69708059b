import { Presets, SingleBar } from 'cli-progress';

import { note } from './terminal.ts';

/** Shows how far a long piece of work is: a bar on a terminal, a plain count now and then elsewhere. */
export type Progress = {
  /** @param value towards `total`. @param done what has been worked off, for people. */
  readonly update: (value: number, done: string) => void;
  readonly stop: () => void;
};

const plainEveryMs = 5_000;

/**
 * Everything goes to stderr, so that results can be piped.
 * @param total what `value` counts towards; undefined where nobody knows
 */
export function openProgress(total: number | undefined): Progress {
  return process.stderr.isTTY && total !== undefined && total > 0 ? bar(total) : counts(total);
}

function bar(total: number): Progress {
  const shown = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {percentage} %  {done}  {duration_formatted}',
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  shown.start(total, 0, { done: '' });
  return {
    update: (value, done) => shown.update(Math.min(value, total), { done }),
    stop: () => shown.stop(),
  };
}

function counts(total: number | undefined): Progress {
  let last = performance.now();
  return {
    update: (value, done) => {
      if (performance.now() - last < plainEveryMs) return;
      last = performance.now();
      const share = total ? ` (${Math.floor((100 * value) / total)} %)` : '';
      note(`${done}${share}`);
    },
    stop: () => {},
  };
}
