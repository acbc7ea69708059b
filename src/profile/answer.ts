import type { Brand } from '../brand/brand.ts';
import type { SourceReport } from '../contract/composition.ts';
import type { ProfileReading } from '../contract/profile.ts';
import { parseAddress } from '../core/address.ts';
import { isLocale, isTimeZone } from '../core/locale.ts';
import { type Mapping, readMapping, type Surroundings } from './sources/mapping.ts';
import { pick } from './sources/path.ts';
import { type Common, type TellableField, tellable, Values } from './sources/settings.ts';
import { keyOf, type Told } from './sources/source.ts';

/** How a source answered about one person, checked: values of a profile's fields that fit, and nothing else. */
export type Answer = {
  readonly source: string;
  readonly state: SourceReport['state'];
  readonly why?: string;
  /** When it was true; null where there is no answer. */
  readonly asOf: Date | null;
  readonly values: Values;
  readonly problems: readonly FieldProblem[];
  /** True where it failed, told something wrong or something old, so that asking again later may help. */
  readonly failed: boolean;
};
type FieldProblem = { readonly field: TellableField; readonly message: string };

/** Fields that may be told from memory for a while: they are no figures, and nothing is given or taken by them. */
const lasting: ReadonlySet<TellableField> = new Set<TellableField>([
  'membershipNumber',
  'enrolledAt',
  'firstName',
  'lastName',
  'locale',
  'timeZone',
  'preferredStore',
]);

const nothing = { asOf: null, values: {}, problems: [] } as const;

/** No answer: the source failed. Kept values of earlier take its place as far as they may. */
export const failedAnswer = (source: string, state: 'down' | 'garbage', why: string): Answer => ({
  ...nothing,
  source,
  state,
  why,
  failed: true,
});

export const skippedAnswer = (source: string, why: string): Answer => ({
  ...nothing,
  source,
  state: 'skipped',
  why,
  failed: false,
});

/** The ledger's own word, which needs no checking: it was parsed when it was read. */
export function ledgerAnswer(reading: ProfileReading): Answer {
  if (reading.kind !== 'member')
    return {
      ...nothing,
      source: 'ledger',
      state: 'ok',
      why: 'does not know the member',
      failed: false,
    };
  const { profile } = reading;
  const { memberId: _m, brand: _b, asOf, ledgerVersion: _v, ...values } = profile;
  return {
    source: 'ledger',
    state: 'ok',
    asOf: new Date(asOf),
    values,
    problems: [],
    failed: false,
  };
}

/** Whom a source was asked about, in which words, and what its answer is held against. */
export type Question = {
  readonly source: string;
  readonly settings: Common;
  readonly key: string;
  readonly brand: Pick<Brand, 'programme'>;
  readonly locale: string;
  readonly now: Date;
};

/**
 * Checks what a source told, field by field: a wrong one counts as not told. What is about somebody else, or doesn't say
 * whom it is about, is discarded whole. Pure.
 */
export function readAnswer(told: Told, question: Question): Answer {
  const { source, settings, key, brand, locale, now } = question;
  if (told === null)
    return { ...nothing, source, state: 'ok', why: 'does not know the member', failed: false };
  const whose = keyOf(settings.by, pick(told.record, settings.identity));
  if (whose !== key)
    return failedAnswer(
      source,
      'garbage',
      whose === null ? 'does not say whose it is' : "another member's",
    );
  const asOf = instantOf(told, settings, now);
  if (asOf === null) return failedAnswer(source, 'garbage', 'its time cannot be read');
  const { values, problems } = readFields(settings.map, told.record, {
    programme: brand.programme,
    locale,
    asOf,
  });
  const base = { source, asOf, problems, failed: problems.length > 0 };
  if (now.getTime() - asOf.getTime() <= settings.maxAge * 1000)
    return { ...base, state: 'ok', values };
  return {
    ...base,
    state: 'stale',
    failed: true,
    why: `older than ${settings.maxAge} s`,
    values: lastingOf(values, asOf, settings, now),
  };
}

/** What may still be told of an answer when it is old or its source has failed since. */
export function lastingOf(values: Values, asOf: Date, { keepFor }: Common, now: Date): Values {
  if (now.getTime() - asOf.getTime() > keepFor * 1000) return {};
  return only(values, (field) => lasting.has(field));
}

function only(values: Values, keep: (field: TellableField) => boolean): Values {
  const kept: Values = { ...values };
  for (const field of tellable) if (!keep(field)) delete kept[field];
  return kept;
}

function instantOf({ record, asOf }: NonNullable<Told>, settings: Common, now: Date): Date | null {
  const raw = settings.asOf === undefined ? (asOf ?? now) : pick(record, settings.asOf);
  const time =
    raw instanceof Date
      ? raw.getTime()
      : typeof raw === 'string' && /T.*(Z|[+-]\d\d:?\d\d)$/.test(raw)
        ? Date.parse(raw)
        : NaN;
  // Clocks of other systems may be ahead of ours.
  return Number.isNaN(time) ? null : new Date(Math.min(time, now.getTime()));
}

function readFields(
  map: Readonly<Partial<Record<TellableField, Mapping>>>,
  record: unknown,
  around: Surroundings,
): { readonly values: Values; readonly problems: readonly FieldProblem[] } {
  const found: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const field of tellable) {
    const mapping = map[field];
    if (!mapping) continue;
    const one = readMapping(mapping, record, around);
    if (one.kind === 'wrong') problems.push({ field, message: one.message });
    if (one.kind !== 'value') continue;
    // Null where a field has no such thing: not told.
    if (one.value === null && !Values.shape[field].safeParse(null).success) continue;
    const objection = objectionTo(field, one.value);
    if (objection === null) found[field] = one.value;
    else problems.push({ field, message: objection });
  }
  const parsed = Values.safeParse(found);
  // Only what was told: a schema's own defaults are for profiles of before there was such a field.
  const told = (values: Values) => only(values, (field) => field in found);
  if (parsed.success) return { values: told(parsed.data), problems };
  for (const { path, code, message } of parsed.error.issues) {
    const field = tellable.find((name) => name === path[0]);
    if (!field || !(field in found)) continue;
    delete found[field];
    // Names of what doesn't belong could be anything.
    const words = code === 'unrecognized_keys' ? 'has a part that does not belong there' : message;
    const where = path.length > 1 ? `${path.slice(1).map(String).join('.')}: ` : '';
    problems.push({ field, message: `${where}${words}` });
  }
  return { values: told(Values.parse(found)), problems };
}

/** What the schema can't know. */
function objectionTo(field: TellableField, value: unknown): string | null {
  if (!isClean(value)) return 'contains control characters or broken Unicode, or is too long';
  if (field.endsWith('Points') && typeof value === 'number' && value < 0) return 'is negative';
  if (typeof value !== 'string') return null;
  if (field === 'email' && parseAddress(value).kind !== 'ok') return 'is not a mail address';
  if (field === 'locale' && !isLocale(value)) return 'is not a language tag such as de-AT';
  if (field === 'timeZone' && !isTimeZone(value)) return 'is not a time zone';
  return null;
}

function isClean(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return value.length <= 1_000 && !/[\p{Cc}\p{Cs}]/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return (
    depth < 6 &&
    Object.entries(value).every(([name, part]) => isClean(name) && isClean(part, depth + 1))
  );
}
