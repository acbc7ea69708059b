import { canonicalAddress, parseAddress } from '../core/address.ts';
import type { Problem } from '../core/errors.ts';
import { identityKey, type Member, type Step } from './batch.ts';

type MemberStep = Step<'member.enrolled' | 'member.updated'>;

/** The form under which an identity is stored and looked up. */
export function canonicalIdentity(kind: string, value: string): string {
  if (kind === 'email') return canonicalAddress(value);
  return kind === 'phone'
    ? value.replace(/[^\d+]/g, '')
    : value.replace(/[\s-]/g, '').toUpperCase();
}

/** Sets what the event says and a newer one hasn't already, and links the identities it names. */
export function describeMember({ event, member, known, writes }: MemberStep): Problem[] {
  const problems: Problem[] = [];
  const link: { kind: string; canonical: string }[] = [];
  const claim = (path: string, kind: string, value: string) => {
    const checked = kind === 'email' ? parseAddress(value) : null;
    if (checked?.kind === 'invalid') problems.push({ path, message: checked.message });
    const canonical = canonicalIdentity(kind, value);
    const owner = known.identities.get(identityKey(kind, canonical));
    if (owner && owner !== member.memberId)
      problems.push({ path, message: `this ${kind} belongs to another member` });
    link.push({ kind, canonical });
  };

  const at = Date.parse(event.at);
  const news = newsIn(event, member, at);
  if (event.email && 'email' in news) claim('email', 'email', event.email);
  event.identities.forEach(({ kind, value }, index) => {
    claim(`identities[${index}].value`, kind, value);
  });
  if (problems.length > 0) return problems;

  if ('email' in news && member.email !== null) {
    const canonical = canonicalAddress(member.email);
    known.identities.set(identityKey('email', canonical), null);
    writes.identities.set(identityKey('email', canonical), {
      kind: 'email',
      canonical,
      at: event.at,
    });
  }
  for (const { kind, canonical } of link) {
    known.identities.set(identityKey(kind, canonical), member.memberId);
    writes.identities.set(identityKey(kind, canonical), { kind, canonical, at: event.at });
  }
  Object.assign(member, news);
  for (const field of Object.keys(news)) member.fieldTimes[field] = at;
  return [];
}

function newsIn(event: MemberStep['event'], member: Member, at: number): Partial<Member> {
  const { email, firstName, lastName, locale, timeZone, preferences } = event;
  const status = event.type === 'member.updated' ? event.status : undefined;
  const said = { email, firstName, lastName, locale, timeZone, preferences, status };
  return Object.fromEntries(
    Object.entries(said).filter(
      ([field, value]) => value !== undefined && at >= (member.fieldTimes[field] ?? -Infinity),
    ),
  );
}

/** Forgets her: what stays is that there was such a member, and that she is erased. */
export function eraseMember({ member, known, writes }: Step<'member.erased'>): Problem[] {
  for (const [key, owner] of known.identities)
    if (owner === member.memberId) {
      known.identities.set(key, null);
      writes.identities.delete(key);
    }
  Object.assign(member, {
    status: 'erased',
    membershipNumber: '',
    email: null,
    firstName: null,
    lastName: null,
    locale: null,
    timeZone: null,
    preferences: null,
    fieldTimes: {},
  });
  writes.erased.add(member.memberId);
  return [];
}
