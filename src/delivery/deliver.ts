import type { HandOver, OutgoingMail } from '../contract/email.ts';
import type { Awaited } from '../contract/facts.ts';
import type { PauseReason } from '../contract/flow.ts';
import type { After } from '../contract/message.ts';
import type { ProfileReading } from '../contract/profile.ts';
import type { Rendered } from '../contract/template.ts';
import { parseAddress } from '../core/address.ts';
import { PermanentError, RecipientRefused, TemporaryError } from '../core/errors.ts';
import type { Context, Plan, Prepared } from '../decision/prepare.ts';
import type { GuardKey, Guards } from '../message/rows/guards.ts';
import type { DatedKey } from '../profile/ledger.ts';
import type { Claim, Ending } from './claims.ts';
import { type Attempt, type EndingDeps, endingOf } from './ending.ts';
import { handOverFailure } from './failure.ts';
import { makeMail, type Reservations } from './make-mail.ts';

/** The outside world, as delivery needs it. Each is one function, so that a test can pass a lambda. */
export type Deps = EndingDeps & {
  /** Null when the message isn't ours to send: done, taken, paused or not due. */
  readonly claim: (messageId: string) => Promise<Claim | null>;
  /** True while the claim's lease is surely still ours. */
  readonly holds: (claim: Claim) => boolean;
  /** The attempt is over; its lease need not be renewed. */
  readonly letGo: (claim: Claim) => void;
  /** As of the instant the message is decided at. */
  readonly loadProfile: (key: DatedKey & { readonly brand: string }) => Promise<ProfileReading>;
  /** Whether the ledger has this event. Asked before the profile is read, so that an answer of yes is in it. */
  readonly isApplied: (event: {
    readonly tenant: string;
    readonly source: string;
    readonly id: string;
  }) => Promise<boolean>;
  /** How long a message waits for what it must see, where it doesn't say. */
  readonly waitSeconds: number;
  readonly loadGuards: (key: GuardKey) => Promise<Guards>;
  /** A mail's turn, and codes of pools; null where it needs none. */
  readonly reservations: (
    claim: Claim,
    reading: ProfileReading,
    stage: Pick<Context, 'brand' | 'catalogue'>,
    now: Date,
  ) => Promise<Reservations | null>;
  /**
   * Brand, catalogue and compiled templates for a message, of the version it is made with. Throws PermanentError for an unknown
   * template or brand, TemporaryError `version-unloadable` where that version can't be had here.
   */
  readonly stage: (
    message: Claim['message'],
  ) => Promise<Omit<Context, 'now' | 'address' | keyof Guards>>;
  /** Renders a planned mail where it can do no harm. */
  readonly render: (mail: NonNullable<Plan['mail']>, signal: AbortSignal) => Promise<Rendered>;
  /** @throws PermanentError `too-large`, naming the message, its template and what of the mail is large */
  readonly compose: (
    email: NonNullable<Prepared['email']>,
    message: Pick<Claim['message'], 'id' | 'template'>,
  ) => Buffer;
  readonly handOver: (mail: OutgoingMail, signal: AbortSignal) => Promise<HandOver>;
  /** Records the ending; it keeps trying until it is written. */
  readonly finish: (ending: Ending) => Promise<void>;
  /** The address refuses mail for good, or everybody's may be refused. */
  readonly suppressBounced: (
    tenant: string,
    refused: { readonly address: string; readonly messageId: string; readonly sure: boolean },
  ) => Promise<void>;
  /** Why the message has to wait: something it goes through is paused. Null where it may go. */
  readonly heldFor: (message: Claim['message']) => Promise<PauseReason | null>;
  /** How long it is held then, at most. */
  readonly holdMs: number;
  /** Told of every attempt once its ending is written, and of what it failed with in which step: what flows are paused by. Never throws. */
  readonly learn: (claim: Claim, ending: Ending, failed: FailedIn | null) => Promise<void>;
  /** Told how long each step took, in seconds. */
  readonly observe: (step: Step, seconds: number) => void;
};

export type Step =
  | 'claim'
  | 'after'
  | 'profile'
  | 'guards'
  | 'stage'
  | 'reserve'
  | 'prepare'
  | 'compose'
  | 'recheck'
  | 'hand-over'
  | 'record';

/** In which step an attempt failed, and with what. */
export type FailedIn = { readonly step: Step | null; readonly error: unknown };

/** What became of an attempt, for logs and metrics. */
export type Delivery =
  | { readonly kind: 'not-mine' }
  | ({ readonly kind: 'ended' } & Pick<Ending, 'state' | 'reason' | 'error'> & {
        readonly message: Claim['message'];
      });

