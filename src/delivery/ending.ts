import type { Claim, Ending } from './claims.ts';
import { classifyFailure, faultText, isForeseen } from './failure.ts';

export type EndingDeps = {
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

/** Decided anew soon, when the job of this attempt is gone. */
const soonMs = 1_000;

/** How an attempt ends that failed. */
export function endingOf(
  error: unknown,
  { message, tries, claims }: Claim,
  attempt: Attempt,
  deps: EndingDeps,
): Ending {
  const { means } = classifyFailure(error, deps.isOutage);
  const told = {
    ...attempt,
    ...(isForeseen(error)
      ? { reason: error.code, error: error.message }
      : { reason: 'interrupted', error: faultText(error) }),
    at: deps.now(),
  };
  // Nothing was handed over: whatever fails there is foreseen.
  if (!isForeseen(error)) deps.onFault(error, message.id);
  const isLast = tries + 1 >= deps.maxTries;
  const retried = {
    ...told,
    spentTries: 1,
    delayMs: deps.backoff(tries),
    state: 'queued',
  } as const;
  switch (means) {
    case 'again-soon':
      return { ...told, state: 'queued', delayMs: soonMs };
    case 'again':
      return { ...told, state: 'queued', delayMs: deps.backoff(claims) };
    case 'retry':
      if (!isLast) return retried;
      return { ...told, state: 'failed', reason: 'tries-exhausted', spentTries: 1 };
    case 'mistake':
      if (!isLast) return retried;
      return { ...told, state: 'quarantined', reason: 'internal-error', spentTries: 1 };
    case 'unknown': {
      const unknown = { ...told, state: 'quarantined', unknownOutcomes: 1 } as const;
      if (deps.onUnknown(message.template) === 'quarantine')
        return { ...unknown, reason: 'unknown-outcome' };
      if (isLast) return { ...unknown, reason: 'tries-exhausted', spentTries: 1 };
      return { ...retried, unknownOutcomes: 1 };
    }
    case 'failed':
    case 'quarantined':
      return { ...told, state: means };
    default:
      return means satisfies never;
  }
}
