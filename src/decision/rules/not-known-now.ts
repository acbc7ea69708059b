import type { Finding } from '../../contract/decision.ts';
import type { Facts } from '../../contract/facts.ts';
import type { ProfileReading } from '../../contract/profile.ts';
import { hide, type MessageRule, pass, suppress, type Unknown, type Verdict } from './rule.ts';

const [soonestMs, latestMs] = [30_000, 300_000];

/** Looked at again after half the time it has waited already: soon at first, every five minutes in a long outage. */
function again({ message, now }: Facts): Date {
  const due = message.sendAt ?? message.acceptedAt;
  const waited = (now.getTime() - due.getTime()) / 2;
  return new Date(now.getTime() + Math.min(latestMs, Math.max(soonestMs, waited)));
}

/** What is missing, and which sources failed to tell it. */
export function notKnown({ reading }: Facts, what: string): Finding {
  const failing = (reading.composed?.sources ?? [])
    .filter(({ state, problems }) => state === 'down' || state === 'garbage' || problems)
    .map(({ source, state, why }) => `${source}: ${why ?? state}`);
  return {
    actual: failing.length > 0 ? failing : 'no source tells it',
    needed: what,
    flip: { text: 'The profile source answers.' },
  };
}

/** A message waits for what a failing source would tell; it ends where nothing failed and nobody knows. */
export function waitFor(facts: Facts, what: string): Verdict {
  return facts.reading.composed?.failing
    ? { outcome: 'hold', reason: 'not-known-now', until: again(facts), ...notKnown(facts, what) }
    : suppress('not-known-now', notKnown(facts, what));
}

/** A part of a mail is left out. */
export const leaveOut = (facts: Facts, what: string): Verdict =>
  hide('not-known-now', notKnown(facts, what));

export const messageWaits =
  (facts: Facts): Unknown =>
  (field) =>
    waitFor(facts, field);
export const partIsLeftOut =
  (facts: Facts): Unknown =>
  (field) =>
    leaveOut(facts, field);

/** A member of whom nothing can be said now. */
export const isNeutral = (reading: ProfileReading): boolean =>
  reading.kind === 'guest' && reading.why === 'not-known-now';

/** Waits for a profile source whose settings say `required: hold`; costs the message no try. */
export const requiredSource: MessageRule = {
  name: 'required-source',
  version: 1,
  check: (facts) => {
    const source = facts.reading.composed?.waitsFor ?? null;
    return source === null ? pass() : waitFor(facts, `what ${source} tells`);
  },
};
