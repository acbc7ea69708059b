import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Options } from './options.ts';
import { atLeast, type Findings, ms, short, spread, type Target } from './report.ts';
import { type RunResult, runOnce, type Variant } from './run-process.ts';
import { sampleMail } from './sample.ts';
import type { Services } from './services.ts';
import { median, ratios, type Spread, spreadOf } from './statistics.ts';

type Course = {
  readonly title: string;
  readonly backend: 'redis' | 'postgres';
  readonly mail: 'mjml' | 'react';
  readonly mails: number;
  readonly pairs: number;
  /** Run in turn, in this order. */
  readonly variants: readonly Variant[];
  readonly targets: readonly (readonly [reference: Variant, least: number])[];
};

const names: Readonly<Record<Variant, string>> = {
  laurel: 'Laurel',
  bare: 'bare loop',
  noop: 'BullMQ, no work',
  latency: 'Laurel',
  beside: 'Laurel',
};

/** The whole way of a mail against the bare loop, on both queues, for both engines. */
export async function* measureWhole(
  options: Options,
  services: Services,
  progress: (line: string) => void,
): AsyncGenerator<Findings> {
  const { pairs } = options;
  const courses: Course[] = [
    {
      title: 'Whole path, queue on Redis, MJML',
      backend: 'redis',
      mail: 'mjml',
      mails: options['redis-mails'],
      pairs,
      variants: ['bare', 'laurel'],
      targets: [['bare', 5]],
    },
    {
      title: 'Whole path, queue on Postgres, MJML',
      backend: 'postgres',
      mail: 'mjml',
      mails: options['postgres-mails'],
      pairs,
      variants: ['bare', 'laurel', 'noop'],
      targets: [['noop', 0.7]],
    },
    {
      title: 'Whole path, queue on Redis, React Email',
      backend: 'redis',
      mail: 'react',
      mails: Math.ceil(options['redis-mails'] / 3),
      pairs: Math.min(pairs, 2),
      variants: ['bare', 'laurel'],
      targets: [['bare', 3]],
    },
  ];
  for (const course of courses) {
    if (options.backend !== undefined && options.backend !== course.backend) continue;
    if (course.backend === 'redis' && services.redisUrl === null) {
      yield {
        title: course.title,
        note: 'Skipped: redis-server is not installed.',
        figures: { skipped: 'redis-server is not installed' },
      };
      continue;
    }
    yield await runCourse(course, options, services, progress);
  }
}

async function runCourse(
  course: Course,
  options: Options,
  services: Services,
  progress: (line: string) => void,
): Promise<Findings> {
  const { title, backend, mail, mails, pairs, variants } = course;
  const spec = {
    redisUrl: backend === 'redis' ? services.redisUrl : null,
    mails,
    mail,
    fromRows: options['from-rows'],
    profile: false,
  };
  // About as many seconds each: the engine needs thousands of mails until it has compiled all of our code.
  const bareWarmUp = options['warm-up'];
  const ourWarmUp = 5 * bareWarmUp;
  const warmUps: Readonly<Record<Variant, number>> = {
    bare: bareWarmUp,
    laurel: ourWarmUp,
    noop: ourWarmUp,
    latency: ourWarmUp,
    beside: ourWarmUp,
  };
  const runs = new Map<Variant, RunResult[]>(variants.map((variant) => [variant, []]));
  for (let pair = 1; pair <= pairs; pair += 1) {
    for (const variant of variants) {
      const result = await runOnce(variant, services, { ...spec, warmUp: warmUps[variant] });
      runs.get(variant)?.push(result);
      progress(`${title}, ${pair}/${pairs}, ${names[variant]}: ${short(result.perSecond)}/s`);
    }
  }
  const { profiles } = options;
  if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
  const file = profiles === undefined ? true : join(profiles, `${backend}-${mail}.cpuprofile`);
  const profiled = await runOnce('laurel', services, {
    ...spec,
    warmUp: warmUps.laurel,
    profile: file,
  });
  const rate = (variant: Variant) => (runs.get(variant) ?? []).map(({ perSecond }) => perSecond);
  const compared = new Map<Variant, Spread>(
    variants
      .filter((variant) => variant !== 'laurel')
      .map((variant) => [variant, ratios(rate('laurel'), rate(variant))]),
  );
  const { email } = await sampleMail(mail);
  return {
    title,
    note: `${pairs} runs of ${mails} mails each, in turn, after ${ourWarmUp} (bare loop: ${bareWarmUp}) to warm up; html ${kB(email.html)} kB, text ${kB(email.text)} kB${options['from-rows'] ? '; ours from accepted rows' : ''}`,
    table: [
      ['', 'mails/s', 'worker', 'Postgres', 'Redis', 'sink'],
      ...variants.map((variant) => {
        const results = runs.get(variant) ?? [];
        return [names[variant], spread(spreadOf(rate(variant))), ...cpuCells(results)];
      }),
    ],
    lines: [
      'CPU a mail by process; medians (least–most). Each pair of runs is compared by itself: the machine changes, and both with it.',
      ...storeLines(runs.get('laurel') ?? []),
      ...[...compared].map(
        ([variant, ratio]) => `Laurel / ${names[variant]}: ${spread(ratio)}, pair by pair`,
      ),
      ...timeLines(profiled),
    ],
    targets: course.targets.flatMap(([reference, least]): Target[] => {
      const ratio = compared.get(reference);
      return ratio ? [atLeast(`${title}, against ${names[reference]}`, ratio, least)] : [];
    }),
    figures: {
      mails,
      warmUps,
      htmlBytes: Buffer.byteLength(email.html),
      runs: Object.fromEntries(runs),
      ratios: Object.fromEntries(compared),
      profiled,
    },
  };
}

const kB = (text: string) => (Buffer.byteLength(text) / 1000).toFixed(1);

function medianKnown(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : median(numbers);
}

function cpuCells(results: readonly RunResult[]): string[] {
  return [
    ms(medianKnown(results.map(({ cpu }) => cpu.worker))),
    ms(medianKnown(results.map(({ cpu }) => cpu.postgres))),
    ms(medianKnown(results.map(({ cpu }) => cpu.redis))),
    ms(medianKnown(results.map(({ cpu }) => cpu.sink))),
  ];
}

/** What Laurel asks of Postgres for a mail, and leaves there. */
function storeLines(results: readonly RunResult[]): string[] {
  const of = (value: (result: RunResult) => number | null | undefined) =>
    short(medianKnown(results.map((result) => value(result) ?? null)) ?? Number.NaN);
  return [
    `Laurel, a mail: ${of(({ details }) => details.asked?.statementsAMail)} statements, groups of ${of(({ details }) => details.asked?.messagesAClaim)} when claimed, ${of(({ walBytes }) => walBytes)} bytes of write-ahead log, ${of(({ storedBytes }) => storedBytes)} bytes stored for good.`,
  ];
}

const partsShown = 14;

function timeLines({ details, perSecond }: RunResult): string[] {
  const steps = Object.entries(details.steps ?? {}).map(([step, took]) => `${step} ${short(took)}`);
  const parts = (details.profile ?? [])
    .slice(0, partsShown)
    .map(({ name, share }) => `${(100 * share).toFixed(1)} % ${name}`);
  return [
    '',
    `Where the time goes (one more run, with the profiler on: ${short(perSecond)}/s).`,
    `Milliseconds a mail spends in each step, waiting included: ${steps.join(', ')}.`,
    'Share of the busy time of the worker, by the code that runs:',
    ...parts.map((part) => `  ${part}`),
  ];
}
