import type { Problem } from '../../core/errors.ts';
import type { Ignored, Known, Step } from '../batch.ts';
import type { Dispute, Member } from '../tables.ts';
import { changed, groupOf, relink, rootOf, sameMember, settle, touch } from './accounts.ts';
import { type Canonical, canonicalOf, identityProblem, keyOf } from './identity.ts';

/** What an event about links comes to: problems, or why there was nothing to do. */
export type Linked = readonly Problem[] | Ignored;

const problem = (path: string, message: string): Problem[] => [{ path, message }];

const place = ({ known, writes, event }: Pick<Step, 'known' | 'writes' | 'event'>) => ({
  known,
  writes,
  at: event.at,
});

/** Why an identity can't be this member's; undefined where it can, or is hers already. */
export function claimProblem(
  known: Known,
  member: Member,
  identity: Canonical,
): string | undefined {
  const owner = known.identities.get(keyOf(identity));
  if (!owner || sameMember(known, owner, member.memberId)) return undefined;
  const { status, brand } = rootOf(known, owner);
  if (status === 'unregistered')
    return brand === member.brand
      ? undefined
      : `this ${identity.kind} collected its history at another brand`;
  return (
    `this ${identity.kind} belongs to another member; send members.merged if the two are one person, ` +
    'link.disputed if it is not the other one’s'
  );
}

/** Makes a free identity lead to her; the history it collected while nobody had it joins hers. */
export function giveIdentity(
  step: Pick<Step, 'member' | 'known' | 'writes' | 'event'>,
  identity: Canonical,
): void {
  const { member, known, writes, event } = step;
  const owner = known.identities.get(keyOf(identity));
  if (!owner) {
    known.identities.set(keyOf(identity), member.memberId);
    writes.identities.set(keyOf(identity), { ...identity, at: event.at });
  } else if (!sameMember(known, owner, member.memberId)) {
    const account = rootOf(known, owner);
    relink(place(step), [account.memberId, member.memberId], () => {
      account.mergedInto = member.memberId;
    });
  }
}

export function linkIdentity(step: Step<'identity.linked'>): Linked {
  const { event, member, known } = step;
  const wrong = identityProblem(event.identity);
  if (wrong !== undefined) return problem('identity.value', wrong);
  const identity = canonicalOf(event.identity);
  const refusal = claimProblem(known, member, identity);
  if (refusal !== undefined) return problem('identity.value', refusal);
  const owner = known.identities.get(keyOf(identity));
  if (owner && sameMember(known, owner, member.memberId)) return 'already-linked';
  giveIdentity(step, identity);
  return [];
}

/** What came in under the identity goes with it, also what came while it was linked. */
export function unlinkIdentity(step: Step<'identity.unlinked'>): Linked {
  const { event, member, known, writes } = step;
  const identity = canonicalOf(event.identity);
  const key = keyOf(identity);
  const owner = known.identities.get(key);
  if (!owner || !sameMember(known, owner, member.memberId))
    return problem('identity.value', `this ${identity.kind} is not linked to this member`);
  const group = groupOf(known, member.memberId);
  settle(known, writes, group, (one) => one.canonical === identity.canonical);
  const own = known.members.get(owner);
  if (own?.status === 'unregistered') {
    relink(place(step), [owner], () => {
      own.mergedInto = null;
    });
  } else {
    known.identities.set(key, null);
    writes.identities.set(key, { ...identity, at: event.at });
  }
  if (identity.kind === 'email') forgetAddress(step, group, identity);
  return [];
}

/** An address that isn't hers is nobody's to write to under her name. */
function forgetAddress({ event, writes }: Step, group: readonly Member[], identity: Canonical) {
  for (const one of group) {
    if (one.email === null) continue;
    if (canonicalOf({ kind: 'email', value: one.email }).canonical !== identity.canonical) continue;
    one.email = null;
    one.fieldTimes['email'] = Date.parse(event.at);
    changed(one, writes);
  }
}

export function mergeMembers(step: Step<'members.merged'>): Linked {
  const { event, member, known } = step;
  const other = known.members.get(event.otherMemberId);
  const refusal = mergeProblem(known, member, other);
  if (refusal !== undefined) return problem('otherMemberId', refusal);
  if (!other || sameMember(known, member.memberId, other.memberId)) return 'already-merged';
  if (member.status === 'unregistered' && other.status !== 'unregistered')
    return problem('memberId', 'nobody has registered this account; name the two the other way');
  relink(place(step), [member.memberId, other.memberId], () => {
    other.mergedInto = member.memberId;
  });
  return [];
}

