import { type Spread, spreadOf } from './statistics.ts';

/** How long one go at a piece of work lasts, in milliseconds: long enough for the clock, short enough to take turns. */
const goMs = 120;
const warmUpMs = 400;
const goes = 9;

/**
 * Runs pieces of work in turn, each for a moment, many times over. Returns CPU microseconds a call, in the order given, and
 * for each the ratio to the last one, go by go.
 */
export async function compare(
  works: readonly (() => unknown)[],
): Promise<{ readonly micros: readonly Spread[]; readonly toLast: readonly Spread[] }> {
  for (const work of works) await microsOf(work, warmUpMs);
  const all: number[][] = works.map(() => []);
  for (let go = 0; go < goes; go += 1) {
    for (const [at, work] of works.entries()) all[at]?.push(await microsOf(work, goMs));
  }
  const last = all.at(-1) ?? [];
  return {
    micros: all.map(spreadOf),
    toLast: all.map((own) => spreadOf(own.map((value, go) => value / (last[go] ?? Number.NaN)))),
  };
}

/** CPU microseconds a call: what other processes take of the machine meanwhile doesn't count. */
async function microsOf(work: () => unknown, forMs: number): Promise<number> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let calls = 0;
  do {
    const result = work();
    if (result instanceof Promise) await result;
    calls += 1;
  } while (performance.now() - startedAt < forMs);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / calls;
}
