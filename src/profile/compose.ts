import type { Brand } from '../brand/brand.ts';
import type { SourceReport } from '../contract/composition.ts';
import {
  mayGreet,
  type Profile,
  type ProfileField,
  type ProfileReading,
} from '../contract/profile.ts';
import { canonicalAddress } from '../core/address.ts';
import type { Answer } from './answer.ts';
import { lockFields } from './not-known.ts';
import { choose, type Choice, leftUntold } from './precedence.ts';
import type { Common, Precedence, TellableField } from './sources/settings.ts';

/** Who was looked up, and what each source said. */
export type Answers = {
  readonly key: { readonly memberId: string; readonly email?: string };
  readonly brand: Brand;
  /** What the ledger knows; a guest where it doesn't know her. */
  readonly ledger: Extract<ProfileReading, { kind: 'member' | 'guest' }>;
  /** The ledger's first, then in the order of the brand's file. */
  readonly answers: readonly Answer[];
  readonly settings: ReadonlyMap<string, Common>;
  readonly precedence: Precedence;
  readonly now: Date;
};

/** Unknown, these say nothing rather than be locked: a mail goes without the name, in the brand's language. */
const neutral = ({ defaultLocale, timeZone }: Brand) =>
  ({
    email: null,
    firstName: null,
    lastName: null,
    locale: defaultLocale,
    timeZone,
    preferredStore: null,
  }) satisfies Partial<Profile>;
type Known = Partial<Profile> & { readonly email: string | null };

/**
 * One profile from what several sources said: each field from the first source of its list that tells it, what lasts
 * from memory where nobody tells it now. What nobody tells is unknown and can't be read. Pure.
 */
export function compose(all: Answers): ProfileReading {
  const { ledger, key, answers, settings, precedence } = all;
  const choice = choose(answers, settings, precedence);
  const { unknown } = choice;
  const failing = answers.some(({ failed }) => failed);
  const known = knownOf(all, choice);
  const waitsFor = leftUntold(answers, settings, choice, 'hold') ?? addressee(all, known);
  const composed = {
    sources: answers.map((answer) => reportOf(answer, choice)),
    fields: fieldSources(choice, all.now),
    unknown,
    failing,
    waitsFor,
  };

  if (ledger.kind === 'guest') {
    const told = answers.some(({ source, asOf }) => source !== 'ledger' && asOf !== null);
    if (!told && !failing) return { ...ledger, composed };
    // The ledger says whose an address is. Of somebody it doesn't know, whoever knows her has to.
    if (key.email !== undefined && !isSame(key.email, known.email))
      return failing
        ? { kind: 'guest', why: 'not-known-now', email: null, composed }
        : { kind: 'guest', why: 'address-not-linked', composed };
  }
  const standing = leftUntold(answers, settings, choice, 'neutral');
  if (waitsFor === null && (standing !== null || unknown.includes('memberStatus')))
    return { kind: 'guest', why: 'not-known-now', email: known.email, composed };
  const locked = unknown.filter((field) => !(field in known));
  return { kind: 'member', profile: lockFields(known, locked), composed };
}

/** Nobody knows where to send it, and one who might has failed: that can only be waited for. */
function addressee({ key, answers }: Answers, { email }: Known): string | null {
  if (email !== null || key.email !== undefined) return null;
  return answers.find(({ failed }) => failed)?.source ?? null;
}

const isSame = (one: string, other: string | null) =>
  other !== null && canonicalAddress(one) === canonicalAddress(other);

/** What is known of her; of whom the ledger doesn't know, no more than the others told. */
function knownOf({ ledger, brand, key, now }: Answers, { chosen, unknown }: Choice): Known {
  const own =
    ledger.kind === 'member'
      ? ledger.profile
      : { memberId: key.memberId, brand: brand.id, asOf: now.toISOString(), ledgerVersion: 0 };
  const known: Partial<Profile> = { ...own };
  for (const field of unknown) delete known[field];
  for (const [field, { values }] of chosen) Object.assign(known, { [field]: values[field] });
  // Whoever told it, it takes a consent to be read, which may be kept elsewhere or not be known now.
  if (!known.consents || !mayGreet(known.consents)) known.birthday = null;
  return { ...neutral(brand), ...known };
}

function fieldSources({ chosen }: Choice, now: Date) {
  const fields = new Map<ProfileField, { source: string; asOf: string }>();
  for (const [field, { source, asOf }] of chosen)
    if (source !== 'ledger') fields.set(field, { source, asOf: (asOf ?? now).toISOString() });
  return fields;
}

function reportOf(answer: Answer, { chosen }: Choice): SourceReport<TellableField> {
  const { source, state, why, asOf, problems } = answer;
  const taken = [...chosen].filter(([, one]) => one.source === source).map(([field]) => field);
  // Every decision keeps this: what nobody else is named for is the ledger's.
  const fields = source === 'ledger' ? [] : taken;
  return {
    source,
    state,
    ...(why !== undefined && { why }),
    asOf: asOf?.toISOString() ?? null,
    fields,
    ...(problems.length > 0 && { problems }),
  };
}
