import type { Problem } from '../core/errors.ts';
import { problemsOf } from '../core/problems.ts';
import {
  type BrandOf,
  eventKey,
  type EventResult,
  idOfPurchase,
  type Known,
  noWrites,
  type Step,
  type Writes,
} from './batch.ts';
import { upsertProduct, withProductData } from './catalogue/products.ts';
import { LedgerEvent } from './events.ts';
import { rootOf, touch } from './identity/accounts.ts';
import { accountOf, open } from './identity/plan-account.ts';
import {
  confirmLink,
  disputeLink,
  type Linked,
  linkIdentity,
  mergeMembers,
  unlinkIdentity,
  unmergeMembers,
} from './identity/plan-links.ts';
import { describeMember, eraseMember } from './identity/plan-members.ts';
import { movePoints } from './points/plan-points.ts';
import { claimReward, engage } from './programme/plan-engagement.ts';
import { changeTier, grantBonus, noteFact } from './programme/plan-rewards.ts';
import { note, retell, tell } from './purchase/tell.ts';

export type Parsed =
  | { readonly kind: 'event'; readonly event: LedgerEvent }
  | { readonly kind: 'refused'; readonly result: Extract<EventResult, { kind: 'refused' }> };

/** Clocks may differ by that much: a sender's time zone, taken for another. */
const aheadMs = 86_400_000;

/**
 * Checks one event as it came in; what is wrong is named by its field, such as `lines[0].unitPrice`.
 * @param now nothing happens more than a day after it; left out: whenever
 */
export function parseEvent(input: unknown, now?: Date): Parsed {
  const parsed = LedgerEvent.safeParse(input, { reportInput: true });
  if (parsed.success) {
    const { source, id, at } = parsed.data;
    if (now === undefined || Date.parse(at) <= now.getTime() + aheadMs)
      return { kind: 'event', event: parsed.data };
    const message = 'is in the future; is the clock or the time zone of whoever says so right?';
    return {
      kind: 'refused',
      result: { source, id, kind: 'refused', problems: [{ path: 'at', message }] },
    };
  }
  const said = (name: string) => {
    const value: unknown =
      typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined;
    return typeof value === 'string' ? value : null;
  };
  return {
    kind: 'refused',
    result: {
      source: said('source'),
      id: said('id'),
      kind: 'refused',
      problems: problemsOf(parsed.error),
    },
  };
}

/**
 * Decides, event by event in their order, what each leaves behind. Pure but for `known`, which it carries along, so
 * that a batch comes to the same as its events one at a time.
 */
export function plan(
  events: readonly LedgerEvent[],
  known: Known,
  brandOf: BrandOf,
): { readonly results: EventResult[]; readonly writes: Writes } {
  const writes = noWrites();
  const results = events.map((event): EventResult => {
    const { source, id } = event;
    const before = known.applied.get(eventKey(source, id));
    if (before) {
      const version = versionOf(known, before.memberId, before.ledgerVersion);
      return { source, id, kind: 'duplicate', ...before, ledgerVersion: version };
    }
    writes.touched.clear();
    writes.raised.length = 0;
    const outcome = applyOne(event, known, writes, brandOf);
    if (outcome.kind === 'refused') return { source, id, ...outcome };
    const { memberId, ledgerVersion } = outcome;
    known.applied.set(eventKey(source, id), { memberId, ledgerVersion });
    const document =
      outcome.kind === 'applied' ? outcome.event : outcome.why === 'member-erased' ? null : event;
    const others = [...writes.touched].filter((one) => one !== memberId);
    const raised = writes.raised.filter((one) => one !== memberId);
    writes.events.push({
      source,
      id,
      memberId,
      type: event.type,
      at: event.at,
      ledgerVersion,
      also: others.length > 0 ? others : null,
      raised: raised.length > 0 ? raised : null,
      document,
    });
    return outcome.kind === 'ignored'
      ? { source, id, kind: 'ignored', why: outcome.why }
      : {
          source,
          id,
          kind: 'applied',
          memberId,
          ledgerVersion: versionOf(known, memberId, ledgerVersion),
        };
  });
  return { results, writes };
}

/** An account's version, or that of the member it is merged into: whoever waits for it looks at her profile. */
function versionOf(known: Known, memberId: string | null, own: number): number {
  if (memberId === null || !known.members.has(memberId)) return own;
  const root = rootOf(known, memberId);
  return root.memberId === memberId ? own : root.ledgerVersion;
}

