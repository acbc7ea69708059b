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
  tier: z.strictObject({
    id: z.string(),
    name: z.string(),
    since: z.string(),
    expiresAt: z.string().nullable(),
    because: z.string(),
    next: z.strictObject({ id: z.string(), name: z.string(), pointsToGo: z.int() }).nullable(),
  }),
  points: z.strictObject({
    active: z.int(),
    pending: z.int(),
    locked: z.int(),
    debt: z.int(),
    spent: z.int(),
    expired: z.int(),
    earned: z.int(),
    expiring: z.array(z.strictObject({ points: z.int(), expiresAt: z.string() })),
  }),
  spendPercentile: z.int().nullable(),
  lastPurchases: z.array(Purchase),
  consents: Details.shape.consents,
  identities: Details.shape.identities,
  /** Accounts that are one person with this one. */
  mergedAccounts: z.array(z.string()),
  messages: z.array(MessageLine),
  entries: Details.shape.entries,
  asOf: z.string(),
  ledgerVersion: z.int(),
});
export type MemberView = z.infer<typeof MemberView>;

/** Puts together what was read of one member at one instant. Pure. @param full identities and addresses as they are, not masked */
export function viewOf(
  found: FoundMember,
  profile: Profile,
  details: Details,
  messages: readonly MessageRecord[],
  { now, full }: { readonly now: Date; readonly full: boolean },
): MemberView {
  const lastPurchases = details.purchases.map((one) => ({
    ...one,
    minutesAgo: Math.max(0, Math.floor((now.getTime() - Date.parse(one.at)) / 60_000)),
  }));
  const shown = (kind: string, value: string) => (full ? value : maskIdentity(kind, value));
  const { currentTier: tier, nextTier } = profile;
  return {
    memberId: found.memberId,
    membershipNumber: profile.membershipNumber,
    memberStatus: profile.memberStatus,
    brand: profile.brand,
    firstName: profile.firstName,
    lastName: profile.lastName,
    locale: profile.locale,
    enrolledAt: profile.enrolledAt,
    summary: summaryOf(profile, lastPurchases, details.debt),
    tier: {
      id: tier.id,
      name: tier.name,
      since: tier.effectiveAt,
      expiresAt: tier.expiresAt,
      because: tier.changeReason,
      next: nextTier && {
        id: nextTier.id,
        name: nextTier.name,
        pointsToGo: profile.pointsToNextTier ?? 0,
      },
    },
    points: {
      active: profile.activePoints,
      pending: profile.pendingPoints,
      locked: profile.lockedPoints,
      debt: details.debt,
      spent: profile.spentPoints,
      expired: profile.expiredPoints,
      earned: profile.earnedPoints,
      expiring: profile.expiringPoints,
    },
    spendPercentile: profile.spendPercentile,
    lastPurchases,
    consents: details.consents,
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
    asOf: profile.asOf,
    ledgerVersion: profile.ledgerVersion,
  };
}

function summaryOf(
  profile: Profile,
  purchases: MemberView['lastPurchases'],
  debt: number,
): string[] {
  const { memberStatus, currentTier, spendPercentile } = profile;
  const last = purchases.find(({ state }) => state === 'placed');
  return [
    ...(memberStatus === 'active' ? [] : [`The membership is ${memberStatus}.`]),
    `${currentTier.name} since ${currentTier.effectiveAt.slice(0, 10)}, a member since ${profile.enrolledAt.slice(0, 10)}.`,
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
