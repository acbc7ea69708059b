import type { Known, Writes } from '../batch.ts';
import type { Dispute, Member } from '../tables.ts';

/**
 * A member is a group of accounts. Each account is its own, or merged into one other; where the chain ends is the account
 * she is known by. Facts never move between accounts: to merge is to set a link, to unmerge is to remove it.
 */

/** The account a member is known by. Throws a RangeError for an account that wasn't loaded. */
export function rootOf({ members }: Pick<Known, 'members'>, memberId: string): Member {
  const member = members.get(memberId);
  if (!member) throw new RangeError(`account ${memberId} was not loaded`);
  return member.mergedInto === null ? member : rootOf({ members }, member.mergedInto);
}

/** Whether two accounts are one member's. */
export const sameMember = (known: Known, one: string, other: string): boolean =>
  one === other ||
  (known.members.has(one) &&
    known.members.has(other) &&
    rootOf(known, one) === rootOf(known, other));

/** All accounts of the member that this one belongs to. */
export function groupOf(known: Known, memberId: string): Member[] {
  const root = rootOf(known, memberId);
  return [...known.members.values()].filter((one) => rootOf(known, one.memberId) === root);
}

/**
 * Changes links between these accounts' groups, and notes whose profile is made of what from then on. To part two that
 * were doubted to be one, or to join two, settles the doubt.
 */
export function relink(
  { known, writes, at }: { readonly known: Known; readonly writes: Writes; readonly at: string },
  accounts: readonly string[],
  change: () => void,
): void {
  const concerned = new Set(accounts.flatMap((id) => groupOf(known, id)));
  const before = new Map([...concerned].map((one) => [one.memberId, rootOf(known, one.memberId)]));
  change();
  const regrouped = [...concerned].flatMap((account) => {
    const was = before.get(account.memberId) ?? account;
    const is = rootOf(known, account.memberId);
    return is === was ? [] : [{ account, was, is }];
  });
  // Whoever's profile changes gets a new version first, from which on the change is in it.
  for (const member of new Set(regrouped.flatMap(({ was, is }) => [was, is])))
    touch(member, writes);
  for (const { account, was, is } of regrouped) {
    changed(account, writes);
    if (was !== account) writes.spans.push(span('close', was, account, at));
    if (is !== account) writes.spans.push(span('open', is, account, at));
  }
  settle(known, writes, [...concerned], ({ with: other }, { memberId }) => {
    const side = before.get(other);
    const were = side !== undefined && side === before.get(memberId);
    return side !== undefined && were !== sameMember(known, memberId, other);
  });
}

/** What is known of this member changed without an event of her own. */
export function touch(member: Member, writes: Writes): void {
  member.ledgerVersion += 1;
  writes.raised.push(member.memberId);
  changed(member, writes);
}

/** This account's row is to be written and projected. */
export function changed({ memberId }: Member, writes: Writes): void {
  writes.members.add(memberId);
  writes.touched.add(memberId);
}

const span = (kind: 'open' | 'close', member: Member, { memberId: account }: Member, at: string) =>
  ({ kind, memberId: member.memberId, account, version: member.ledgerVersion, at }) as const;

/** Ends these disputes on both sides. */
export function settle(
  known: Known,
  writes: Writes,
  accounts: readonly Member[],
  which: (dispute: Dispute, account: Member) => boolean,
): boolean {
  let any = false;
  for (const account of accounts) {
    const settled = account.disputes.filter((dispute) => which(dispute, account));
    for (const one of settled) {
      any = true;
      drop(account, account.memberId, one);
      const other = known.members.get(one.with);
      if (other) drop(other, account.memberId, one);
      for (const side of [account, ...(other ? [other] : [])]) {
        changed(side, writes);
        touch(rootOf(known, side.memberId), writes);
      }
    }
  }
  return any;
}

/** Of `account`'s list, the entry about `one` that was raised with it or with its other side. */
function drop(account: Member, raisedAt: string, one: Dispute): void {
  const counterpart = account.memberId === raisedAt ? one.with : raisedAt;
  account.disputes = account.disputes.filter(
    (entry) =>
      entry.with !== counterpart || entry.kind !== one.kind || entry.canonical !== one.canonical,
  );
}