function mergeProblem(known: Known, member: Member, other: Member | undefined): string | undefined {
  if (!other) return 'unknown member';
  if (other === member) return 'is the same account';
  if (other.status === 'erased') return 'was erased';
  if (other.brand !== member.brand) return 'is a member of another brand';
  if (isBelow(known, member, other))
    return `would make a circle: ${member.memberId} is merged into it already`;
  return other.mergedInto !== null && !sameMember(known, member.memberId, other.memberId)
    ? `is merged into ${other.mergedInto} already; unmerge these first, or merge with ${rootOf(known, other.memberId).memberId}`
    : undefined;
}

const isBelow = (known: Known, { mergedInto }: Member, other: Member): boolean => {
  if (mergedInto === null) return false;
  const next = known.members.get(mergedInto);
  return next !== undefined && (next === other || isBelow(known, next, other));
};

export function unmergeMembers(step: Step<'members.unmerged'>): Linked {
  const { event, member, known } = step;
  const other = known.members.get(event.otherMemberId);
  const [merged] = [
    ...(other?.mergedInto === member.memberId ? [other] : []),
    ...(other && member.mergedInto === other.memberId ? [member] : []),
  ];
  if (!merged) {
    const linked = other && sameMember(known, member.memberId, other.memberId);
    return problem(
      'otherMemberId',
      linked
        ? 'is merged with this member through others: name two that were merged directly'
        : 'is not merged with this member',
    );
  }
  relink(place(step), [member.memberId], () => {
    merged.mergedInto = null;
  });
  return [];
}

/** Nothing personal of either goes out until it is settled. */
export function disputeLink(step: Step<'link.disputed'>): Linked {
  const { event, member, known, writes } = step;
  const side = otherSide(step);
  if ('problems' in side) return side.problems;
  const { other, identity } = side;
  if (member.disputes.some((one) => isAbout(one, side))) return 'already-disputed';
  const about = {
    kind: identity?.kind ?? null,
    canonical: identity?.canonical ?? null,
    at: event.at,
  };
  member.disputes = [...member.disputes, { with: other.memberId, ...about }];
  if (other !== member) other.disputes = [...other.disputes, { with: member.memberId, ...about }];
  for (const one of [member, other]) {
    changed(one, writes);
    touch(rootOf(known, one.memberId), writes);
  }
  return [];
}

export function confirmLink(step: Step<'link.confirmed'>): Linked {
  const { member, known, writes } = step;
  const side = otherSide(step);
  if ('problems' in side) return side.problems;
  const settled = settle(known, writes, [member], (one) => isAbout(one, side));
  return settled ? [] : problem(side.path, 'there is no open dispute about this');
}

type Side = {
  readonly path: string;
  readonly other: Member;
  readonly identity: Canonical | undefined;
};

/** An identity's is about the identity, whichever account of whoever has it that leads to. */
const isAbout = (one: Dispute, { other, identity }: Side): boolean =>
  identity === undefined
    ? one.canonical === null && one.with === other.memberId
    : one.kind === identity.kind && one.canonical === identity.canonical;

/** An identity that only collected history leads to nobody yet: there is nothing to doubt, whether or not it did so. */
function otherSide({
  event,
  known,
}: Step<'link.disputed' | 'link.confirmed'>): Side | { readonly problems: readonly Problem[] } {
  if (event.otherMemberId !== undefined) {
    const other = known.members.get(event.otherMemberId);
    return other && other.status !== 'erased'
      ? { path: 'otherMemberId', other, identity: undefined }
      : { problems: problem('otherMemberId', 'unknown member') };
  }
  if (event.identity === undefined)
    return { problems: problem('otherMemberId', 'is needed, or an identity') };
  const identity = canonicalOf(event.identity);
  const other = known.members.get(known.identities.get(keyOf(identity)) ?? '');
  return other && rootOf(known, other.memberId).status !== 'unregistered'
    ? { path: 'identity.value', other, identity }
    : { problems: problem('identity.value', `this ${identity.kind} is not linked to anyone`) };
}