type Outcome =
  | {
      readonly kind: 'applied';
      readonly memberId: string | null;
      readonly ledgerVersion: number;
      /** What was applied: the event as it came, complete. */
      readonly event: LedgerEvent;
    }
  | {
      readonly kind: 'ignored';
      readonly why: Extract<EventResult, { kind: 'ignored' }>['why'];
      readonly memberId: string | null;
      readonly ledgerVersion: number;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

const refused = (path: string, message: string): Outcome => ({
  kind: 'refused',
  problems: [{ path, message }],
});

function applyOne(event: LedgerEvent, known: Known, writes: Writes, brandOf: BrandOf): Outcome {
  if (event.type === 'product.upserted') {
    if (!brandOf(event.brand)) return refused('brand', `brand "${event.brand}" is not configured`);
    upsertProduct(event, known, writes);
    return { kind: 'applied', memberId: null, ledgerVersion: 0, event };
  }
  const found = accountOf(event, known, brandOf);
  if (found.kind === 'refused') return found;
  if (found.kind === 'nobody') {
    if (!cancelOnly(event, known, writes))
      return refused('memberId', 'unknown member; send member.enrolled first');
    // A guest's: there is no ledger to change, but its messages must stop.
    return { kind: 'applied', memberId: null, ledgerVersion: 0, event };
  }
  const { account: member, opens } = found;
  const { memberId } = member;
  if (member.status === 'erased') {
    stopMessages(event, writes);
    return { kind: 'ignored', why: 'member-erased', memberId, ledgerVersion: member.ledgerVersion };
  }
  if (!brandOf(member.brand))
    return refused(opens ? 'brand' : 'memberId', `brand "${member.brand}" is not configured`);

  const ledgerVersion = member.ledgerVersion + 1;
  const complete = withProductData(opens?.event ?? event, member.brand, known);
  if (opens) known.members.set(memberId, member);
  const problems = dispatch({ event: complete, member, ledgerVersion, known, writes, brandOf });
  if (typeof problems === 'string')
    return { kind: 'ignored', why: problems, memberId, ledgerVersion: member.ledgerVersion };
  if (problems.length > 0) {
    if (opens) known.members.delete(memberId);
    return { kind: 'refused', problems };
  }
  open(found, { known, writes, at: event.at });
  // A change of links may have given it a version already.
  member.ledgerVersion = Math.max(member.ledgerVersion, ledgerVersion);
  // Which accounts are one person is no fact about any of them.
  if (!isAboutLinks(event)) member.asOf = Math.max(member.asOf, Date.parse(event.at));
  writes.members.add(memberId);
  const root = rootOf(known, memberId);
  if (root !== member) touch(root, writes);
  return { kind: 'applied', memberId, ledgerVersion: member.ledgerVersion, event: complete };
}

/** What was cancelled of nobody we know: its messages stop, and it is kept for the purchase, should that be told. */
function cancelOnly(event: LedgerEvent, known: Known, writes: Writes): boolean {
  if (event.type === 'order.cancelled' || event.type === 'booking.cancelled')
    note(known, writes, idOfPurchase(event), { event, account: null });
  return stopMessages(event, writes);
}

function stopMessages(event: LedgerEvent, writes: Writes): boolean {
  const subjects = cancelledBy(event);
  for (const subject of subjects) writes.subjects.push({ subject, at: event.at });
  return subjects.length > 0;
}

function cancelledBy(event: LedgerEvent): readonly string[] {
  if (event.type === 'subject.cancelled') return [event.subject];
  if (event.type === 'order.cancelled') return [`order:${event.orderId}`, ...event.subjects];
  return event.type === 'booking.cancelled' ? [`trip:${event.bookingId}`, ...event.subjects] : [];
}

/** Which accounts are one person. */
export const isAboutLinks = ({ type }: { readonly type: string }): boolean =>
  /^(?:identity|members|link)\./.test(type);

/** Has `step.event` narrowed along with the step itself, which TypeScript doesn't do for a generic. */
const as = <Type extends LedgerEvent['type']>(
  step: Step,
  event: Extract<LedgerEvent, { type: Type }>,
): Step<Type> => ({ ...step, event });

/** Points moved by themselves; also for a purchase, whose cancellation then takes them back. */
function moved(step: Parameters<typeof movePoints>[0]): Linked {
  const problems = movePoints(step);
  if (problems.length === 0 && 'ref' in step.event && step.event.ref !== undefined)
    retell(step, step.event.ref);
  return problems;
}

function dispatch(step: Step): Linked {
  const { event } = step;
  switch (event.type) {
    case 'member.enrolled':
    case 'member.updated':
      return describeMember(as(step, event));
    case 'member.erased':
      return eraseMember(as(step, event));
    case 'identity.linked':
      return linkIdentity(as(step, event));
    case 'identity.unlinked':
      return unlinkIdentity(as(step, event));
    case 'members.merged':
      return mergeMembers(as(step, event));
    case 'members.unmerged':
      return unmergeMembers(as(step, event));
    case 'link.disputed':
      return disputeLink(as(step, event));
    case 'link.confirmed':
      return confirmLink(as(step, event));
    case 'order.placed':
    case 'booking.made':
    case 'order.changed':
    case 'booking.changed':
    case 'booking.cancelled':
    case 'order.paid':
    case 'order.fulfilled':
    case 'order.refunded':
    case 'order.cancelled':
      return tell(as(step, event));
    case 'engagement.recorded':
      return engage(as(step, event));
    case 'reward.claimed':
      return claimReward(as(step, event));
    case 'points.earned':
    case 'points.activated':
    case 'points.adjusted':
    case 'points.spent':
    case 'points.expired':
    case 'points.locked':
    case 'points.released':
      return moved(as(step, event));
    case 'bonus.granted':
      return grantBonus(as(step, event));
    case 'tier.changed':
      return changeTier(as(step, event));
    case 'subject.cancelled':
      stopMessages(event, step.writes);
      return [];
    case 'consent.changed':
    case 'coupon.issued':
    case 'coupon.redeemed':
    case 'coupon.disabled':
    case 'coupon.expired':
    case 'bonus.used':
    case 'offer.redeemed':
    case 'signal.observed':
      noteFact(as(step, event));
      return [];
    case 'product.upserted':
      return [{ path: 'type', message: 'is not counted by this version yet' }];
    default:
      return event satisfies never;
  }
}
