import type { Answer } from './answer.ts';
import { type Common, type Precedence, type TellableField, tellable } from './sources/settings.ts';

/** By field, the answer its value is taken from; and the fields nobody told. */
export type Choice = {
  readonly chosen: ReadonlyMap<TellableField, Answer>;
  readonly unknown: readonly TellableField[];
};

/**
 * Fields that only make sense together: where another system tells one of them, the ledger's word on the rest isn't
 * taken unless the brand's file says so. A balance of one system beside the pending points of another is wrong.
 */
const together: readonly (readonly TellableField[])[] = [
  [
    'activePoints',
    'pendingPoints',
    'lockedPoints',
    'owedPoints',
    'spentPoints',
    'expiredPoints',
    'earnedPoints',
    'expiringPoints',
  ],
  [
    'qualifyingPoints',
    'currentTier',
    'nextTier',
    'pointsToNextTier',
    'progress',
    'benefits',
    'nextBenefits',
    'rewards',
  ],
  [
    'boughtCategories',
    'boughtAttributes',
    'boughtProducts',
    'lastPurchases',
    'affinities',
    'spend',
    'spendPercentile',
    'savings',
  ],
];

/** Names of the sources of a field, the one that is believed first first. */
function sourcesOf(
  field: TellableField,
  settings: ReadonlyMap<string, Pick<Common, 'map'>>,
  precedence: Precedence,
): readonly string[] {
  const named = precedence[field];
  if (named) return named;
  const telling = (one: TellableField) =>
    [...settings].filter(([, { map }]) => map[one] !== undefined).map(([name]) => name);
  const own = telling(field);
  if (own.length > 0) return own;
  const family = together.find((fields) => fields.includes(field)) ?? [];
  return family.some((one) => telling(one).length > 0) ? [] : ['ledger'];
}

/** Takes each field from the first of its sources that tells it now; else from the first that remembers it. Pure. */
export function choose(
  answers: readonly Answer[],
  settings: ReadonlyMap<string, Common>,
  precedence: Precedence,
): Choice {
  const byName = new Map(answers.map((answer) => [answer.source, answer]));
  const chosen = new Map<TellableField, Answer>();
  const unknown: TellableField[] = [];
  for (const field of tellable) {
    const asked = sourcesOf(field, settings, precedence).flatMap((name) => byName.get(name) ?? []);
    const tells = (state: Answer['state']) =>
      asked.find((one) => one.state === state && one.values[field] !== undefined);
    const answer = tells('ok') ?? tells('stale');
    if (answer) chosen.set(field, answer);
    else if (field === 'consents' && asked.length > 0 && asked.every(isSound))
      // Whoever keeps consents has none of hers: she was never asked.
      chosen.set(field, { ...asked[0]!, values: { consents: {} } });
    // The ledger knows her, and that she has no such thing.
    else if (!asked.some(({ source, asOf }) => source === 'ledger' && asOf !== null))
      unknown.push(field);
  }
  const ledger = byName.get('ledger');
  // Elsewhere she may be in good standing; who is disputed or suspended here stays so.
  const status = ledger?.values.memberStatus;
  if (ledger && status !== undefined && status !== 'active') {
    chosen.set('memberStatus', ledger);
    return { chosen, unknown: unknown.filter((field) => field !== 'memberStatus') };
  }
  return { chosen, unknown };
}

const isSound = ({ state, failed }: Answer) => state === 'ok' && !failed;

/** A source with this policy that failed and left one of its fields untold; null where there is none. */
export function leftUntold(
  answers: readonly Answer[],
  settings: ReadonlyMap<string, Common>,
  { unknown }: Choice,
  policy: Common['required'],
): string | null {
  const found = answers.find(({ source, state, failed, problems }) => {
    const own = settings.get(source);
    if (!failed || own?.required !== policy) return false;
    const wrong = new Set(problems.map(({ field }) => field));
    return unknown.some(
      (field) => own.map[field] !== undefined && (state !== 'ok' || wrong.has(field)),
    );
  });
  return found?.source ?? null;
}
