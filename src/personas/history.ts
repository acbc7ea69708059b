import type { LedgerEvent } from '../ledger/events.ts';
import { canonicalOf, keyOf } from '../ledger/identity/identity.ts';
import { parseEvent } from '../ledger/plan.ts';
import { type SourceProblem, TemplateError } from '../render/source/problems.ts';

/** One event of a persona's, and where it stands. */
export type ToldEvent = {
  readonly event: LedgerEvent;
  /** Milliseconds. */
  readonly at: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
};

/**
 * Reads `events.ndjson`, one event a line, into order of time.
 * @throws TemplateError with every line that is no event
 */
export function readHistory(source: string, file: string): ToldEvent[] {
  const problems: SourceProblem[] = [];
  const events = source.split('\n').flatMap((raw, index): ToldEvent[] => {
    const text = raw.trim();
    if (text === '') return [];
    const line = index + 1;
    const json = jsonIn(text);
    if (json instanceof Error) {
      problems.push({ file, line, message: `is not JSON: ${json.message}` });
      return [];
    }
    const parsed = parseEvent(json.value);
    if (parsed.kind === 'event')
      return [{ event: parsed.event, at: Date.parse(parsed.event.at), file, line, text }];
    if (parsed.result.kind === 'refused')
      problems.push(...parsed.result.problems.map((problem) => ({ file, line, ...problem })));
    return [];
  });
  if (problems.length > 0) throw new TemplateError(problems);
  return events.toSorted((one, other) => one.at - other.at);
}

function jsonIn(text: string): { readonly value: unknown } | Error {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * What makes up each member's history: her own events and those of whoever she shares an identity, an account or a
 * purchase with, for one can change the other; product data, too, which concerns everybody.
 */
export function historiesIn(
  events: readonly ToldEvent[],
): (who: Recipient) => readonly ToldEvent[] {
  const parents = new Map<string, string>();
  const groupOf = (key: string): string => {
    const parent = parents.get(key);
    if (parent === undefined || parent === key) return key;
    const group = groupOf(parent);
    parents.set(key, group);
    return group;
  };
  const keyed = events.map((told) => ({ told, keys: keysOf(told.event) }));
  for (const { keys } of keyed)
    for (const key of keys) parents.set(groupOf(key), groupOf(keys[0] ?? key));
  const shared: ToldEvent[] = [];
  const groups = new Map<string, ToldEvent[]>();
  for (const { told, keys } of keyed) {
    const [key] = keys;
    if (key === undefined) {
      shared.push(told);
      for (const group of groups.values()) group.push(told);
      continue;
    }
    const group = groups.get(groupOf(key)) ?? [...shared];
    group.push(told);
    groups.set(groupOf(key), group);
  }
  return (who) =>
    groups.get(groupOf('memberId' in who ? memberKey(who.memberId) : addressKey(who.email))) ??
    shared;
}

/** Whom a mail goes to: a member, or whoever an address belongs to. */
export type Recipient = { readonly memberId: string } | { readonly email: string };

const memberKey = (memberId: string) => `member ${memberId}`;
const addressKey = (value: string) => keyOf(canonicalOf({ kind: 'email', value }));

/** Everything by which an event can touch somebody's account; nothing where it touches all. */
function keysOf(event: LedgerEvent): string[] {
  const found: string[] = [];
  if ('memberId' in event && event.memberId !== undefined) found.push(memberKey(event.memberId));
  if ('otherMemberId' in event && event.otherMemberId !== undefined)
    found.push(memberKey(event.otherMemberId));
  if ('identity' in event && event.identity) found.push(keyOf(canonicalOf(event.identity)));
  if ('identities' in event) found.push(...event.identities.map((one) => keyOf(canonicalOf(one))));
  if ('email' in event && typeof event.email === 'string') found.push(addressKey(event.email));
  if ('orderId' in event && event.orderId !== undefined) found.push(`order ${event.orderId}`);
  if ('bookingId' in event) found.push(`booking ${event.bookingId}`);
  return found;
}
