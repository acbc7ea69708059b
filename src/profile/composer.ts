import type { Brand } from '../brand/brand.ts';
import type { ProfileReading } from '../contract/profile.ts';
import {
  type Answer,
  failedAnswer,
  lastingOf,
  ledgerAnswer,
  readAnswer,
  skippedAnswer,
} from './answer.ts';
import { compose } from './compose.ts';
import type { ProfileKey } from './ledger.ts';
import { SourceFault } from './sources/fault.ts';
import type { SourcesFile } from './sources/parse.ts';
import { type BreakerState, openPolicies } from './sources/policies.ts';
import type { Common, Values } from './sources/settings.ts';
import { keyOf, type Source } from './sources/source.ts';

/** For everything that is asked for one mail, in milliseconds. */
const budgetMs = 2_000;
/** Members of whom names and the like are remembered, a source. */
const remembered = 10_000;

export type OpenSource = {
  readonly name: string;
  readonly settings: Common;
  readonly source: Source;
};

/** Told of every question: how it ended and how long it took, and of what is nobody's fault but ours. */
export type Watch = {
  readonly asked: (source: string, state: Answer['state'], seconds: number) => void;
  readonly breaker: (source: string, state: BreakerState) => void;
  readonly unexpected: (source: string, error: unknown) => void;
};

/** Adds what a brand's sources tell to what the ledger knows. */
export type Composer = (
  key: ProfileKey,
  ledger: ProfileReading,
  now: Date,
) => Promise<ProfileReading>;

/** Asks all sources at once, each on its own terms; who hasn't answered after two seconds is down for this mail. */
export function composer(
  brand: Brand,
  sources: readonly OpenSource[],
  precedence: SourcesFile['precedence'],
  watch: Watch,
): Composer {
  const settings = new Map(sources.map((one) => [one.name, one.settings]));
  const asking = sources.map((one) => asker(one, brand, watch));
  return async (key, ledger, now) => {
    const { memberId } = ledger.kind === 'member' ? ledger.profile : key;
    if (ledger.kind === 'erased' || memberId === undefined) return ledger;
    // Whom the ledger knows to be somebody else, or another brand's, isn't asked about.
    if (ledger.kind === 'guest' && ledger.why !== 'unknown-member') return ledger;
    if (ledger.kind === 'member' && ledger.profile.brand !== brand.id) return ledger;
    const known = ledger.kind === 'member' ? ledger.profile : null;
    const person: Person = {
      who: `${key.tenant}/${memberId}`,
      memberId,
      email: known ? known.email : (key.email ?? null),
      membershipNumber: known?.membershipNumber ?? null,
      locale: known?.locale ?? brand.defaultLocale,
    };
    const answers = await Promise.all(asking.map((ask) => ask(person, now)));
    return compose({
      key: { memberId, ...(key.email !== undefined && { email: key.email }) },
      brand,
      ledger,
      answers: [ledgerAnswer(ledger), ...answers],
      settings,
      precedence,
      now,
    });
  };
}

type Person = {
  readonly who: string;
  readonly memberId: string;
  readonly email: string | null;
  readonly membershipNumber: string | null;
  readonly locale: string;
};

function asker({ name, settings, source }: OpenSource, brand: Brand, watch: Watch) {
  const policies = openPolicies(settings.timeoutMs);
  const memory = new Map<string, { readonly values: Values; readonly asOf: Date }>();
  const { by } = settings;

  const answer = async (person: Person, now: Date): Promise<Answer> => {
    const key = keyOf(by, person[by]);
    if (key === null) return skippedAnswer(name, `the member’s ${by} is not known`);
    const deadline = AbortSignal.timeout(budgetMs);
    try {
      const told = await orLate(
        policies.run((signal) => source.ask(key, signal), deadline),
        deadline,
      );
      const { locale } = person;
      return readAnswer(told, { source: name, settings, key, brand, locale, now });
    } catch (error) {
      if (error instanceof SourceFault) return failedAnswer(name, error.state, error.message);
      watch.unexpected(name, error);
      return failedAnswer(name, 'down', 'failed unexpectedly');
    }
  };
  return async (person: Person, now: Date): Promise<Answer> => {
    const start = performance.now();
    const found = await answer(person, now);
    watch.asked(name, found.state, (performance.now() - start) / 1000);
    watch.breaker(name, policies.state());
    if (found.state === 'ok' && found.asOf) {
      memory.delete(person.who);
      memory.set(person.who, { values: found.values, asOf: found.asOf });
      const [oldest] = memory.keys();
      if (memory.size > remembered && oldest !== undefined) memory.delete(oldest);
      return found;
    }
    const earlier = memory.get(person.who);
    if (found.state !== 'down' || !earlier) return found;
    const values = lastingOf(earlier.values, earlier.asOf, settings, now);
    if (Object.keys(values).length === 0) return found;
    return { ...found, state: 'stale', asOf: earlier.asOf, values };
  };
}

/** The work's own result, or a fault once the time is up, whatever the work still does. */
function orLate<Value>(work: Promise<Value>, deadline: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SourceFault('down', `does not answer in ${budgetMs / 1000} s`));
    deadline.addEventListener('abort', late);
    const settled = () => deadline.removeEventListener('abort', late);
    work.finally(settled).then(resolve, reject);
  });
}