/**
 * One attempt at one message: claim, profile, decide and render, re-check, hand over, record. However it fails after the
 * claim, that is recorded: an attempt which just stopped would count as one that may have left a mail behind.
 * @throws only where the claim itself can't be asked for
 */
export async function deliver(
  messageId: string,
  deps: Deps,
  signal: AbortSignal,
): Promise<Delivery> {
  let failedIn: Step | null = null;
  const timed = timer(deps, (step) => {
    failedIn ??= step;
  });
  const claim = await timed('claim', () => deps.claim(messageId));
  if (!claim) return { kind: 'not-mine' };
  const attempt = { ...unfinished, id: claim.message.id, token: claim.token };
  try {
    let failed: FailedIn | null = null;
    const ending = await attemptDelivery(claim, attempt, deps, timed, signal).catch(
      (error: unknown) => {
        failed = { step: failedIn, error };
        return endingOf(error, claim, attempt, deps);
      },
    );
    await timed('record', () => deps.finish(ending));
    await deps.learn(claim, ending, failed);
    const { state, reason, error } = ending;
    return { kind: 'ended', state, reason, error, message: claim.message };
  } finally {
    deps.letGo(claim);
  }
}

const unfinished = {
  reason: null,
  error: null,
  delayMs: null,
  spentTries: 0,
  unknownOutcomes: 0,
  sentTo: null,
  transport: null,
  response: null,
  templateVersion: null,
  decision: null,
  message: null,
} as const;

async function attemptDelivery(
  claim: Claim,
  attempt: Attempt,
  deps: Deps,
  timed: Timed,
  signal: AbortSignal,
): Promise<Ending> {
  const { message } = claim;
  const { tenant, about } = message;
  const held = await deps.heldFor(message);
  if (held) {
    return { ...attempt, state: 'held', reason: held, delayMs: deps.holdMs, at: deps.now() };
  }
  const applied = await timed('after', () => eventApplied(message, deps));
  // One instant for what is read and what is decided: points that lapse in between would be counted by one of them.
  const askedAt = deps.now();
  const reading = forBrand(
    await timed('profile', () =>
      deps.loadProfile({ tenant, brand: message.brand, ...message.to, now: askedAt }),
    ),
    message.brand,
  );
  const now = instantOf(reading, askedAt);
  const address = addressFor(message, reading);
  const guardKey = { tenant, address: address ?? '', about };
  const guards = await timed('guards', () => deps.loadGuards(guardKey));
  const stage = await timed('stage', () => deps.stage(message));
  const reservations = await timed('reserve', () => deps.reservations(claim, reading, stage, now));
  const { decision, email, heldUntil } = await timed('prepare', () =>
    makeMail({ render: (mail) => deps.render(mail, signal), reservations }, message, reading, {
      ...stage,
      ...guards,
      ...reservations?.facts,
      awaited: awaitedOf(claim, applied, reading, deps.waitSeconds),
      address: address ?? '',
      now,
    }),
  );
  if (heldUntil) {
    const delayMs = heldUntil.getTime() - now.getTime();
    return { ...attempt, state: 'held', reason: 'throttled', delayMs, at: deps.now() };
  }
  const decided = {
    ...attempt,
    decision,
    message,
    templateVersion: decision.basis.templateVersion,
  };

  if (decision.kind === 'suppress') {
    return { ...decided, state: 'suppressed', reason: decision.reason, at: deps.now() };
  }
  if (decision.kind === 'hold') {
    return {
      ...decided,
      state: 'held',
      reason: decision.reason,
      delayMs: Math.max(0, decision.until.getTime() - deps.now().getTime()),
      at: deps.now(),
    };
  }
  if (address === undefined || !email) {
    throw new PermanentError(
      'no-address',
      'the member has no mail address and the message names none',
    );
  }

  const mime = await timed('compose', () => deps.compose(email, message));
  const mayGo = async () => {
    const latest = await timed('recheck', () => deps.loadGuards(guardKey));
    if (changed(guards, latest) || expiredMeanwhile(message, deps.now())) {
      // Something was cancelled or suppressed while the mail was made: decide anew, with what is known now.
      throw new TemporaryError(
        'changed-meanwhile',
        'a suppression or cancellation arrived while the mail was made',
      );
    }
  };
  const envelope = { from: email.from.address, to: address };
  const handedOver = await handOver(
    { messageId: message.id, envelope, mime },
    claim,
    mayGo,
    deps,
    timed,
    signal,
  );
  return { ...decided, state: 'sent', ...handedOver, sentTo: address, at: deps.now() };
}

