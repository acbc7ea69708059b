import { z } from 'zod';

import type { Profile } from '../contract/profile.ts';
import type { MessageRecord } from '../message/messages.ts';
import { becauseOf, outcomeSentence } from '../message/outcome.ts';
import { ago } from './ago.ts';
import { Details } from './details.ts';
import type { FoundMember } from './find.ts';
import { maskIdentity } from './mask.ts';

const MessageLine = z.strictObject({
  id: z.string(),
  at: z.string(),
  template: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  /** What became of it, in a sentence. */
  says: z.string(),
  to: z.string().nullable(),
});

const Purchase = Details.shape.purchases.element.extend({ minutesAgo: z.int() });

/** All that support needs to know of a member, in one answer. */
export const MemberView = z.strictObject({
  memberId: z.string(),
  membershipNumber: z.string(),
  memberStatus: z.string(),
  brand: z.string(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  locale: z.string(),
  enrolledAt: z.string(),
  /** What stands out, in sentences. */
  summary: z.array(z.string()),
  /** Null, as `points`, where the brand isn't one of this installation any more: only its programme says so much. */
  tier: z
    .strictObject({
      id: z.string(),
      name: z.string(),
      since: z.string(),
      expiresAt: z.string().nullable(),
      because: z.string(),
      next: z.strictObject({ id: z.string(), name: z.string(), pointsToGo: z.int() }).nullable(),
    })
    .nullable(),
  points: z
    .strictObject({
      active: z.int(),
      pending: z.int(),
      locked: z.int(),
      debt: z.int(),
      spent: z.int(),
      expired: z.int(),
      earned: z.int(),
      expiring: z.array(z.strictObject({ points: z.int(), expiresAt: z.string() })),
    })
    .nullable(),
  spendPercentile: z.int().nullable(),
  lastPurchases: z.array(Purchase),
  consents: Details.shape.consents,
  erasureAskedAt: Details.shape.erasureAskedAt,
  identities: Details.shape.identities,
  /** Accounts that are one person with this one. */
  mergedAccounts: z.array(z.string()),
  messages: z.array(MessageLine),
  entries: Details.shape.entries,
  asOf: z.string(),
  ledgerVersion: z.int(),
});
export type MemberView = z.infer<typeof MemberView>;

/** What is known of a member whatever their brand's programme says. */
export type Person = Pick<
  Profile,
  | 'membershipNumber'
  | 'memberStatus'
  | 'brand'
  | 'firstName'
  | 'lastName'
  | 'locale'
  | 'enrolledAt'
  | 'asOf'
  | 'ledgerVersion'
>;

/** Puts together what was read of one member at one instant; no profile where the brand isn't known. Pure. @param full identities and addresses as they are, not masked */
export function viewOf(
  found: FoundMember,
  person: Person,
  profile: Profile | null,
  details: Details,
  messages: readonly MessageRecord[],
  { now, full }: { readonly now: Date; readonly full: boolean },
): MemberView {
  const lastPurchases = details.purchases.map((one) => ({
    ...one,
    minutesAgo: Math.max(0, Math.floor((now.getTime() - Date.parse(one.at)) / 60_000)),
  }));
  const shown = (kind: string, value: string) => (full ? value : maskIdentity(kind, value));
  return {
    memberId: found.memberId,
    membershipNumber: person.membershipNumber,
    memberStatus: person.memberStatus,
    brand: person.brand,
    firstName: person.firstName,
    lastName: person.lastName,
    locale: person.locale,
    enrolledAt: person.enrolledAt,
    summary: summaryOf(person, profile, lastPurchases, details),
    tier: profile && tierOf(profile),
    points: profile && pointsOf(profile, details.debt),
    spendPercentile: profile?.spendPercentile ?? null,
    lastPurchases,
    consents: details.consents,
    erasureAskedAt: details.erasureAskedAt,
    identities: details.identities.map((one) => ({ ...one, value: shown(one.kind, one.value) })),
    mergedAccounts: found.accounts.filter((account) => account !== found.memberId),
    messages: messages.map((record) => {
      const to = record.sentTo ?? record.email;
      return {
        id: record.id,
        at: (record.finishedAt ?? record.acceptedAt).toISOString(),
        template: record.template,
        state: record.state,
        reason: record.reason,
        says: outcomeSentence(record, becauseOf(record)),
        to: to === null ? null : shown('email', to),
      };
    }),
    entries: details.entries,
    asOf: person.asOf,
    ledgerVersion: person.ledgerVersion,
  };
}

function tierOf({ currentTier: tier, nextTier, pointsToNextTier }: Profile): MemberView['tier'] {
  return {
    id: tier.id,
    name: tier.name,
    since: tier.effectiveAt,
    expiresAt: tier.expiresAt,
    because: tier.changeReason,
    next: nextTier && { id: nextTier.id, name: nextTier.name, pointsToGo: pointsToNextTier ?? 0 },
  };
}

const pointsOf = (profile: Profile, debt: number): MemberView['points'] => ({
  active: profile.activePoints,
  pending: profile.pendingPoints,
  locked: profile.lockedPoints,
  debt,
  spent: profile.spentPoints,
  expired: profile.expiredPoints,
  earned: profile.earnedPoints,
  expiring: profile.expiringPoints,
});

function summaryOf(
  person: Person,
  profile: Profile | null,
  purchases: MemberView['lastPurchases'],
  { debt, erasureAskedAt }: Details,
): string[] {
  const { memberStatus, enrolledAt, brand } = person;
  const last = purchases.find(({ state }) => state === 'placed');
  const since = `a member since ${enrolledAt.slice(0, 10)}`;
  const spendPercentile = profile?.spendPercentile ?? null;
  return [
    ...(erasureAskedAt === null ? [] : [`Asked to be erased on ${erasureAskedAt.slice(0, 10)}.`]),
    ...(memberStatus === 'active' ? [] : [`The membership is ${memberStatus}.`]),
    profile
      ? `${profile.currentTier.name} since ${profile.currentTier.effectiveAt.slice(0, 10)}, ${since}.`
      : `The brand "${brand}" is unknown to this installation: tier and points can’t be told; ${since}.`,
    ...(last ? [`Bought ${thing(last)} ${place(last)} ${ago(last.minutesAgo)}.`] : []),
    ...(spendPercentile !== null && spendPercentile >= 50
      ? [`Top ${100 - spendPercentile} % by annual spend.`]
      : []),
    ...(debt > 0 ? [`Owes ${debt} points; the next ones pay that.`] : []),
  ];
}

const thing = ({ products: [first, ...others] }: MemberView['lastPurchases'][number]) =>
  first === undefined
    ? 'something'
    : `${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;

const place = ({ channel, store }: MemberView['lastPurchases'][number]) => {
  const where =
    channel === 'store' ? 'in store' : channel === 'online' ? 'online' : `by ${channel}`;
  return store === null ? where : `${where} (${store})`;
};
