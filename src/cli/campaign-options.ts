import { readFile } from 'node:fs/promises';

import type { WantedAlternative } from '../campaign/alternative.ts';
import type { Data } from '../campaign/parameters.ts';
import { Gate } from '../campaign/pilot.ts';
import { WantedVersion } from '../contract/template-version.ts';
import { CampaignTiming } from '../contract/timing.ts';
import { InvalidInput } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import { problemsOf } from '../core/problems.ts';
import { UsageError } from './failure.ts';

/** What a campaign is made of, as it is typed. */
export type CreateOptions = {
  readonly year?: string;
  readonly data?: string;
  readonly audience: readonly string[];
  readonly member: readonly string[];
  readonly exclude: readonly string[];
  readonly segment: readonly string[];
  readonly excludeSegment: readonly string[];
  readonly holdout?: string;
  readonly pilot?: string;
  readonly gate?: string;
  readonly bTemplate?: string;
  readonly bVersion?: string;
  readonly bShare?: string;
  readonly startAt?: string;
  readonly localTime?: string;
  readonly perMinute?: string;
  readonly rampUp?: string;
  readonly column?: string;
  readonly ignore?: string;
  readonly brand?: string;
  readonly group?: string;
  readonly key?: string;
  readonly templateVersion?: string;
  readonly json?: boolean;
};

export function yearOf(text: string): number {
  return /^\d{4}$/.test(text) ? Number(text) : Number.NaN;
}

/** `5%`, or 0.05. */
export function shareOf(option: string, text: string): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent === '%' ? 100 : 1);
  if (number !== '' && share > 0 && share < 1) return share;
  throw new UsageError(`--${option} must be a share such as 5%`);
}

/** What lets the others through after the pilot; nothing but a person, where left out. */
export function gateOf({ gate, pilot }: CreateOptions): Gate | null {
  if (gate === undefined) return null;
  if (pilot === undefined) throw new UsageError('--gate is for a campaign with a --pilot');
  const parsed = Gate.safeParse(jsonOf('gate', gate), { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
  throw new UsageError(`--gate ${problems.join('; ')}`);
}

/** The mail that a share gets instead; null: all get the same. */
export function alternativeWanted({
  bTemplate,
  bVersion,
  bShare,
}: CreateOptions): WantedAlternative | null {
  if (bTemplate === undefined && bVersion === undefined) {
    if (bShare === undefined) return null;
    throw new UsageError('--b-share is for a campaign with a --b-template or a --b-version');
  }
  return {
    share: bShare === undefined ? 0.5 : shareOf('b-share', bShare),
    template: bTemplate,
    templateVersion:
      bVersion === undefined ? undefined : checked(WantedVersion, 'b-version', bVersion),
  };
}

/** When its mails go, and how fast; null: at once. */
export function timingOf({
  startAt,
  localTime,
  perMinute,
  rampUp,
}: CreateOptions): CampaignTiming | null {
  if ([startAt, localTime, perMinute, rampUp].every((one) => one === undefined)) return null;
  const [date, time] = localTime?.split(/[T ]/) ?? [];
  const [from, first] = rampUp?.split(/[: ]/) ?? [];
  const parsed = CampaignTiming.safeParse({
    ...(startAt !== undefined && { startAt }),
    ...(localTime !== undefined && { localTime: { date, time } }),
    ...(perMinute !== undefined && { perMinute: Number(perMinute) }),
    ...(rampUp !== undefined && { rampUp: { from, perMinute: Number(first) } }),
  });
  if (parsed.success) return parsed.data;
  const names: Record<string, string> = {
    startAt: '--start-at',
    localTime: '--local-time',
    perMinute: '--per-minute',
    rampUp: '--ramp-up',
  };
  const problems = parsed.error.issues.map(
    ({ path: [field], message }) => `${names[String(field)] ?? '--start-at'} ${message}`,
  );
  throw new UsageError([...new Set(problems)].join('; '));
}

function jsonOf(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`--${option} is not JSON: ${error.message}`);
  }
}

/** JSON as it was typed, or after `@` the file it is in. */
export async function dataOf(text: string | undefined): Promise<Data | undefined> {
  if (text === undefined) return undefined;
  const json = text.startsWith('@')
    ? await readFile(text.slice(1), 'utf8').catch(unreadable)
    : text;
  const data = jsonOf('data', json);
  if (isRecord(data) && !Array.isArray(data)) return data;
  throw new UsageError('--data must be an object, such as {"offerId":"spring-20"}');
}

function unreadable(error: unknown): never {
  throw new UsageError(
    `--data can’t be read: ${error instanceof Error ? error.message : String(error)}`,
  );
}

type Schema<Value> = {
  safeParse: (text: string) => { data?: Value; error?: { issues: { message: string }[] } };
};

/** @throws UsageError naming the option */
export function checked<Value>(schema: Schema<Value>, option: string, text: string): Value {
  const { data, error } = schema.safeParse(text);
  if (data !== undefined) return data;
  if (option === 'key')
    throw new UsageError('--key must be 1 to 255 characters without control characters');
  throw new UsageError(`--${option} ${error?.issues[0]?.message ?? 'is wrong'}`);
}

/** What a check finds wrong with what was typed, by option: `data.offerId` is `--data offerId`. */
export function usage<Value>(check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    return asUsage(error);
  }
}

/** @throws UsageError of what a check found wrong */
export function asUsage(error: unknown): never {
  if (!(error instanceof InvalidInput)) throw error;
  const lines = error.problems.map(({ path, message }) =>
    path === 'template' ? message : `--${options.get(path) ?? path.replace('.', ' ')} ${message}`,
  );
  throw new UsageError(lines.join('; '));
}

/** Fields that are typed as an option of another name. */
const options: ReadonlyMap<string, string> = new Map([
  ['alternative.template', 'b-template'],
  ['alternative.templateVersion', 'b-version'],
]);
