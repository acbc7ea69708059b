import type { Decision } from '../src/contract/decision.ts';
import type { Email } from '../src/contract/email.ts';
import type { Message } from '../src/contract/message.ts';
import type { ProfileReading } from '../src/contract/profile.ts';
import { type Context, plan, prepare, type Prepared } from '../src/decision/prepare.ts';
import { composeMime } from '../src/render/mime/mime.ts';

export type PreviewInput = {
  readonly message: Message;
  readonly reading: ProfileReading;
  /** Everything the worker would know; suppressions and cancellations only where they are to be tried. */
  readonly context: Omit<Context, 'suppression' | 'cancelled'> &
    Partial<Pick<Context, 'suppression' | 'cancelled'>>;
};

export type PreviewOutput = {
  readonly decision: Decision;
  readonly email: Email | null;
  /** What was rendered, and with what; null where nothing is sent. */
  readonly rendered: NonNullable<Prepared['rendered']> | null;
  /** The mail's bytes, exactly as a transport would be handed them; null where nothing is sent. */
  readonly mime: Buffer | null;
  /** Milliseconds. */
  readonly timings: { readonly prepare: number; readonly compose: number };
};

/**
 * One mail, made by the very functions the worker calls: the same message, profile, catalogue and instant give the same
 * decision and the same bytes.
 * @throws what `prepare` throws
 */
export function renderPreview({ message, reading, context }: PreviewInput): PreviewOutput {
  const start = performance.now();
  const { decision, email, rendered } = prepare(message, reading, {
    suppression: null,
    cancelled: new Map(),
    ...context,
  });
  const prepared = performance.now();
  const mime = email ? composeMime(email, message.id) : null;
  return {
    decision,
    email: email ?? null,
    rendered: rendered ?? null,
    mime,
    timings: { prepare: prepared - start, compose: performance.now() - prepared },
  };
}

/** The decision alone, where many are to be compared: everything but the writing of the mail. */
export function previewDecision({ message, reading, context }: PreviewInput): Decision {
  return plan(message, reading, { suppression: null, cancelled: new Map(), ...context }).decision;
}
