import type { Problem } from '../../core/errors.ts';
import type { BrandOf, Known, Writes } from '../batch.ts';
import type { LedgerEvent } from '../events.ts';
import type { Member } from '../tables.ts';
import { relink, sameMember } from './accounts.ts';
import {
  type Canonical,
  canonicalOf,
  type Identity,
  identityProblem,
  keyOf,
  unregisteredId,
  unregisteredPrefix,
} from './identity.ts';

/** Where an event belongs. */
export type Found =
  | {
      readonly kind: 'account';
      readonly account: Member;
      /** Set where the event opens it: by enrolling, or for an identity that has no account of its own yet. */
      readonly opens?: {
        readonly identity: Canonical | null;
        /** The event with what it left to be understood: the brand. */
        readonly event: LedgerEvent;
      };
    }
  /** Nobody we know. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

const refused = (path: string, message: string): Found => ({
  kind: 'refused',
  problems: [{ path, message }],
});

/**
 * The account an event's facts go to: that of the order it is about, where that is the same member's; else the one it
 * names. What comes in under an identity goes to the identity's own account, so that it can leave with it.
 */
export function accountOf(event: LedgerEvent, known: Known, brandOf: BrandOf): Found {
  const ofOrder = orderOf(event, known)?.memberId ?? undefined;
  const identity = 'identity' in event && isOfMember(event) ? event.identity : undefined;
  const memberId = 'memberId' in event ? event.memberId : undefined;
  if (event.type === 'member.enrolled') return enrolling(event, known);
  if (memberId !== undefined) {
    const account = known.members.get(memberId);
    if (!account) return { kind: 'nobody' };
    if (identity && !leadsTo(known, identity, account))
      return refused('identity', 'belongs to another member than memberId names');
    return ofSameMember(known, ofOrder, account);
  }
  if (!identity) return named(known, ofOrder);

  const wrong = identityProblem(identity);
  if (wrong !== undefined) return refused('identity.value', wrong);
  const canonical = canonicalOf(identity);
  const owner = known.members.get(known.identities.get(keyOf(canonical)) ?? '');
  if (owner?.status === 'unregistered') return ofSameMember(known, ofOrder, owner);
  if (ofOrder !== undefined && (!owner || sameMember(known, ofOrder, owner.memberId)))
    return named(known, ofOrder);
  return opening(event, canonical, owner, brandOf);
}

/** Events about links name an identity too; they are about the member they name. */
const isOfMember = ({ type }: LedgerEvent) =>
  !type.startsWith('identity.') && !type.startsWith('link.');

/** The order or booking an event is about. */
function orderOf(event: LedgerEvent, known: Known) {
  if ('bookingId' in event) return known.orders.get(event.bookingId);
  return 'orderId' in event && event.orderId !== undefined && event.type !== 'offer.redeemed'
    ? known.orders.get(event.orderId)
    : undefined;
}

function named(known: Known, memberId: string | undefined): Found {
  const account = memberId === undefined ? undefined : known.members.get(memberId);
  return account ? { kind: 'account', account } : { kind: 'nobody' };
}

const ofSameMember = (known: Known, ofOrder: string | undefined, account: Member): Found =>
  ofOrder !== undefined && sameMember(known, ofOrder, account.memberId)
    ? named(known, ofOrder)
    : { kind: 'account', account };

function leadsTo(known: Known, identity: Identity, account: Member) {
  const owner = known.identities.get(keyOf(canonicalOf(identity)));
  return !owner || sameMember(known, owner, account.memberId);
}

function enrolling(event: Extract<LedgerEvent, { type: 'member.enrolled' }>, known: Known): Found {
  const before = known.members.get(event.memberId);
  if (before?.status === 'erased') return { kind: 'account', account: before };
  if (before) return refused('memberId', 'is already a member');
  if (event.memberId.startsWith(unregisteredPrefix))
    return refused('memberId', `must not begin with ${unregisteredPrefix}`);
  const { memberId, brand, membershipNumber } = event;
  const account = newAccount(event, { memberId, brand, membershipNumber, status: 'active' });
  return { kind: 'account', account, opens: { identity: null, event } };
}

function opening(
  event: LedgerEvent,
  identity: Canonical,
  owner: Member | undefined,
  brandOf: BrandOf,
): Found {
  const said = 'brand' in event ? event.brand : undefined;
  const brand = owner?.brand ?? said ?? brandOf.only;
  if (brand === undefined)
    return refused('brand', `is needed: nobody has registered this ${identity.kind}`);
  const understood = { ...event, brand };
  const account = newAccount(event, {
    memberId: unregisteredId(identity, event),
    brand,
    membershipNumber: '',
    status: 'unregistered',
  });
  return {
    kind: 'account',
    account: { ...account, mergedInto: owner?.memberId ?? null },
    opens: { identity, event: understood },
  };
}

const newAccount = (
  event: LedgerEvent,
  fields: Pick<Member, 'memberId' | 'brand' | 'membershipNumber' | 'status'>,
): Member => ({
  ...fields,
  enrolledAt: event.at,
  email: null,
  firstName: null,
  lastName: null,
  locale: null,
  timeZone: null,
  birthday: null,
  mailFrequency: null,
  preferences: null,
  fieldTimes: {},
  ledgerVersion: 0,
  asOf: Date.parse(event.at),
  mergedInto: null,
  disputes: [],
});

/** Notes an account that an event opened, now that the event is applied. */
export function open(
  { account, opens }: Extract<Found, { kind: 'account' }>,
  place: { readonly known: Known; readonly writes: Writes; readonly at: string },
): void {
  if (!opens) return;
  const { known, writes, at } = place;
  writes.enrolled.add(account.memberId);
  if (!opens.identity) return;
  known.identities.set(keyOf(opens.identity), account.memberId);
  writes.identities.set(keyOf(opens.identity), { ...opens.identity, at });
  const { mergedInto } = account;
  if (mergedInto === null) return;
  account.mergedInto = null;
  relink(place, [account.memberId, mergedInto], () => {
    account.mergedInto = mergedInto;
  });
}
