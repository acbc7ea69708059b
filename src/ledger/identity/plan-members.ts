import type { Problem } from '../../core/errors.ts';
import { identityKey, type Step } from '../batch.ts';
import type { Member } from '../tables.ts';
import { changed, groupOf, relink, sameMember, settle } from './accounts.ts';
import { canonicalOf, identityProblem, keyOf } from './identity.ts';
import { claimProblem, giveIdentity } from './plan-links.ts';

type MemberStep = Step<'member.enrolled' | 'member.updated'>;

/** Sets what the event says and a newer one hasn't already, and links the identities it names. */
export function describeMember(step: MemberStep): Problem[] {
  const { event, member } = step;
  if (member.status === 'unregistered')
    return [
      {
        path: 'memberId',
        message: 'is an account nobody has registered; enrol a member with its identity',
      },
    ];
  const at = Date.parse(event.at);
  const news = newsIn(event, member, at);
  const claimed = [
    ...(event.email && 'email' in news
      ? [{ path: 'email', identity: { kind: 'email' as const, value: event.email } }]
      : []),
    ...event.identities.map((identity, index) => ({
      path: `identities[${index}].value`,
      identity,
    })),
  ];
  const problems = claimed.flatMap(({ path, identity }) => {
    const message =
      identityProblem(identity) ?? claimProblem(step.known, member, canonicalOf(identity));
    return message === undefined ? [] : [{ path, message }];
  });
  if (problems.length > 0) return problems;

  if ('email' in news) freeAddress(step, event.email ?? null);
  for (const { identity } of claimed) giveIdentity(step, canonicalOf(identity));
  Object.assign(member, news);
  for (const field of Object.keys(news)) member.fieldTimes[field] = at;
  return [];
}

/** An address she had before leads to her no longer; what came in under it stays hers. */
function freeAddress({ event, member, known, writes }: MemberStep, next: string | null): void {
  if (member.email === null) return;
  const old = canonicalOf({ kind: 'email', value: member.email });
  if (next !== null && canonicalOf({ kind: 'email', value: next }).canonical === old.canonical)
    return;
  const owner = known.identities.get(keyOf(old));
  if (!owner || !sameMember(known, owner, member.memberId)) return;
  known.identities.set(keyOf(old), null);
  writes.identities.set(keyOf(old), { ...old, at: event.at });
}

function newsIn(event: MemberStep['event'], member: Member, at: number): Partial<Member> {
  const { email, firstName, lastName, locale, timeZone } = event;
  const { birthday, mailFrequency, preferences } = event;
  const status = event.type === 'member.updated' ? event.status : undefined;
  const name = { email, firstName, lastName };
  const said = { ...name, locale, timeZone, birthday, mailFrequency, preferences, status };
  return Object.fromEntries(
    Object.entries(said).filter(
      ([field, value]) => value !== undefined && at >= (member.fieldTimes[field] ?? -Infinity),
    ),
  );
}

/**
 * Forgets her, under all her accounts: what stays is that there were such accounts, and that they are erased. While it is
 * disputed what of it is hers, that is the account itself and those of its identities.
 */
export function eraseMember({ event, member, known, writes }: Step<'member.erased'>): Problem[] {
  const group = groupOf(known, member.memberId);
  const disputes = group.flatMap((one) => one.disputes);
  const doubted = new Set(
    disputes.map(({ kind, canonical }) =>
      kind === null || canonical === null
        ? null
        : known.identities.get(identityKey(kind, canonical)),
    ),
  );
  const hers =
    disputes.length > 0
      ? group.filter(
          (one) =>
            one === member ||
            (one.status === 'unregistered' &&
              one.mergedInto === member.memberId &&
              one.disputes.length === 0 &&
              !doubted.has(one.memberId)),
        )
      : group;
  const ids = new Set(hers.map(({ memberId }) => memberId));
  relink({ known, writes, at: event.at }, [member.memberId], () => {
    for (const one of group)
      if (ids.has(one.memberId) || ids.has(one.mergedInto ?? '')) one.mergedInto = null;
  });
  settle(known, writes, hers, () => true);
  for (const [key, owner] of known.identities)
    if (owner !== null && ids.has(owner)) {
      known.identities.set(key, null);
      writes.identities.delete(key);
    }
  for (const one of hers) {
    forget(one);
    changed(one, writes);
    writes.erased.add(one.memberId);
  }
  return [];
}

const forget = (member: Member) =>
  Object.assign(member, {
    status: 'erased',
    membershipNumber: '',
    email: null,
    firstName: null,
    lastName: null,
    locale: null,
    timeZone: null,
    birthday: null,
    mailFrequency: null,
    preferences: null,
    fieldTimes: {},
  });
