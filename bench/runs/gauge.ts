import { startProfile } from './cpu-profile.ts';
import { type RunSpec, type Shares, tell } from './protocol.ts';

/** Counts what is done, and measures from the last of the warm-up to the last of all. */
export type Gauge = {
  readonly done: () => void;
  /** Resolves after the last one, with the profile where one was asked for. */
  readonly finished: Promise<{ readonly profile?: Shares }>;
};

export function openGauge({ warmUp, mails, profile }: RunSpec): Gauge {
  const profiling = profile === false ? undefined : startProfile(profile === true ? null : profile);
  let count = 0;
  let startedAt = 0;
  let cpu = process.cpuUsage();
  const reached = new Map<number, () => void>();
  const at = (mark: number, measure: () => void) =>
    new Promise<void>((resolve) =>
      reached.set(mark, () => {
        measure();
        resolve();
      }),
    );

  const warm = at(warmUp, () => {
    profiling?.start();
    startedAt = performance.now();
    cpu = process.cpuUsage();
  });
  let elapsedMs = 0;
  const all = at(warmUp + mails, () => {
    cpu = process.cpuUsage(cpu);
    elapsedMs = performance.now() - startedAt;
  });
  const finished = (async () => {
    await warm;
    await tell({ kind: 'warm' });
    await all;
    await tell({ kind: 'measured', cpuMs: (cpu.user + cpu.system) / 1000, elapsedMs });
    return profiling ? { profile: profiling.stop() } : {};
  })();
  const done = () => {
    count += 1;
    reached.get(count)?.();
  };
  return { done, finished };
}
