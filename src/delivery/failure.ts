import {
  IndeterminateError,
  PermanentError,
  RecipientRefused,
  TemporaryError,
} from '../core/errors.ts';
import type { Claim, Ending } from './claims.ts';

export type FailureDeps = {
  readonly onUnknown: (template: string) => 'resend' | 'quarantine';
  readonly now: () => Date;
  /** Milliseconds to wait before the next attempt, by attempts made. */
  readonly backoff: (tries: number) => number;
  readonly maxTries: number;
  /** Whether the error is about the way to Postgres and not about this message. */
  readonly isOutage: (error: unknown) => boolean;
  /** Told of what should not happen, for the log. */
  readonly onFault: (error: unknown, messageId: string) => void;
};

/** What is known of an attempt before it ends. */
export type Attempt = Omit<Ending, 'state' | 'at'>;

/** A failed hand-over, as what it says about the mail: where nobody foresaw it, nobody knows whether the mail left. */
export const meaningOf = (error: unknown): unknown =>
  error instanceof TemporaryError ||
  error instanceof PermanentError ||
  error instanceof IndeterminateError
    ? error
    : new IndeterminateError('unexpected', faultText(error));

/** What kind of fault it was; its own words may quote a person's data. */
function faultText(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  return `something failed inside Laurel (${name}${code}); its log says more`;
}

/** Decided anew soon, when the job of this attempt is gone: nothing failed, something changed. */
const soonMs = 1_000;
export const notItsFault: ReadonlySet<string> = new Set([
  'changed-meanwhile',
  'lease-lost',
  'aborted',
  'closed',
]);

/** The way out is closed to every message, or nothing can be rendered, or not with this version: an outage costs no message its tries, however long it lasts. */
export const everybodysFault: ReadonlySet<string> = new Set([
  'smtp-unreachable',
  'smtp-auth',
  'smtp-tls',
  'smtp-421',
  'sender-refused',
  'relay-denied',
  'outbox-unwritable',
  'render-thread-lost',
  'version-unloadable',
]);

/** Which ending a failure means. */
export function endingOf(
  error: unknown,
  claim: Claim,
  attempt: Attempt,
  deps: FailureDeps,
): Ending {
  const at = deps.now();
  if (error instanceof TemporaryError) {
    const again = { ...attempt, reason: error.code, error: error.message, at };
    if (notItsFault.has(error.code)) {
      return { ...again, state: 'queued', delayMs: soonMs };
    }
    if (everybodysFault.has(error.code)) {
      return {
        ...again,
        state: 'queued',
        delayMs: deps.backoff(claim.claims),
      };
    }
    if (claim.tries + 1 >= deps.maxTries)
      return { ...again, state: 'failed', reason: 'tries-exhausted', spentTries: 1 };
    return { ...again, state: 'queued', spentTries: 1, delayMs: deps.backoff(claim.tries) };
  }
  if (error instanceof IndeterminateError) {
    const unknown = { ...attempt, error: error.message, unknownOutcomes: 1 as const, at };
    if (deps.onUnknown(claim.message.template) === 'quarantine') {
      return { ...unknown, state: 'quarantined', reason: 'unknown-outcome' };
    }
    if (claim.tries + 1 >= deps.maxTries)
      return { ...unknown, state: 'quarantined', reason: 'tries-exhausted', spentTries: 1 };
    return {
      ...unknown,
      state: 'queued',
      reason: error.code,
      spentTries: 1,
      delayMs: deps.backoff(claim.tries),
    };
  }
  if (error instanceof PermanentError) {
    // What the other side refused is over; what we couldn't make may be made right and put back in line.
    const state =
      error instanceof RecipientRefused || error.code.startsWith('smtp-')
        ? 'failed'
        : 'quarantined';
    return { ...attempt, state, reason: error.code, error: error.message, at };
  }
  // Nothing was handed over: whatever fails there is one of the above.
  deps.onFault(error, claim.message.id);
  const fault = { ...attempt, error: faultText(error), at };
  const again = { ...fault, state: 'queued' as const, reason: 'interrupted' };
  if (deps.isOutage(error)) return { ...again, delayMs: soonMs };
  if (claim.tries + 1 >= deps.maxTries)
    return { ...fault, state: 'quarantined', reason: 'internal-error', spentTries: 1 };
  return { ...again, spentTries: 1, delayMs: deps.backoff(claim.tries) };
}