/** What was asked longer ago is asked again when the mail's turn comes. */
const recentMs = 100;

/** Hands a mail over that may go: now, and when its turn comes. */
async function handOver(
  mail: OutgoingMail,
  claim: Claim,
  mayGo: () => Promise<void>,
  deps: Deps,
  timed: Timed,
  signal: AbortSignal,
): Promise<HandOver> {
  await mayGo();
  let askedAt = performance.now();
  /** Why it may not go, or couldn't be asked: then nothing of it went out. */
  let against: { readonly error: unknown } | undefined;
  const lastLook = async () => {
    try {
      if (!deps.holds(claim))
        throw new TemporaryError(
          'lease-lost',
          'this worker was stalled for so long that its claim ran out',
        );
      const at = performance.now();
      if (at - askedAt <= recentMs) return;
      askedAt = at;
      await mayGo();
    } catch (error) {
      against = { error };
      throw error;
    }
  };
  await lastLook();
  try {
    return await timed('hand-over', () => deps.handOver({ ...mail, lastLook }, signal));
  } catch (error) {
    if (against?.error === error) throw error;
    if (error instanceof RecipientRefused) {
      const { sure } = error;
      const { to: address } = mail.envelope;
      const { tenant, id: messageId } = claim.message;
      await deps.suppressBounced(tenant, { address, messageId, sure });
    }
    throw handOverFailure(error);
  }
}

/** Whether the event the message names was applied; null where it names none. */
async function eventApplied(
  { tenant, after }: Claim['message'],
  deps: Deps,
): Promise<boolean | null> {
  if (!after || !('eventId' in after)) return null;
  return deps.isApplied({ tenant, source: after.source, id: after.eventId });
}

function awaitedOf(
  { message: { after }, waitedMs }: Claim,
  applied: boolean | null,
  reading: ProfileReading,
  waitSeconds: number,
): Awaited | null {
  if (!after) return null;
  const version = reading.kind === 'member' ? reading.profile.ledgerVersion : 0;
  return {
    what: whatOf(after),
    applied: 'eventId' in after ? applied === true : version >= after.ledgerVersion,
    waitedMs,
    waitMs: (after.waitSeconds ?? waitSeconds) * 1000,
  };
}

const whatOf = (after: After) =>
  'eventId' in after
    ? `event ${after.eventId} of ${after.source}`
    : `ledger version ${after.ledgerVersion}`;

/** What the ledger was told a moment after it was asked is read as of then. */
function instantOf(reading: ProfileReading, asked: Date): Date {
  if (reading.kind !== 'member') return asked;
  return new Date(Math.max(asked.getTime(), Date.parse(reading.profile.asOf)));
}

/** The profile a mail of this brand may be made from: another brand's member is nobody here. */
function forBrand(reading: ProfileReading, brand: string): ProfileReading {
  return reading.kind === 'member' && reading.profile.brand !== brand
    ? { kind: 'guest', why: 'unknown-member' }
    : reading;
}

/** The one address the mail goes to: what the message names, else the member's own. Checked again, whoever stored it. */
function addressFor({ to }: Claim['message'], reading: ProfileReading): string | undefined {
  const wanted = to.email ?? ownAddress(reading);
  if (wanted === null) return undefined;
  const parsed = parseAddress(wanted);
  if (parsed.kind === 'ok') return parsed.value.address;
  throw new PermanentError('bad-address', `the recipient's address ${parsed.message}`);
}

function ownAddress(reading: ProfileReading): string | null {
  if (reading.kind === 'member') return reading.profile.email;
  return reading.kind === 'guest' && reading.why === 'not-known-now' ? reading.email : null;
}

function changed(before: Guards, after: Guards): boolean {
  return (
    before.suppression?.scope !== after.suppression?.scope ||
    before.cancelled.size !== after.cancelled.size
  );
}

const expiredMeanwhile = ({ expiresAt }: Claim['message'], now: Date) =>
  expiresAt !== undefined && now >= expiresAt;

type Timed = <Value>(step: Step, work: () => Value | Promise<Value>) => Promise<Value>;

function timer({ observe }: Deps, onFailure: (step: Step) => void): Timed {
  return async (step, work) => {
    const start = performance.now();
    try {
      return await work();
    } catch (error) {
      onFailure(step);
      throw error;
    } finally {
      observe(step, (performance.now() - start) / 1000);
    }
  };
}
